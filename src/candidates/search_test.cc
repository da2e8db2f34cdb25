#include "candidates/search.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "candidates/testing.h"

namespace emplace::candidates {
namespace {

using namespace testing_text;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// --- one provider -------------------------------------------------------------------------------

TEST(Candidates, AreTheHostsThatHaveAllThatIsAskedFor) {
  const World world = parse_world(
      "cn1 VCPU=8 MEMORY_MB=1024\n"
      "cn2 VCPU=8 MEMORY_MB=1024 used VCPU=7\n"
      "cn3 VCPU=8\n"
      "cn4 VCPU=8 MEMORY_MB=1024 used VCPU=6\n");
  EXPECT_THAT(
      search(world, ask("VCPU:2 MEMORY_MB:512")),
      UnorderedElementsAre("cn1 MEMORY_MB=512, cn1 VCPU=2", "cn4 MEMORY_MB=512, cn4 VCPU=2"));
}

TEST(Candidates, KeepToReservedRatioMinMaxAndStep) {
  const World world = parse_world(
      "plain VCPU=4\n"
      "reserved VCPU=4/reserved=1\n"
      "ratio VCPU=3/ratio=1.5\n"
      "fraction VCPU=3/ratio=1.3\n"
      "min VCPU=9/min=5\n"
      "max VCPU=9/max=3\n"
      "step VCPU=9/step=3\n"
      "even VCPU=9/step=2\n");
  EXPECT_THAT(search(world, ask("VCPU:4")),
              UnorderedElementsAre("plain VCPU=4", "ratio VCPU=4", "even VCPU=4"));
}

TEST(Candidates, OfNothingAreNone) {
  const World world = parse_world("cn1 VCPU=8\n");
  EXPECT_THAT(search(world, Query{}), IsEmpty());
  EXPECT_THAT(search(World{}, Query{}), IsEmpty());
}

// --- trees --------------------------------------------------------------------------------------

constexpr const char* numa =
    "cn1 DISK_GB=100 in:rack\n"
    "  numa0 VCPU=4 MEMORY_MB=1024 trait:HW_NUMA_ROOT trait:FAST\n"
    "    gpu0 VGPU=1 trait:SMALL\n"
    "  numa1 VCPU=4 MEMORY_MB=1024 trait:HW_NUMA_ROOT in:half\n"
    "    gpu1 VGPU=1\n"
    "cn2 DISK_GB=100 VCPU=4\n";

TEST(Unsuffixed, IsSpreadOverATree) {
  EXPECT_THAT(search(parse_world(numa), ask("DISK_GB:1 VCPU:1")),
              UnorderedElementsAre("cn1 DISK_GB=1, numa0 VCPU=1", "cn1 DISK_GB=1, numa1 VCPU=1",
                                   "cn2 DISK_GB=1, cn2 VCPU=1"));
}

TEST(Unsuffixed, HasRequiredTraitsAmongItsProvidersTogether) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, ask("VCPU:1 VGPU:1 +FAST +SMALL")),
              UnorderedElementsAre("gpu0 VGPU=1, numa0 VCPU=1"));
  EXPECT_THAT(search(world, ask("VCPU:1 VGPU:1 +FAST|SMALL")), SizeIs(3));
  EXPECT_THAT(search(world, ask("VCPU:1 VGPU:1 +HW_NUMA_ROOT +SMALL")), SizeIs(2));
}

TEST(Unsuffixed, HasForbiddenTraitsOnNoneOfItsProviders) {
  EXPECT_THAT(search(parse_world(numa), ask("VCPU:1 VGPU:1 !FAST !SMALL")),
              ElementsAre("gpu1 VGPU=1, numa1 VCPU=1"));
}

TEST(Unsuffixed, HasMoreRequiredTraitsThanFitIntoAWord) {
  std::string text = "cn1 VCPU=1";
  std::string query = "VCPU:1 DISK_GB:1";
  for (int i = 0; i < 70; ++i) {
    const auto name = std::string("T").append(std::to_string(i));
    if (i < 69) text += " trait:" + name;
    query += " +" + name;
  }
  const World world = parse_world(text + "\n  with DISK_GB=9 trait:T69\n  without DISK_GB=9\n");
  EXPECT_THAT(search(world, ask(query)), ElementsAre("cn1 VCPU=1, with DISK_GB=1"));
}

TEST(Unsuffixed, IsMemberByTheProviderOrItsRoot) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, ask("VCPU:1 in:rack")), SizeIs(2));
  EXPECT_THAT(search(world, ask("VCPU:1 in:half")), ElementsAre("numa1 VCPU=1"));
  EXPECT_THAT(search(world, ask("VCPU:1 in:rack in:half")), IsEmpty());
  EXPECT_THAT(search(world, ask("VCPU:1 in:half|unheard_of")), SizeIs(1));
  EXPECT_THAT(search(world, ask("VCPU:1 !in:rack")), ElementsAre("cn2 VCPU=1"));
  EXPECT_THAT(search(world, ask("VCPU:1 !in:half")), SizeIs(2));
}

TEST(Suffixed, IsMemberByTheProviderItself) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 in:rack")})), IsEmpty());
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 in:half")})), ElementsAre("numa1 VCPU=1"));
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 !in:rack")})), SizeIs(3));
}

TEST(Suffixed, TakesAllFromOneProvider) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 MEMORY_MB:1")})), SizeIs(2));
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 DISK_GB:1")})), SizeIs(1));
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 +FAST +HW_NUMA_ROOT")})),
              ElementsAre("numa0 VCPU=1"));
}

TEST(InTree, KeepsToTheTreeOfAnyOfItsProviders) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, ask("VCPU:1 tree:gpu1")), SizeIs(2));
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1 tree:cn2")})), ElementsAre("cn2 VCPU=1"));
  EXPECT_THAT(search(world, ask("VCPU:1 tree:nowhere")), IsEmpty());
}

TEST(RootRequired, LooksAtTheRootAlone) {
  const World world = parse_world(
      "cn1 DISK_GB=9 trait:A\n"
      "  child1 VCPU=1 trait:B\n"
      "cn2 VCPU=1 trait:B\n");
  auto query = ask("VCPU:1");
  query.root_traits.any_of = {{"A"}};
  EXPECT_THAT(search(world, query), ElementsAre("child1 VCPU=1"));
  query.root_traits = {{}, {"B"}};
  EXPECT_THAT(search(world, query), ElementsAre("child1 VCPU=1"));
  query.root_traits = {{{"B"}}, {"A"}};
  EXPECT_THAT(search(world, query), ElementsAre("cn2 VCPU=1"));
}

// --- several groups -----------------------------------------------------------------------------

TEST(Groups, MayMeetOnAProviderUnlessIsolated) {
  const World world = parse_world("cn\n  pf0 VF=4\n  pf1 VF=4\n");
  const auto query = ask({group("1", "VF:1"), group("2", "VF:2")});
  EXPECT_THAT(search(world, query), UnorderedElementsAre("pf0 VF=3", "pf0 VF=1, pf1 VF=2",
                                                         "pf0 VF=2, pf1 VF=1", "pf1 VF=3"));
  EXPECT_THAT(search(world, isolated(query)),
              UnorderedElementsAre("pf0 VF=1, pf1 VF=2", "pf0 VF=2, pf1 VF=1"));
}

TEST(Groups, MayMeetTheUnsuffixedGroupAlsoIfIsolated) {
  const World world = parse_world("cn VCPU=4\n");
  const auto query = isolated(ask({group("", "VCPU:1"), group("1", "VCPU:2")}));
  EXPECT_THAT(search(world, query), ElementsAre("cn VCPU=3"));
}

TEST(Groups, FitTogetherIntoCapacityAndMaxUnit) {
  const World world = parse_world("cn\n  pf0 VF=4 used VF=2\n  pf1 VF=8/max=2\n");
  EXPECT_THAT(search(world, ask({group("1", "VF:1"), group("2", "VF:2")})),
              UnorderedElementsAre("pf0 VF=1, pf1 VF=2", "pf0 VF=2, pf1 VF=1"));
}

// Upstream adds to amounts that candidates share, and so asks for more and more.
TEST(Groups, OfOneClassKeepTheirAmountsInEachCandidate) {
  const World world = parse_world("cn\n  pf0 VF=8\n  pf1 VF=8\n  pf2 VF=8\n");
  for (const auto policy : {GroupPolicy::none, GroupPolicy::isolate}) {
    auto query = ask({group("", "VF:2"), group("1", "VF:3")});
    query.group_policy = policy;
    EXPECT_THAT(
        search(world, query),
        UnorderedElementsAre("pf0 VF=5", "pf1 VF=5", "pf2 VF=5", "pf0 VF=2, pf1 VF=3",
                             "pf0 VF=2, pf2 VF=3", "pf0 VF=3, pf1 VF=2", "pf1 VF=2, pf2 VF=3",
                             "pf0 VF=3, pf2 VF=2", "pf1 VF=3, pf2 VF=2"));
  }
}

TEST(Groups, ThatSwapProvidersMakeDifferentCandidates) {
  const World world = parse_world("cn VCPU=4\n  pf0 VF=1\n  pf1 VF=1\n");
  const auto query = ask({group("", "VCPU:1"), group("a", "VF:1"), group("b", "VF:1")});
  EXPECT_THAT(search(world, query),
              ElementsAre("cn VCPU=1, pf0 VF=1, pf1 VF=1", "cn VCPU=1, pf0 VF=1, pf1 VF=1"));
  EXPECT_THAT(mappings(world, query), UnorderedElementsAre("=cn a=pf0 b=pf1", "=cn a=pf1 b=pf0"));
}

TEST(Groups, AreMappedToEachProviderOnce) {
  const World world = parse_world("cn VCPU=4 MEMORY_MB=4\n  disk DISK_GB=4\n");
  const auto query = ask("VCPU:1 DISK_GB:1 MEMORY_MB:1");
  EXPECT_THAT(mappings(world, query), ElementsAre("=cn =disk"));
}

TEST(SameSubtree, KeepsProvidersBelowOneOfThem) {
  const World world = parse_world(numa);
  auto query = ask({group("a", "VCPU:1"), group("b", "VGPU:1")});
  EXPECT_THAT(search(world, query), SizeIs(4));
  query.same_subtree = {{"a", "b"}};
  EXPECT_THAT(search(world, query),
              UnorderedElementsAre("gpu0 VGPU=1, numa0 VCPU=1", "gpu1 VGPU=1, numa1 VCPU=1"));
}

TEST(SameSubtree, MayBeRootedAtAGroupWithoutResources) {
  const World world = parse_world(
      "cn\n"
      "  numa0 trait:HW_NUMA_ROOT\n    cpu0 VCPU=1\n    gpu0 VGPU=1\n"
      "  numa1 trait:HW_NUMA_ROOT\n    cpu1 VCPU=1\n    gpu1 VGPU=1\n");
  auto query = ask({group("c", "VCPU:1"), group("g", "VGPU:1")});
  query.same_subtree = {{"c", "g"}};
  EXPECT_THAT(search(world, query), IsEmpty());
  query.groups.push_back(group("n", "+HW_NUMA_ROOT"));
  query.same_subtree = {{"c", "g", "n"}};
  EXPECT_THAT(mappings(world, query),
              UnorderedElementsAre("c=cpu0 g=gpu0 n=numa0", "c=cpu1 g=gpu1 n=numa1"));
}

TEST(SameSubtree, CountsProvidersWithoutResourcesAmongTheIsolated) {
  const World world = parse_world("cn\n  numa0 VCPU=4 trait:N\n    gpu VGPU=1 trait:N\n");
  auto query = isolated(ask({group("a", "VCPU:1"), group("b", "+N")}));
  query.same_subtree = {{"a", "b"}};
  EXPECT_THAT(mappings(world, query), ElementsAre("a=numa0 b=gpu"));
}

// As upstream: only a required trait or aggregate makes somebody serve a group without resources.
TEST(SameSubtree, FindsNobodyForAGroupThatRequiresNothing) {
  const World world = parse_world("cn VCPU=4 trait:A\n");
  for (const char* nothing : {"!B", "tree:cn", "!in:rack"}) {
    auto query = ask({group("a", "VCPU:1"), group("b", nothing)});
    query.same_subtree = {{"a", "b"}};
    const World with_names = parse_world("cn VCPU=4 trait:A\nother trait:B\n");
    EXPECT_THAT(search(with_names, query), IsEmpty()) << nothing;
  }
  auto query = ask({group("a", "VCPU:1"), group("b", "+A tree:elsewhere")});
  query.same_subtree = {{"a", "b"}};
  EXPECT_THAT(search(parse_world("cn VCPU=4 trait:A\nelsewhere\n"), query), SizeIs(1));
}

// --- sharing providers --------------------------------------------------------------------------

constexpr const char* shared =
    "cn1 VCPU=8 in:rack1\n"
    "cn2 VCPU=8 DISK_GB=5 in:rack1\n"
    "cn3 VCPU=8 in:rack2\n"
    "nfs DISK_GB=1000 trait:MISC_SHARES_VIA_AGGREGATE trait:SSD in:rack1\n"
    "private DISK_GB=1000 in:rack2\n";

TEST(Sharing, ServesTheTreesOfItsAggregates) {
  EXPECT_THAT(search(parse_world(shared), ask("VCPU:1 DISK_GB:1")),
              UnorderedElementsAre("cn1 VCPU=1, nfs DISK_GB=1", "cn2 DISK_GB=1, cn2 VCPU=1",
                                   "cn2 VCPU=1, nfs DISK_GB=1"));
}

TEST(Sharing, ConnectsByAnyProviderOfATree) {
  const World world = parse_world(
      "cn VCPU=1\n  child in:rack\n"
      "nfs DISK_GB=9 trait:MISC_SHARES_VIA_AGGREGATE in:rack\n");
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1")), ElementsAre("cn VCPU=1, nfs DISK_GB=1"));
}

TEST(Sharing, ProvidersAloneMakeACandidateOnce) {
  const World world = parse_world(shared);
  EXPECT_THAT(search(world, ask("DISK_GB:10")),
              UnorderedElementsAre("nfs DISK_GB=10", "private DISK_GB=10"));
  EXPECT_THAT(search(world, ask({group("1", "DISK_GB:10")})), SizeIs(2));
}

TEST(Sharing, IsShutOutOfTheUnsuffixedGroupByInTree) {
  const World world = parse_world(shared);
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1 tree:cn1")), IsEmpty());
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1 tree:cn2")), SizeIs(1));
  EXPECT_THAT(search(world, ask({group("", "VCPU:1 tree:cn1"), group("d", "DISK_GB:1")})),
              ElementsAre("cn1 VCPU=1, nfs DISK_GB=1"));
  EXPECT_THAT(search(world, ask({group("c", "VCPU:1"), group("d", "DISK_GB:9 tree:nfs")})),
              SizeIs(2));
}

TEST(Sharing, MustItselfBeInTheAggregate) {
  const World world = parse_world(
      "cn VCPU=1 in:rack in:good\n"
      "nfs DISK_GB=9 trait:MISC_SHARES_VIA_AGGREGATE in:rack\n");
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1 in:good")), IsEmpty());
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1 in:rack")), SizeIs(1));
}

TEST(Sharing, IsForbiddenWithItsAnchor) {
  const World world = parse_world(
      "cn VCPU=1 in:rack in:bad\n"
      "nfs DISK_GB=9 trait:MISC_SHARES_VIA_AGGREGATE in:rack\n");
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1 !in:bad")), IsEmpty());
}

TEST(Sharing, NeedsAnAnchorWithTheRequiredRoot) {
  const World world = parse_world(shared);
  auto query = ask("DISK_GB:10");
  query.root_traits.none_of = {"SSD"};
  // By way of cn1 and cn2.
  EXPECT_THAT(search(world, query), UnorderedElementsAre("nfs DISK_GB=10", "private DISK_GB=10"));
  query.root_traits = {{{"SSD"}}, {}};
  EXPECT_THAT(search(world, query), ElementsAre("nfs DISK_GB=10"));
}

TEST(Sharing, AddsItsTraitsToTheOthers) {
  EXPECT_THAT(search(parse_world(shared), ask("VCPU:1 DISK_GB:1 +SSD")),
              UnorderedElementsAre("cn1 VCPU=1, nfs DISK_GB=1", "cn2 VCPU=1, nfs DISK_GB=1"));
}

// Upstream keeps such a group for one of its anchors, whichever comes first.
TEST(Sharing, ServesAnUnsuffixedGroupForEachAnchor) {
  const auto query = ask({group("", "DISK_GB:10"), group("1", "VCPU:1")});
  EXPECT_THAT(search(parse_world(shared), query),
              UnorderedElementsAre("cn1 VCPU=1, nfs DISK_GB=10", "cn2 VCPU=1, nfs DISK_GB=10"));
}

// Upstream answers this with status 500.
TEST(Sharing, MayBeAChild) {
  const World world = parse_world(
      "storage VCPU=1\n  nfs DISK_GB=100 trait:MISC_SHARES_VIA_AGGREGATE in:rack\n"
      "cn MEMORY_MB=100 in:rack\n");
  const auto query = ask("MEMORY_MB:1 DISK_GB:60");
  EXPECT_THAT(search(world, query), ElementsAre("cn MEMORY_MB=1, nfs DISK_GB=60"));
  EXPECT_THAT(find(world, query, {})->summary_trees, SizeIs(2));
}

// --- before 1.29 --------------------------------------------------------------------------------

TEST(WithoutNesting, NoTwoProvidersOfATreeAreUsed) {
  const World world = parse_world(numa);
  EXPECT_THAT(search(world, flat(ask("DISK_GB:1 VCPU:1"))),
              ElementsAre("cn2 DISK_GB=1, cn2 VCPU=1"));
  EXPECT_THAT(search(world, flat(ask({group("1", "VCPU:1"), group("2", "VCPU:2")}))),
              UnorderedElementsAre("numa0 VCPU=3", "numa1 VCPU=3", "cn2 VCPU=3"));
}

TEST(WithoutNesting, SummariesAreOfTheUsedProviders) {
  const World world = parse_world(numa);
  const auto found = find(world, flat(ask("VGPU:1")), {}).value();
  std::vector<std::string> names;
  for (const auto place : found.summary_providers) {
    names.push_back(provider_at(world, place).name);
  }
  EXPECT_THAT(names, ElementsAre("gpu0", "gpu1"));
  EXPECT_THAT(found.summary_trees, IsEmpty());
}

TEST(WithoutNesting, SharingProvidersAreStillUsed) {
  EXPECT_THAT(search(parse_world(shared), flat(ask("VCPU:1 DISK_GB:10"))), SizeIs(2));
}

TEST(Summaries, AreOfTheWholeTreesOfUsedProviders) {
  const World world = parse_world(shared);
  const auto found = find(world, ask("VCPU:1 DISK_GB:10"), {}).value();
  std::vector<std::string> roots;
  for (const auto tree : found.summary_trees)
    roots.push_back(world.tree(tree)->root().name);
  EXPECT_THAT(roots, ElementsAre("cn1", "cn2", "nfs"));
  EXPECT_THAT(found.summary_providers, IsEmpty());
}

}  // namespace
}  // namespace emplace::candidates
