// find() against brute force, over random forests and random queries. Each case has a seed of its
// own, which is printed when it fails; EMPLACE_SEED=… runs from there.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "brute_force.h"
#include "model/world_text.h"

namespace emplace::candidates {
namespace {

constexpr std::uint64_t cases = 4000;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  std::string one_of(const std::vector<std::string>& names) { return names[below(names.size())]; }

  // One world in three has no sharing providers, one in four no nesting.
  std::string world() {
    const std::uint64_t sharing_percent = chance(33) ? 0 : 25;
    const bool flat = chance(25), siblings = chance(25);
    std::ostringstream text;
    const auto trees = 1 + below(4);
    for (std::uint64_t tree = 0; tree < trees; ++tree) {
      const auto size = flat ? 1 : 1 + below(6);
      std::uint64_t depth = 0;
      const auto sibling = inventories();
      for (std::uint64_t i = 0; i < size; ++i) {
        if (i > 0) depth = siblings ? 1 : 1 + below(depth + 1);
        text << std::string(2 * depth, ' ') << 'p' << 10 * tree + i
             << (siblings && i > 0 ? sibling : inventories()) << marks(sharing_percent) << '\n';
      }
    }
    return text.str();
  }

  Query query() {
    Query query;
    query.nested = chance(75);
    const auto suffixed = below(4);
    if (suffixed == 0 || chance(65)) query.groups.push_back(group("", 1 + below(3)));
    for (std::uint64_t i = 0; i < suffixed; ++i) {
      const bool resourceless = query.nested && i > 0 && chance(25);
      auto made = group(std::to_string(i + 1), resourceless ? 0 : 1 + below(2));
      query.groups.insert(query.groups.begin() + static_cast<long>(below(query.groups.size() + 1)),
                          made);
    }
    query.group_policy = chance(50) ? GroupPolicy::none : GroupPolicy::isolate;
    if (chance(25)) query.root_traits = traits(1);
    while (query.nested && chance(30)) {
      auto& suffixes = query.same_subtree.emplace_back();
      for (const auto& each : query.groups) {
        if (!each.suffix.empty() && chance(60)) suffixes.push_back(each.suffix);
      }
      if (suffixes.empty()) query.same_subtree.pop_back();
    }
    return query;
  }

 private:
  std::string inventories() {
    std::ostringstream text;
    for (const char* name : {"VCPU", "DISK_GB", "VGPU"}) {
      if (!chance(60)) continue;
      text << ' ' << name << '=' << 1 + below(8);
      if (chance(15)) text << "/reserved=" << below(3);
      if (chance(15)) text << "/ratio=" << (chance(50) ? "1.5" : "0.7");
      if (chance(15)) text << "/min=2";
      if (chance(20)) text << "/max=" << 1 + below(4);
      if (chance(15)) text << "/step=2";
    }
    return text.str();
  }
  // Traits, aggregates and usage.
  std::string marks(std::uint64_t sharing_percent) {
    std::ostringstream text;
    if (chance(sharing_percent)) text << " trait:MISC_SHARES_VIA_AGGREGATE";
    for (const char* name : {"CUSTOM_A", "CUSTOM_B", "CUSTOM_C"}) {
      if (chance(40)) text << " trait:" << name;
    }
    for (const char* name : {"red", "green"}) {
      if (chance(30)) text << " in:" << name;
    }
    if (chance(30)) {
      text << " used";
      for (const char* name : {"VCPU", "DISK_GB", "VGPU"}) {
        if (chance(40)) text << ' ' << name << '=' << 1 + below(3);
      }
    }
    return text.str();
  }
  std::string trait() {
    return chance(2) ? "CUSTOM_UNKNOWN" : one_of({"CUSTOM_A", "CUSTOM_B", "CUSTOM_C"});
  }
  TraitFilter traits(std::uint64_t alternatives) {
    TraitFilter filter;
    while (chance(50)) {
      auto& any = filter.any_of.emplace_back();
      do
        any.push_back(trait());
      while (any.size() < alternatives);
    }
    if (chance(25)) filter.none_of.push_back(trait());
    return filter;
  }
  Group group(const std::string& suffix, std::uint64_t classes) {
    Group group{.suffix = suffix, .resources = {}, .traits = {}, .aggregates = {}, .in_tree = {}};
    while (group.resources.size() < classes) {
      const auto name = chance(1) ? "CUSTOM_NONE" : one_of({"VCPU", "DISK_GB", "VGPU"});
      const auto known = [&](const auto& resource) { return resource.first == name; };
      if (std::any_of(group.resources.begin(), group.resources.end(), known)) continue;
      group.resources.emplace_back(name, 1 + static_cast<std::int64_t>(below(3)));
    }
    if (chance(40) || classes == 0) group.traits = traits(1 + below(2));
    if (chance(20)) {
      auto& any = group.aggregates.any_of.emplace_back();
      any.push_back(uuid_of(chance(5) ? "unknown" : one_of({"red", "green"})));
      if (chance(30)) any.push_back(uuid_of("green"));
      if (chance(20)) group.aggregates.any_of.push_back({uuid_of("red")});
    }
    if (chance(10)) group.aggregates.none_of.push_back(uuid_of(one_of({"red", "green"})));
    if (chance(10)) {
      group.in_tree = uuid_of(std::string("p").append(std::to_string(10 * below(4) + below(2))));
    }
    return group;
  }

  Random random_;
};

std::string describe(const Query& query) {
  std::ostringstream text;
  const auto add = [&](const TraitFilter& filter) {
    for (const auto& any : filter.any_of) {
      text << " (";
      for (const auto& name : any)
        text << ' ' << name;
      text << " )";
    }
    for (const auto& name : filter.none_of)
      text << " !" << name;
  };
  text << (query.nested ? "nested" : "flat")
       << (query.group_policy == GroupPolicy::none ? " none" : " isolate") << " root:";
  add(query.root_traits);
  for (const auto& group : query.groups) {
    text << "\n  group '" << group.suffix << "':";
    for (const auto& [name, amount] : group.resources)
      text << ' ' << name << ':' << amount;
    add(group.traits);
    for (const auto& any : group.aggregates.any_of) {
      text << " in:";
      for (const auto& uuid : any)
        text << uuid.str() << ',';
    }
    for (const auto& uuid : group.aggregates.none_of)
      text << " !in:" << uuid.str();
    if (group.in_tree) text << " in_tree:" << group.in_tree->str();
  }
  for (const auto& suffixes : query.same_subtree) {
    text << "\n  same_subtree:";
    for (const auto& suffix : suffixes)
      text << ' ' << suffix;
  }
  return text.str();
}

struct Tally {
  int candidates = 0, failures = 0, empty = 0, several = 0;
};

void expect_summaries_of(const Found& found, bool nested) {
  std::set<std::uint32_t> trees;
  std::set<Place> providers;
  for (const auto& part : found.parts) {
    trees.insert(part.provider.tree);
    providers.insert(part.provider);
  }
  if (nested) {
    EXPECT_EQ(found.summary_trees, std::vector<std::uint32_t>(trees.begin(), trees.end()));
    EXPECT_TRUE(found.summary_providers.empty());
  } else {
    EXPECT_EQ(found.summary_providers, std::vector<Place>(providers.begin(), providers.end()));
    EXPECT_TRUE(found.summary_trees.empty());
  }
}

void check_case(std::uint64_t seed, Tally& tally) {
  Generator generator(seed);
  const std::string text = generator.world();
  // So that a name that no provider has is still known.
  const World world = parse_world(text +
                                  "names trait:CUSTOM_A trait:CUSTOM_B trait:CUSTOM_C"
                                  " VCPU=0 DISK_GB=0 VGPU=0\n");
  Query query = generator.query();
  SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text + describe(query));

  const bool hides = generator.chance(15);
  const auto hidden = uuid_of(generator.chance(50) ? "p0" : "p1");
  const std::function<bool(const Provider&)> visible = [&](const Provider& provider) {
    return !hides || provider.uuid != hidden;
  };
  const auto expected = find_by_brute_force(world, query, visible);
  if (expected.too_large) return;

  Options options;
  options.breadth_first = generator.chance(50);
  if (generator.chance(50)) options.shuffle_seed = generator.below(1000);
  if (hides) options.visible = &visible;
  const auto found = find(world, query, options);
  if (!expected.failure.empty()) {
    ++tally.failures;
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().reason, Reason::bad_request);
    EXPECT_EQ(found.error().detail, expected.failure);
    return;
  }
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->candidates.size(), expected.candidates.size());
  EXPECT_TRUE(plain(*found) == expected.candidates);
  expect_summaries_of(*found, query.nested);
  ++(expected.candidates.empty() ? tally.empty : tally.candidates);
  tally.several += expected.candidates.size() > 1;

  query.limit = 1 + static_cast<std::int64_t>(generator.below(4));
  if (generator.chance(30)) options.candidates_max = static_cast<std::int64_t>(generator.below(3));
  const auto some = find(world, query, options);
  ASSERT_TRUE(some);
  auto limit = static_cast<std::size_t>(*query.limit);
  if (options.candidates_max >= 0) {
    limit = std::min(limit, static_cast<std::size_t>(options.candidates_max));
  }
  const auto some_plain = plain(*some);
  EXPECT_EQ(some->candidates.size(), std::min(limit, expected.candidates.size()));
  EXPECT_EQ(some_plain.size(), some->candidates.size());
  EXPECT_TRUE(std::includes(expected.candidates.begin(), expected.candidates.end(),
                            some_plain.begin(), some_plain.end()));
  expect_summaries_of(*some, query.nested);
}

TEST(CandidatesProperty, FindsWhatBruteForceFinds) {
  const char* from = std::getenv("EMPLACE_SEED");
  const char* count = std::getenv("EMPLACE_CASES");
  const std::uint64_t first = from ? std::strtoull(from, nullptr, 10) : 1;
  const std::uint64_t last = first + (count ? std::strtoull(count, nullptr, 10) : cases);
  std::cout << "seeds " << first << " to " << last - 1 << '\n';
  Tally tally;
  for (std::uint64_t seed = first; seed < last && !HasFailure(); ++seed)
    check_case(seed, tally);
  if (from || count) return;
  // The cases are not all of one kind.
  EXPECT_GT(tally.candidates, 500);
  EXPECT_GT(tally.several, 300);
  EXPECT_GT(tally.empty, 300);
  EXPECT_GT(tally.failures, 50);
}

}  // namespace
}  // namespace emplace::candidates
