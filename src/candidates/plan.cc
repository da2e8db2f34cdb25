#include "candidates/plan.h"

#include <algorithm>
#include <utility>

#include "candidates/fit.h"

namespace emplace::candidates {
namespace {

Result<TraitId> resolve_trait(const World& world, const std::string& name) {
  if (const auto trait = world.find_trait(name)) return *trait;
  return fail(Reason::bad_request, "No such trait(s): " + name + ".");
}

// An aggregate that no provider was ever in is left out: nobody is in it.
AggregateNeed resolve_aggregates(const World& world, const AggregateFilter& filter) {
  AggregateNeed need;
  for (const auto& members : filter.any_of) {
    auto& any = need.any_of.emplace_back();
    for (const auto& uuid : members) {
      if (const auto aggregate = world.find_aggregate(uuid)) any.push_back(*aggregate);
    }
  }
  for (const auto& uuid : filter.none_of) {
    if (const auto aggregate = world.find_aggregate(uuid)) need.none_of.push_back(*aggregate);
  }
  return need;
}

bool any_provider_matches(const World& world, const AggregateNeed& need) {
  bool found = false;
  world.all_trees().for_each([&](std::uint32_t number) {
    for (const auto& node : world.tree(number)->nodes) {
      found = found || in_all(*node.provider, need);
    }
    return !found;
  });
  return found;
}

}  // namespace

Result<TraitNeed> resolve_traits(const World& world, const TraitFilter& filter) {
  TraitNeed need;
  for (const auto& names : filter.any_of) {
    std::vector<TraitId> any;
    for (const auto& name : names) {
      const auto trait = TRY(resolve_trait(world, name));
      any.push_back(trait);
    }
    need.any_of.push_back(std::move(any));
  }
  for (const auto& name : filter.none_of) {
    const auto trait = TRY(resolve_trait(world, name));
    need.none_of.push_back(trait);
  }
  return need;
}

// The order of the steps is upstream's: classes, member_of, traits, in_tree.
Result<GroupPlan> resolve_group(const World& world, const Group& group, Visible visible) {
  GroupPlan plan;
  plan.suffixed = !group.suffix.empty();
  for (const auto& [name, amount] : group.resources) {
    const auto resource_class = world.find_class(name);
    if (!resource_class) {
      return fail(
          Reason::bad_request,
          "Invalid resource class in resources parameter: No such resource class " + name + ".");
    }
    plan.demands.push_back(Demand{*resource_class, amount});
  }
  plan.aggregates = resolve_aggregates(world, group.aggregates);
  const bool nobody_is_member =
      std::any_of(plan.aggregates.any_of.begin(), plan.aggregates.any_of.end(),
                  [](const auto& any) { return any.empty(); });
  auto traits = resolve_traits(world, group.traits);
  if (nobody_is_member || (!traits && !plan.aggregates.any_of.empty() &&
                           !any_provider_matches(world, plan.aggregates))) {
    plan.hopeless = true;
    return plan;
  }
  plan.traits = TRY(std::move(traits));
  if (group.in_tree) {
    const auto provider = world.find_provider(*group.in_tree);
    if (provider && (!visible || (*visible)(**provider))) {
      plan.in_tree = provider->place.tree;
    } else {
      plan.hopeless = true;
    }
  }
  return plan;
}

std::vector<std::vector<std::uint32_t>> resolve_same_subtree(const Query& query) {
  std::vector<std::vector<std::uint32_t>> sets;
  for (const auto& suffixes : query.same_subtree) {
    std::vector<std::uint32_t> groups;
    for (std::uint32_t i = 0; i < query.groups.size(); ++i) {
      const auto& suffix = query.groups[i].suffix;
      if (std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end()) {
        groups.push_back(i);
      }
    }
    if (groups.size() > 1) sets.push_back(std::move(groups));
  }
  return sets;
}

}  // namespace emplace::candidates
