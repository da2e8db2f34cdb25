// The part of catching up that brings what providers have up to date.
#include <algorithm>
#include <limits>

#include "store/shared/catch_up_run.h"

namespace emplace::store {

void CatchUp::apply_contents() {
  const auto& asked = read().asked;
  std::set<RowId> all;
  for (const auto* rows : {&asked.providers, &asked.inventories, &asked.traits_of,
                           &asked.aggregates_of, &asked.owners}) {
    all.insert(rows->begin(), rows->end());
  }
  for (const RowId row : all) {
    const auto known = rows_.provider_uuids.find(row);
    if (known != rows_.provider_uuids.end()) apply_contents(row, known->second);
  }
  for (const RowId row : asked.inventories) {
    using Limits = std::numeric_limits<RowId>;
    auto& known = rows_.exact_ratios;
    known.erase(known.lower_bound({row, Limits::min()}), known.upper_bound({row, Limits::max()}));
  }
  for (const auto& [key, ratio] : read().ratios)
    rows_.exact_ratios.insert(key);
}

void CatchUp::apply_contents(RowId row, const Uuid& uuid) {
  static const Provider nothing;
  const auto located = world_.find_provider(uuid);
  const Provider& was = located ? **located : nothing;
  const auto found = read().providers.find(row);
  Time updated_at = was.updated_at, traits = was.traits_updated_at,
       aggregates = was.aggregates_updated_at, allocations = was.allocations_updated_at;
  bool changed = false;
  if (found != read().providers.end()) {
    const auto& provider = found->second;
    updated_at = provider.updated_at;
    if (!located) traits = aggregates = allocations = updated_at;
    const auto name = provider.name.value_or(uuid.str());
    if (located && name != was.name) change().set_name(uuid, name);
    if (located && provider.generation != was.generation) {
      change().set_generation(uuid, provider.generation);
    }
  }
  const auto& asked = read().asked;
  if (asked.inventories.contains(row)) changed |= apply_inventories(row, uuid, was);
  if (asked.traits_of.contains(row)) changed |= apply_traits(row, uuid, was, traits);
  if (asked.aggregates_of.contains(row)) changed |= apply_aggregates(row, uuid, was, aggregates);
  if (located && asked.owners.contains(row)) changed |= apply_owner(row, uuid, was);
  changed |= updated_at != was.updated_at || traits != was.traits_updated_at ||
             aggregates != was.aggregates_updated_at;
  if (changed) change().set_times(uuid, updated_at, traits, aggregates, allocations);
}

bool CatchUp::apply_inventories(RowId row, const Uuid& uuid, const Provider& was) {
  std::map<ClassId, const ReadInventory*> is;
  if (const auto found = read().inventories.find(row); found != read().inventories.end()) {
    for (const auto& each : found->second) {
      const auto resource_class = rows_.class_ids.find(each.resource_class);
      if (resource_class != rows_.class_ids.end()) is.emplace(resource_class->second, &each);
    }
  }
  bool changed = false;
  for (const auto& inventory : was.inventories) {
    if (is.contains(inventory.resource_class)) continue;
    change().apply(DeleteInventory{uuid, inventory.resource_class}, now_);
    changed = true;
  }
  for (const auto& [resource_class, inventory] : is) {
    const auto* known = was.find_inventory(resource_class);
    if (known && known->values == inventory->values && known->updated_at == inventory->updated_at) {
      continue;
    }
    change().apply(PutInventory{uuid, resource_class, inventory->values}, inventory->updated_at);
    changed = true;
  }
  return changed;
}

bool CatchUp::apply_traits(RowId row, const Uuid& uuid, const Provider& was, Time& time) {
  std::set<TraitId> is;
  if (const auto found = read().traits_of.find(row); found != read().traits_of.end()) {
    for (const auto& each : found->second) {
      const auto trait = rows_.trait_ids.find(each.row);
      if (trait == rows_.trait_ids.end()) continue;
      is.insert(trait->second);
      time = std::max(time, each.updated_at);
    }
  }
  ChangeTraits difference{uuid, {}, {}};
  for (const auto trait : was.traits) {
    if (!is.erase(trait)) difference.removed.push_back(trait);
  }
  difference.added.assign(is.begin(), is.end());
  if (!difference.removed.empty()) time = std::max(time, now_);
  if (difference.removed.empty() && difference.added.empty()) return false;
  change().apply(difference, time);
  return true;
}

bool CatchUp::apply_aggregates(RowId row, const Uuid& uuid, const Provider& was, Time& time) {
  std::set<Uuid> is;
  if (const auto found = read().aggregates_of.find(row); found != read().aggregates_of.end()) {
    for (const auto& each : found->second) {
      is.insert(rows_.aggregate_uuids.at(each.row));
      time = std::max(time, each.updated_at);
    }
  }
  ChangeAggregates difference{uuid, {}, {}};
  for (const auto id : was.aggregates) {
    if (!is.erase(world_.aggregate(id))) difference.removed.push_back(world_.aggregate(id));
  }
  difference.added.assign(is.begin(), is.end());
  if (!difference.removed.empty()) time = std::max(time, now_);
  if (difference.removed.empty() && difference.added.empty()) return false;
  change().apply(difference, time);
  return true;
}

bool CatchUp::apply_owner(RowId row, const Uuid& uuid, const Provider& was) {
  const auto found = read().owners.find(row);
  std::optional<CreatedBy> is, before;
  if (found != read().owners.end()) is = found->second;
  if (was.owner) before = CreatedBy{*was.owner->project_id, *was.owner->user_id};
  if (is == before) return false;
  change().apply(SetOwner{uuid, is}, now_);
  return true;
}

}  // namespace emplace::store
