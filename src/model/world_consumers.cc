// The part of WorldBuilder that changes consumers and what they use.
#include <utility>

#include "model/world_builder.h"

namespace emplace {

// Adds a consumer's allocations to the providers' usage, or takes them away again (sign -1).
void WorldBuilder::account(const Consumer& consumer, std::int64_t sign, Time at) {
  for (const auto& allocation : consumer.allocations) {
    if (!world_.places_.contains(allocation.provider)) continue;  // a database may hold such
    Provider& provider = edit(allocation.provider, false);
    const auto* inventory = std::as_const(provider).find_inventory(allocation.resource_class);
    if (inventory) const_cast<Inventory*>(inventory)->used += sign * allocation.used;
    if (sign > 0) {
      if (!provider.consumers.contains(consumer.uuid)) provider.consumers.set(consumer.uuid, {});
    } else {
      provider.consumers.erase(consumer.uuid);
    }
    provider.allocations_updated_at = at;
  }
}

// Moves a consumer, which may be new, to the set of a project.
void WorldBuilder::set_project(const Uuid& consumer, const Consumer* before,
                               const std::string& project_id) {
  if (before && *before->project_id == project_id) return;
  if (before) {
    auto members = *world_.consumers_by_project_.find(*before->project_id);
    members.erase(consumer);
    world_.consumers_by_project_.set(*before->project_id, std::move(members));
  }
  const auto* members = world_.consumers_by_project_.find(project_id);
  auto more = members ? *members : PersistentSet<Uuid>{};
  more.set(consumer, {});
  world_.consumers_by_project_.set(project_id, std::move(more));
}

void WorldBuilder::put_consumer(const PutConsumer& change, Time at) {
  auto consumer = std::make_shared<Consumer>();
  const auto before = world_.find_consumer(change.uuid);
  if (before) consumer->allocations = before->allocations;
  consumer->uuid = change.uuid;
  consumer->project_id = intern(change.project_id);
  consumer->user_id = intern(change.user_id);
  if (change.type) consumer->type = intern(*change.type);
  consumer->generation = change.generation;
  consumer->updated_at = at;
  set_project(change.uuid, before.get(), change.project_id);
  world_.consumers_.set(change.uuid, std::move(consumer));
}

void WorldBuilder::delete_consumer(const DeleteConsumer& change, Time at) {
  const auto consumer = world_.find_consumer(change.uuid);
  if (!consumer) return;
  account(*consumer, -1, at);
  auto members = *world_.consumers_by_project_.find(*consumer->project_id);
  members.erase(change.uuid);
  if (members.empty()) {
    world_.consumers_by_project_.erase(*consumer->project_id);
  } else {
    world_.consumers_by_project_.set(*consumer->project_id, std::move(members));
  }
  world_.consumers_.erase(change.uuid);
  world_.times_.consumer_removed = at;
}

void WorldBuilder::replace_allocations(const ReplaceAllocations& change, Time at) {
  const auto before = world_.find_consumer(change.consumer);
  account(*before, -1, at);
  auto consumer = std::make_shared<Consumer>(*before);
  consumer->allocations = change.allocations;
  consumer->updated_at = at;
  account(*consumer, 1, at);
  world_.consumers_.set(change.consumer, std::move(consumer));
  if (change.allocations.empty()) world_.times_.consumer_removed = at;
}

}  // namespace emplace
