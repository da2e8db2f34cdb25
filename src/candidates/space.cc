#include "candidates/space.h"

#include <algorithm>
#include <utility>

#include "candidates/fit.h"

namespace emplace::candidates {
namespace {

// Upstream finds nobody for a group without resources unless a trait or an aggregate is required.
bool asks_for_nothing(const GroupPlan& group) {
  return group.demands.empty() && group.traits.any_of.empty() && group.aggregates.any_of.empty();
}

Bitmap trees_in_any(const World& world, const std::vector<AggregateId>& aggregates) {
  Bitmap trees;
  for (const auto aggregate : aggregates)
    trees |= world.trees_with(aggregate);
  return trees;
}

}  // namespace

SearchSpace::SearchSpace(const World& world, const Plan& plan, Visible visible)
    : world_(world), plan_(plan), visible_(visible), sharing_(world) {
  make_slots();
  find_contested();
  find_sharers();
}

void SearchSpace::make_slots() {
  for (std::uint32_t i = 0; i < plan_.groups.size(); ++i) {
    const auto& group = plan_.groups[i];
    const bool alone = group.suffixed || group.demands.size() == 1;
    Slot slot;
    slot.group = i;
    slot.all_traits = alone;
    slot.covers_traits = !alone && !group.traits.any_of.empty();
    if (group.suffixed) {
      slot.demands = group.demands;
      slots_.push_back(std::move(slot));
      continue;
    }
    for (const auto& demand : group.demands) {
      slot.demands.assign(1, demand);
      slots_.push_back(slot);
    }
  }
}

void SearchSpace::find_contested() {
  std::vector<ClassId> wanted;
  std::size_t suffixed = 0;
  for (const auto& slot : slots_) {
    for (const auto& demand : slot.demands)
      wanted.push_back(demand.resource_class);
    suffixed += plan_.groups[slot.group].suffixed;
  }
  std::sort(wanted.begin(), wanted.end());
  for (std::size_t i = 1; i < wanted.size(); ++i) {
    if (wanted[i] != wanted[i - 1]) continue;
    if (contested_.empty() || contested_.back() != wanted[i]) contested_.push_back(wanted[i]);
  }
  isolates_ = plan_.isolate && suffixed > 1;
  for (auto& slot : slots_) {
    for (const auto& demand : slot.demands) {
      const auto at = std::find(contested_.begin(), contested_.end(), demand.resource_class);
      if (at == contested_.end()) continue;
      slot.uses.push_back({static_cast<std::uint32_t>(at - contested_.begin()), demand.amount});
    }
    if (isolates_ && plan_.groups[slot.group].suffixed) {
      slot.uses.push_back({static_cast<std::uint32_t>(contested_.size()), 1});
    }
  }
}

void SearchSpace::find_sharers() {
  if (sharing_.empty()) return;
  for (auto& slot : slots_) {
    slot.from_outside.resize(sharing_.size());
    for (std::size_t i = 0; i < sharing_.size(); ++i) {
      slot.from_outside[i] = serves_outside(slot, sharing_[i]);
      slot.any_from_outside = slot.any_from_outside || slot.from_outside[i];
    }
  }
}

// --- providers ----------------------------------------------------------------------------------

bool SearchSpace::may_anchor(const Provider& root) const {
  const bool asks_for_roots =
      !plan_.root_traits.any_of.empty() || !plan_.root_traits.none_of.empty();
  // Whoever may not see a root is not told of its traits either.
  if (asks_for_roots && visible_ && !(*visible_)(root)) return false;
  if (!has_all(root, plan_.root_traits) || !has_none(root, plan_.root_traits)) return false;
  // Aggregates that the unsuffixed group forbids are forbidden to the anchor as well.
  return std::all_of(plan_.groups.begin(), plan_.groups.end(), [&](const GroupPlan& group) {
    return group.suffixed || in_none(root, group.aggregates);
  });
}

// Room, traits and visibility: what holds for a provider wherever it is used.
bool SearchSpace::fits(const Slot& slot, const Provider& provider) const {
  const auto& traits = plan_.groups[slot.group].traits;
  for (const auto& demand : slot.demands) {
    if (!has_room(provider, demand)) return false;
  }
  return has_none(provider, traits) && (!slot.all_traits || has_all(provider, traits)) &&
         (!visible_ || (*visible_)(provider));
}

bool SearchSpace::matches_alone(const GroupPlan& group, const Provider& provider) const {
  return in_all(provider, group.aggregates) && in_none(provider, group.aggregates);
}

bool SearchSpace::serves_inside(const Slot& slot, std::uint32_t tree, const Provider& root,
                                const Provider& provider) const {
  const auto& group = plan_.groups[slot.group];
  // Upstream looks at in_tree only while it looks for resources.
  if (group.in_tree && *group.in_tree != tree && !group.demands.empty()) return false;
  if (asks_for_nothing(group)) return false;
  if (group.suffixed) {
    if (!matches_alone(group, provider)) return false;
  } else {
    // An aggregate of the root spans its tree, here.
    if (!in_all(provider, group.aggregates) && !in_all(root, group.aggregates)) return false;
    if (!in_none(provider, group.aggregates)) return false;
  }
  return fits(slot, provider);
}

bool SearchSpace::serves_outside(const Slot& slot, const Sharing::Member& member) const {
  const auto& group = plan_.groups[slot.group];
  if (asks_for_nothing(group) || !matches_alone(group, *member.provider)) return false;
  if (group.in_tree && !group.demands.empty()) {
    // The unsuffixed group is to be served inside the tree, for that tree.
    if (!group.suffixed || *group.in_tree != member.place.tree) return false;
  }
  return fits(slot, *member.provider);
}

// --- trees --------------------------------------------------------------------------------------

Bitmap SearchSpace::trees_with_any(const std::vector<TraitId>& traits) const {
  Bitmap trees;
  for (const auto trait : traits)
    trees |= world_.trees_with(trait);
  return trees;
}

Bitmap SearchSpace::trees_for(const Slot& slot) const {
  const auto& group = plan_.groups[slot.group];
  Bitmap trees;
  if (slot.demands.empty()) {
    trees = world_.all_trees();
  } else if (group.in_tree) {
    trees.add(*group.in_tree);
  } else {
    trees = world_.trees_with(slot.demands.front().resource_class);
  }
  for (const auto& demand : slot.demands) {
    if (group.in_tree || &demand != slot.demands.data()) {
      trees &= world_.trees_with(demand.resource_class);
    }
  }
  if (slot.all_traits) {
    for (const auto& any : group.traits.any_of)
      trees &= trees_with_any(any);
  }
  for (const auto& any : group.aggregates.any_of)
    trees &= trees_in_any(world_, any);
  if (!slot.any_from_outside) return trees;
  for (std::size_t i = 0; i < sharing_.size(); ++i) {
    if (slot.from_outside[i]) trees |= sharing_.trees_of(i);
  }
  return trees;
}

Bitmap SearchSpace::anchors() const {
  Bitmap trees = trees_for(slots_.front());
  for (std::size_t i = 1; i < slots_.size() && !trees.empty(); ++i)
    trees &= trees_for(slots_[i]);
  for (const auto& any : plan_.root_traits.any_of)
    trees &= trees_with_any(any);
  const bool shared = std::any_of(slots_.begin(), slots_.end(),
                                  [](const Slot& slot) { return slot.any_from_outside; });
  if (shared) return trees;  // somebody from outside may have the traits that a group requires
  for (const auto& slot : slots_) {
    if (!slot.covers_traits) continue;
    for (const auto& any : plan_.groups[slot.group].traits.any_of)
      trees &= trees_with_any(any);
  }
  return trees;
}

}  // namespace emplace::candidates
