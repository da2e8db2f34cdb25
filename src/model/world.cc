#include "model/world.h"

#include "model/world_builder.h"

namespace emplace {
namespace {

const Bitmap no_trees;

template <class Id>
std::optional<Id> find_id(const PersistentMap<std::string, std::uint32_t>& ids,
                          std::string_view name) {
  const auto* id = ids.find(name);
  return id ? std::optional(static_cast<Id>(*id)) : std::nullopt;
}

template <class Sets, class Id>
const Bitmap& set_of(const Sets& sets, Id id) {
  const auto index = static_cast<std::size_t>(id);
  return index < sets.size() && sets[index] ? *sets[index] : no_trees;
}

}  // namespace

std::optional<Place> World::find_place(const Uuid& uuid) const {
  const auto* place = places_.find(uuid);
  return place ? std::optional(*place) : std::nullopt;
}

std::optional<Located> World::find_provider(const Uuid& uuid) const {
  const auto* place = places_.find(uuid);
  if (!place) return std::nullopt;
  return Located{trees_[place->tree], *place};
}

std::optional<Located> World::find_provider_by_name(std::string_view name) const {
  const auto* uuid = providers_by_name_.find(name);
  return uuid ? find_provider(*uuid) : std::nullopt;
}

const Bitmap& World::trees_with(ClassId id) const {
  return set_of(trees_by_class_, id);
}
const Bitmap& World::trees_with(TraitId id) const {
  return set_of(trees_by_trait_, id);
}
const Bitmap& World::trees_with(AggregateId id) const {
  return set_of(trees_by_aggregate_, id);
}

std::optional<TraitId> World::find_trait(std::string_view name) const {
  return find_id<TraitId>(traits_.ids, name);
}

std::optional<ClassId> World::find_class(std::string_view name) const {
  return find_id<ClassId>(classes_.ids, name);
}

std::optional<AggregateId> World::find_aggregate(const Uuid& uuid) const {
  const auto* id = aggregate_ids_.find(uuid);
  return id ? std::optional(static_cast<AggregateId>(*id)) : std::nullopt;
}

ConsumerPtr World::find_consumer(const Uuid& uuid) const {
  const auto* consumer = consumers_.find(uuid);
  return consumer ? *consumer : nullptr;
}

const PersistentSet<Uuid>* World::consumers_of_project(std::string_view project_id) const {
  return consumers_by_project_.find(project_id);
}

World World::without(const std::vector<Uuid>& providers, const std::vector<Uuid>& consumers) const {
  World narrowed = *this;
  for (const auto& uuid : providers)
    narrowed.places_.erase(uuid);
  for (const auto& uuid : consumers)
    narrowed.consumers_.erase(uuid);
  return narrowed;
}

World World::with(const ChangeSet& changes) const {
  WorldBuilder builder(*this);
  for (const auto& change : changes.changes)
    builder.apply(change, changes.at);
  return builder.finish();
}

World World::taken_at(Time time) const {
  World taken = *this;
  taken.times_ = {time, time, time, time, time, time};
  return taken;
}

World World::succeeding(const World& before) const {
  World later = *this;
  later.version_ = before.version_ + 1;
  return later;
}

}  // namespace emplace
