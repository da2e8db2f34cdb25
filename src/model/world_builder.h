// WorldBuilder: a World in the making. Edits a private copy, many changes at a time; used by
// World::with() and by stores that load a World. One thread.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "model/world.h"

namespace emplace {

class WorldBuilder {
 public:
  explicit WorldBuilder(World base = {});
  ~WorldBuilder();

  // Requires: as World::with().
  void apply(const Change& change, Time at);
  // For loading: times that a change does not carry. Requires: the provider exists.
  void set_times(const Uuid& provider, Time updated_at, Time traits, Time aggregates,
                 Time allocations);
  void set_inventory_time(const Uuid& provider, ClassId resource_class, Time updated_at);
  // For loading: an existing generation, whatever it was.
  void set_generation(const Uuid& provider, std::int64_t generation);
  // For catching up with a database: a name, which another provider may have had until now, and a
  // new parent, which is to be another one than before and no provider below this one. No time
  // changes. Requires: the providers exist.
  void set_name(const Uuid& provider, const std::string& name);
  void set_parent(const Uuid& provider, const std::optional<Uuid>& parent);
  // For catching up: a consumer with its allocations and its own time, created or instead of the
  // one that there is; `at` is when its allocations changed. Requires: the texts come from
  // intern().
  void put(const ConsumerPtr& consumer, Time at);
  // For loading: consumers with their allocations, all at once. Requires: there are none so far,
  // all inventories are in, each uuid comes once, and the texts come from intern().
  void load_consumers(std::vector<ConsumerPtr> consumers);
  // For loading: whether the database keeps owners; it does, if this is not called.
  void set_keeps_owners(bool keeps) { world_.keeps_owners_ = keeps; }
  // For loading: an aggregate that a database knows. Lists of aggregates are in the order in which
  // these were met, here or in a change.
  void load_aggregate(const Uuid& uuid) { intern_aggregate(uuid); }
  // The one shared copy of a project, user or consumer type.
  SharedText intern(const std::string& text);
  // What has been built so far, names and consumers included, but trees only after finish().
  const World& names() const { return world_; }

  // The World with all changes; the builder is empty after it.
  World finish();

 private:
  struct Draft;

  std::vector<Uuid> move(const Uuid& provider, const std::optional<Uuid>& parent);
  void create(const CreateProvider& change, Time at);
  void update(const UpdateProvider& change, Time at);
  void remove(const DeleteProvider& change, Time at);
  std::shared_ptr<const Owner> shared(const std::optional<CreatedBy>& owner);
  void put_inventory(const PutInventory& change, Time at);
  void delete_inventory(const DeleteInventory& change, Time at);
  void change_traits(const ChangeTraits& change, Time at);
  void change_aggregates(const ChangeAggregates& change, Time at);
  void put_consumer(const PutConsumer& change, Time at);
  void delete_consumer(const DeleteConsumer& change, Time at);
  void replace_allocations(const ReplaceAllocations& change, Time at);
  void rename_class(const RenameClass& change, Time at);

  void account(const Consumer& consumer, std::int64_t sign, Time at);
  void set_project(const Uuid& consumer, const Consumer* before, const std::string& project_id);
  std::uint32_t new_tree(std::vector<Tree::Node> nodes);
  void append(std::uint32_t tree, std::vector<Tree::Node> nodes, std::uint32_t parent);
  std::vector<Tree::Node> cut_out(const Place& place);
  void place_all(std::uint32_t tree);
  AggregateId intern_aggregate(const Uuid& uuid);

  Draft& draft(std::uint32_t tree);
  // For change; the tree's indexes are made anew if `shape` (inventories come or go, traits,
  // aggregates, providers), not if only amounts change.
  Provider& edit(const Uuid& provider, bool shape);
  const Tree& current(std::uint32_t tree) const;

  World world_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Draft>> drafts_;
};

}  // namespace emplace
