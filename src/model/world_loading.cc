// The part of WorldBuilder that stores alone use, when they load a World or catch up with theirs.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "model/world_builder.h"

namespace emplace {
namespace {

// The set of these, some of which may come twice.
PersistentSet<Uuid> set_of(std::vector<Uuid> uuids) {
  std::sort(uuids.begin(), uuids.end());
  uuids.erase(std::unique(uuids.begin(), uuids.end()), uuids.end());
  std::vector<PersistentSet<Uuid>::Entry> entries;
  entries.reserve(uuids.size());
  for (const auto& uuid : uuids)
    entries.emplace_back(uuid, Nothing{});
  return PersistentSet<Uuid>::from(std::move(entries));
}

}  // namespace

void WorldBuilder::set_generation(const Uuid& provider, std::int64_t generation) {
  edit(provider, false).generation = generation;
}

void WorldBuilder::set_times(const Uuid& uuid, Time updated_at, Time traits, Time aggregates,
                             Time allocations) {
  Provider& provider = edit(uuid, false);
  provider.updated_at = updated_at;
  provider.traits_updated_at = traits;
  provider.aggregates_updated_at = aggregates;
  provider.allocations_updated_at = allocations;
  world_.times_.changed = std::max(world_.times_.changed, updated_at);
}

void WorldBuilder::set_name(const Uuid& uuid, const std::string& name) {
  Provider& provider = edit(uuid, false);
  const auto* holder = world_.providers_by_name_.find(provider.name);
  if (holder && *holder == uuid) world_.providers_by_name_.erase(provider.name);
  provider.name = name;
  world_.providers_by_name_.set(name, uuid);
}

void WorldBuilder::set_parent(const Uuid& provider, const std::optional<Uuid>& parent) {
  move(provider, parent);
}

void WorldBuilder::put(const ConsumerPtr& consumer, Time at) {
  const auto before = world_.find_consumer(consumer->uuid);
  set_project(consumer->uuid, before.get(), *consumer->project_id);
  world_.consumers_.set(consumer->uuid, consumer);
  world_.times_.changed = std::max({world_.times_.changed, consumer->updated_at, at});
  if (before && before->allocations == consumer->allocations) return;
  // Rows come in any order: none makes a provider's time an earlier one.
  std::map<Provider*, Time> times;
  for (const auto* each : {before.get(), consumer.get()}) {
    if (!each) continue;
    for (const auto& allocation : each->allocations) {
      if (!world_.places_.contains(allocation.provider)) continue;
      Provider& provider = edit(allocation.provider, false);
      times.emplace(&provider, std::max(provider.allocations_updated_at, at));
    }
  }
  if (before) account(*before, -1, at);
  account(*consumer, 1, at);
  for (const auto& [provider, time] : times)
    provider->allocations_updated_at = time;
  if (before && consumer->allocations.empty()) world_.times_.consumer_removed = at;
}

void WorldBuilder::set_inventory_time(const Uuid& uuid, ClassId resource_class, Time updated_at) {
  Provider& provider = edit(uuid, false);
  for (auto& inventory : provider.inventories) {
    if (inventory.resource_class == resource_class) inventory.updated_at = updated_at;
  }
}

void WorldBuilder::load_consumers(std::vector<ConsumerPtr> consumers) {
  std::unordered_map<Provider*, std::vector<Uuid>> by_provider;
  std::unordered_map<SharedText, std::vector<Uuid>> by_project;
  for (const auto& consumer : consumers) {
    by_project[consumer->project_id].push_back(consumer->uuid);
    for (const auto& allocation : consumer->allocations) {
      if (!world_.places_.contains(allocation.provider)) continue;  // a database may hold such
      Provider& provider = edit(allocation.provider, false);
      const auto* inventory = std::as_const(provider).find_inventory(allocation.resource_class);
      if (inventory) const_cast<Inventory*>(inventory)->used += allocation.used;
      auto& users = by_provider[&provider];
      if (users.empty() || users.back() != consumer->uuid) users.push_back(consumer->uuid);
    }
  }
  for (auto& [provider, uuids] : by_provider)
    provider->consumers = set_of(std::move(uuids));
  for (auto& [project, uuids] : by_project) {
    world_.consumers_by_project_.set(*project, set_of(std::move(uuids)));
  }
  std::vector<std::pair<Uuid, ConsumerPtr>> entries;
  entries.reserve(consumers.size());
  for (auto& consumer : consumers) {
    const Uuid uuid = consumer->uuid;
    entries.emplace_back(uuid, std::move(consumer));
  }
  world_.consumers_ = PersistentMap<Uuid, ConsumerPtr>::from(std::move(entries));
}

}  // namespace emplace
