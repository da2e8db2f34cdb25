// World: the whole state of a cloud at one moment, as a value. Immutable: a copy is cheap, a change
// makes a new World that shares what did not change. Any thread may read one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bitmap.h"
#include "base/persistent_map.h"
#include "base/persistent_vector.h"
#include "model/change_set.h"
#include "model/records.h"

namespace emplace {

// A provider together with its tree; keeps both alive.
struct Located {
  TreePtr tree;
  Place place;
  const Provider& operator*() const { return *tree->nodes[place.index].provider; }
  const Provider* operator->() const { return tree->nodes[place.index].provider.get(); }
  const Provider& root() const { return tree->root(); }
};

// When that happened last of which no record is left. None is earlier than `taken`: what went
// before the World was taken from its store has left no time there, so the taking is the latest
// that it can have been.
struct WorldTimes {
  Time taken{};    // from the store
  Time changed{};  // anything at all
  Time provider_removed{}, consumer_removed{}, trait_removed{}, class_removed{};
};

class World {
 public:
  // How many changes led here; two Worlds of one history with one version are the same.
  std::uint64_t version() const { return version_; }
  const WorldTimes& times() const { return times_; }

  // Providers.
  std::optional<Located> find_provider(const Uuid& uuid) const;
  std::optional<Place> find_place(const Uuid& uuid) const;
  std::optional<Located> find_provider_by_name(std::string_view name) const;
  std::size_t provider_count() const { return places_.size(); }
  // False: the database has no place for owners, so that no provider has one, nor can be given one.
  bool keeps_owners() const { return keeps_owners_; }
  // Trees by number, 0 to tree_limit() - 1; nullptr where there is none (any more).
  const TreePtr& tree(std::uint32_t number) const { return trees_[number]; }
  std::uint32_t tree_limit() const { return static_cast<std::uint32_t>(trees_.size()); }
  // The trees in which at least one provider has an inventory of the class, has the trait, is in
  // the aggregate.
  const Bitmap& all_trees() const { return *all_trees_; }
  const Bitmap& trees_with(ClassId resource_class) const;
  const Bitmap& trees_with(TraitId trait) const;
  const Bitmap& trees_with(AggregateId aggregate) const;

  // Names. Ids are never used again; a deleted name is found no more.
  std::optional<TraitId> find_trait(std::string_view name) const;
  std::optional<ClassId> find_class(std::string_view name) const;
  std::optional<AggregateId> find_aggregate(const Uuid& uuid) const;
  const Name& trait(TraitId id) const { return traits_.names[static_cast<std::size_t>(id)]; }
  const Name& resource_class(ClassId id) const {
    return classes_.names[static_cast<std::size_t>(id)];
  }
  const Uuid& aggregate(AggregateId id) const {
    return aggregate_uuids_[static_cast<std::size_t>(id)];
  }
  // All that exist, by id.
  std::vector<TraitId> trait_ids() const { return ids_of<TraitId>(traits_); }
  std::vector<ClassId> class_ids() const { return ids_of<ClassId>(classes_); }
  // MISC_SHARES_VIA_AGGREGATE, if it exists.
  std::optional<TraitId> sharing_trait() const { return find_trait("MISC_SHARES_VIA_AGGREGATE"); }

  // Consumers.
  ConsumerPtr find_consumer(const Uuid& uuid) const;  // nullptr: none
  std::size_t consumer_count() const { return consumers_.size(); }
  // nullptr: none.
  const PersistentSet<Uuid>* consumers_of_project(std::string_view project_id) const;

  // The World in which these providers and consumers, of those that there are, are not found by
  // their UUIDs. To look at only: a change made from it is to be made to nothing.
  World without(const std::vector<Uuid>& providers, const std::vector<Uuid>& consumers) const;

  // The World after these changes. Requires: a planner made them from this World.
  World with(const ChangeSet& changes) const;
  // The same World, taken from its store at this time.
  World taken_at(Time time) const;
  // The same World, as one that came after `before`, however it came about: its version is greater.
  World succeeding(const World& before) const;

 private:
  friend class WorldBuilder;

  struct NameTable {
    PersistentMap<std::string, std::uint32_t> ids;
    PersistentVector<Name> names;
  };
  using Sets = PersistentVector<std::shared_ptr<const Bitmap>>;  // id → trees

  template <class Id>
  static std::vector<Id> ids_of(const NameTable& table) {
    std::vector<Id> ids;
    for (std::uint32_t i = 0; i < table.names.size(); ++i) {
      if (!table.names[i].name.empty()) ids.push_back(static_cast<Id>(i));
    }
    return ids;
  }

  std::uint64_t version_ = 0;
  bool keeps_owners_ = true;
  WorldTimes times_;
  PersistentVector<TreePtr> trees_;
  std::shared_ptr<const Bitmap> all_trees_ = std::make_shared<Bitmap>();
  PersistentMap<Uuid, Place> places_;
  PersistentMap<std::string, Uuid> providers_by_name_;
  NameTable traits_, classes_;
  PersistentMap<Uuid, std::uint32_t> aggregate_ids_;
  PersistentVector<Uuid> aggregate_uuids_;
  Sets trees_by_class_, trees_by_trait_, trees_by_aggregate_;
  PersistentMap<Uuid, ConsumerPtr> consumers_;
  PersistentMap<std::string, PersistentSet<Uuid>> consumers_by_project_;
  PersistentMap<std::string, SharedText> texts_;  // projects, users, consumer types
};

}  // namespace emplace
