// Plan: a Query whose names have been looked up in one World. Lives as long as one search.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "candidates/query.h"
#include "model/world.h"

namespace emplace::candidates {

struct TraitNeed {
  std::vector<std::vector<TraitId>> any_of;
  std::vector<TraitId> none_of;
};

struct AggregateNeed {
  std::vector<std::vector<AggregateId>> any_of;
  std::vector<AggregateId> none_of;
};

struct Demand {
  ClassId resource_class{};
  std::int64_t amount = 0;
};

struct GroupPlan {
  bool suffixed = false;  // all from one provider
  std::vector<Demand> demands;
  TraitNeed traits;
  AggregateNeed aggregates;
  std::optional<std::uint32_t> in_tree;  // its number
  bool hopeless = false;  // a name that upstream looks up last leads nowhere: no provider serves
};

struct Plan {
  std::vector<GroupPlan> groups;
  TraitNeed root_traits;
  bool isolate = false;
  bool nested = true;
  std::vector<std::vector<std::uint32_t>> same_subtree;  // of groups
};

// Providers that may be used; nullptr: all.
using Visible = const std::function<bool(const Provider&)>*;

// Failures: bad_request, for a trait that does not exist.
Result<TraitNeed> resolve_traits(const World& world, const TraitFilter& filter);
// Failures: bad_request, for a class or trait that does not exist; but if upstream finds the group
// empty before it looks the name up, a hopeless group.
Result<GroupPlan> resolve_group(const World& world, const Group& group, Visible visible);
// The groups (by index) of each same_subtree that constrains anything.
std::vector<std::vector<std::uint32_t>> resolve_same_subtree(const Query& query);

}  // namespace emplace::candidates
