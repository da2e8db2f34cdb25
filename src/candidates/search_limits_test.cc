#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "candidates/search.h"
#include "candidates/testing.h"

namespace emplace::candidates {
namespace {

using namespace testing_text;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// --- names --------------------------------------------------------------------------------------

TEST(Names, ThatDoNotExistAreRefusedInUpstreamsWords) {
  const World world = parse_world("cn VCPU=8 trait:A\n");
  EXPECT_EQ(failure(world, ask("NONE:1")),
            "Invalid resource class in resources parameter: No such resource class NONE.");
  EXPECT_EQ(failure(world, ask("VCPU:1 +B")), "No such trait(s): B.");
  EXPECT_EQ(failure(world, ask("VCPU:1 +A|B")), "No such trait(s): B.");
  EXPECT_EQ(failure(world, ask("VCPU:1 !C")), "No such trait(s): C.");
  auto query = ask("NONE:1");
  query.root_traits.none_of = {"D"};
  EXPECT_EQ(failure(world, query), "No such trait(s): D.");
}

TEST(Names, AreNotLookedUpAfterAGroupThatCameOutEmpty) {
  const World world = parse_world("cn VCPU=8 trait:A\nother trait:B in:rack\n");
  const auto none = group("2", "NONE:1");
  EXPECT_EQ(failure(world, ask({group("1", "VCPU:999"), none})), "found 0");
  EXPECT_EQ(failure(world, ask({group("1", "VCPU:1 tree:nowhere"), none})), "found 0");
  EXPECT_EQ(failure(world, ask({group("1", "VCPU:1 in:rack"), none})), "found 0");
  EXPECT_EQ(failure(world, ask({group("", "VCPU:1 +B"), none})), "found 0");
  EXPECT_EQ(failure(world, ask({group("1", "VCPU:1"), group("3", "VCPU:999"), none})), "found 0");
  EXPECT_NE(failure(world, ask({none, group("1", "VCPU:999")})), "found 0");
  // Each by itself is possible, but not all together.
  EXPECT_NE(failure(world, ask({group("1", "VCPU:8"), group("3", "VCPU:8"), none})), "found 0");
  auto query = ask({none});
  query.root_traits = {{{"A"}, {"B"}}, {}};
  EXPECT_EQ(failure(world, query), "found 0");
}

TEST(Names, OfAGroupAreLookedUpInOrder) {
  const World world = parse_world("cn VCPU=8 in:rack\n");
  EXPECT_THAT(failure(world, ask("VCPU:1 NONE:1 in:nowhere +B")), testing::HasSubstr("NONE"));
  EXPECT_EQ(failure(world, ask("VCPU:1 in:nowhere +B")), "found 0");
  EXPECT_EQ(failure(world, ask("VCPU:1 in:rack +B")), "No such trait(s): B.");
  EXPECT_EQ(failure(world, ask("VCPU:1 tree:nowhere +B")), "No such trait(s): B.");
  EXPECT_EQ(failure(world, ask("VCPU:999 +B")), "No such trait(s): B.");
}

// --- limits and order ---------------------------------------------------------------------------

std::string many_hosts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const auto name = std::to_string(i);
    text += "cn" + name + "\n  a" + name + " VCPU=8\n  b" + name + " VCPU=8\n";
  }
  return text;
}

TEST(Limit, CutsTheAnswerAndItsCost) {
  const World world = parse_world(many_hosts(500));
  const Options options{.work_max = 400};
  EXPECT_THAT(search(world, limited(ask("VCPU:1"), 3), options), SizeIs(3));
  EXPECT_THAT(find(world, limited(ask("VCPU:1"), 3), options)->summary_trees, SizeIs(2));
}

TEST(Limit, IsTheSmallerOfTheClientsAndTheOperators) {
  const World world = parse_world(many_hosts(5));
  EXPECT_THAT(search(world, limited(ask("VCPU:1"), 3), {.candidates_max = 2}), SizeIs(2));
  EXPECT_THAT(search(world, limited(ask("VCPU:1"), 3), {.candidates_max = 7}), SizeIs(3));
  EXPECT_THAT(search(world, ask("VCPU:1"), {.candidates_max = 7}), SizeIs(7));
  EXPECT_THAT(search(world, ask("VCPU:1")), SizeIs(10));
}

TEST(Order, IsByRootUnlessRootsTakeTurns) {
  const World world = parse_world(many_hosts(3));
  EXPECT_THAT(search(world, ask("VCPU:1")), ElementsAre("a0 VCPU=1", "b0 VCPU=1", "a1 VCPU=1",
                                                        "b1 VCPU=1", "a2 VCPU=1", "b2 VCPU=1"));
  EXPECT_THAT(
      search(world, ask("VCPU:1"), {.breadth_first = true}),
      ElementsAre("a0 VCPU=1", "a1 VCPU=1", "a2 VCPU=1", "b0 VCPU=1", "b1 VCPU=1", "b2 VCPU=1"));
}

TEST(Order, IsDrawnFromTheSeed) {
  const World world = parse_world(many_hosts(20));
  const auto in_order = search(world, ask("VCPU:1"));
  const auto drawn = search(world, ask("VCPU:1"), {.shuffle_seed = 7});
  EXPECT_NE(drawn, in_order);
  EXPECT_EQ(drawn, search(world, ask("VCPU:1"), {.shuffle_seed = 7}));
  EXPECT_NE(drawn, search(world, ask("VCPU:1"), {.shuffle_seed = 8}));
  EXPECT_THAT(drawn, testing::UnorderedElementsAreArray(in_order));
}

constexpr const char* shared =
    "cn1 VCPU=8 in:rack1\n"
    "cn2 VCPU=8 DISK_GB=5 in:rack1\n"
    "cn3 VCPU=8 in:rack2\n"
    "nfs DISK_GB=1000 trait:MISC_SHARES_VIA_AGGREGATE trait:SSD in:rack1\n"
    "private DISK_GB=1000 in:rack2\n";

TEST(Visible, ProvidersAloneAreUsed) {
  const World world = parse_world(shared);
  const std::function<bool(const Provider&)> visible = [](const Provider& provider) {
    return provider.name != "nfs" && provider.name != "cn3";
  };
  const Options options{.visible = &visible};
  EXPECT_THAT(search(world, ask("VCPU:1 DISK_GB:1"), options),
              ElementsAre("cn2 DISK_GB=1, cn2 VCPU=1"));
  EXPECT_THAT(search(world, ask({group("1", "VCPU:1")}), options), SizeIs(2));
  EXPECT_THAT(search(world, ask("VCPU:1 tree:cn3"), options), IsEmpty());
}

TEST(Visible, TheTraitsOfAHiddenRootAreNotToBeGuessed) {
  const World world = parse_world("cn1 trait:SSD\n  numa1 VCPU=8\ncn2 trait:SSD\n  numa2 VCPU=8\n");
  const std::function<bool(const Provider&)> visible = [](const Provider& provider) {
    return provider.name != "cn1";
  };
  const Options options{.visible = &visible};
  auto query = ask("VCPU:1");
  EXPECT_THAT(search(world, query, options), SizeIs(2));
  query.root_traits = {{{"SSD"}}, {}};
  EXPECT_THAT(search(world, query, options), ElementsAre("numa2 VCPU=1"));
}

// --- work ---------------------------------------------------------------------------------------

TEST(Work, BeyondTheLimitIsRefusedWithAdvice) {
  const auto found = find(parse_world(many_hosts(500)), ask("VCPU:1"), {.work_max = 100});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::overloaded);
  EXPECT_THAT(found.error().detail, testing::HasSubstr("limit"));
}

// `count` equal children of one host.
World devices(int count, const std::string& inventory) {
  std::string text = "cn VCPU=64\n";
  for (int i = 0; i < count; ++i)
    text += "  gpu" + std::to_string(i) + " " + inventory + "\n";
  return parse_world(text);
}
Query device_groups(int count) {
  Query query;
  for (int i = 0; i < count; ++i)
    query.groups.push_back(group(std::to_string(i), "VGPU:1"));
  return query;
}

// Else one query of many groups could fill the memory long before it took its steps.
TEST(Work, OfWhatIsWrittenDownBoundsMemory) {
  constexpr std::uint64_t work_max = 1'000'000;
  for (const int count : {9, 10, 11, 12}) {
    const World world = devices(count, "VGPU=8");
    EXPECT_FALSE(find(world, device_groups(9), {.work_max = work_max})) << count;
    const auto some = find(world, limited(device_groups(9), 1000), {.work_max = work_max});
    ASSERT_TRUE(some) << count;
    EXPECT_EQ(some->candidates.size(), 1000u);
    EXPECT_LE(some->parts.size() + some->mappings.size(), work_max / 8);
  }
}

TEST(Work, OfMoreDevicesThanThereAreIsNextToNothing) {
  for (const int more : {1, 2, 20}) {
    const World world = devices(8, "VGPU=1");
    const auto query = device_groups(8 + more);
    EXPECT_THAT(search(world, query, {.work_max = 2000}), IsEmpty());
    EXPECT_THAT(search(world, isolated(query), {.work_max = 2000}), IsEmpty());
    EXPECT_THAT(search(devices(8, "VGPU=4"), isolated(query), {.work_max = 2000}), IsEmpty());
  }
}

TEST(Work, OfDevicesThatFitIsInProportionToTheAnswer) {
  for (const int count : {8, 32}) {
    const World world = devices(count, "VGPU=1");
    for (const int groups : {1, 4, 7, 8}) {
      const auto query = limited(device_groups(groups), 1000);
      const auto none = search(world, query, {.work_max = 700'000});
      EXPECT_THAT(none, SizeIs(groups == 1 ? count : 1000));
      EXPECT_EQ(search(world, isolated(query), {.work_max = 700'000}), none);
    }
  }
  EXPECT_THAT(search(devices(8, "VGPU=1"), device_groups(8), {.work_max = 25'000'000}),
              SizeIs(40320));
}

TEST(Work, OfARequestThatCannotBePackedIsSmallAsEqualDevicesAreOne) {
  const auto sized = [](const std::vector<std::int64_t>& amounts) {
    Query query = device_groups(static_cast<int>(amounts.size()));
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      query.groups[i].resources[0].second = amounts[i];
    }
    return query;
  };
  // 57 units of 56.
  const auto too_much = sized({4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3});
  EXPECT_THAT(search(devices(8, "VGPU=7"), too_much, {.work_max = 20'000}), IsEmpty());
  // 22 units of 24, and small enough to be counted in; but no two of the larger ones go together.
  const auto too_large = sized({5, 5, 5, 4, 1, 1, 1});
  EXPECT_THAT(search(devices(3, "VGPU=8"), too_large, {.work_max = 20'000}), IsEmpty());
  EXPECT_THAT(search(devices(4, "VGPU=8"), limited(too_large, 100), {.work_max = 70'000}),
              SizeIs(100));
}

TEST(Work, OfTraitsThatNoTwoProvidersHaveTogetherIsSmall) {
  std::string text = "cn\n";
  for (int i = 0; i < 60; ++i) {
    const auto name = std::to_string(i);
    text += "  c" + name + " VCPU=1 trait:" + (i % 2 ? "A" : "B") + "\n";
    text += "  m" + name + " MEMORY_MB=1 trait:" + (i % 2 ? "A" : "B") + "\n";
    text += "  d" + name + " DISK_GB=1\n";
  }
  const World world = parse_world(text + "elsewhere trait:C\n");
  EXPECT_THAT(search(world, ask("VCPU:1 MEMORY_MB:1 DISK_GB:1 +A +B +C"), {.work_max = 2000}),
              IsEmpty());
  EXPECT_THAT(
      search(world, limited(ask("VCPU:1 MEMORY_MB:1 DISK_GB:1 +A +B"), 100), {.work_max = 25'000}),
      SizeIs(100));
}

}  // namespace
}  // namespace emplace::candidates
