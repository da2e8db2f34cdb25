#include "store/changed_things.h"

#include "store/describe.h"

namespace emplace::store {
namespace {

struct Collect {
  ChangedThings& things;
  const World& before;

  void operator()(const CreateProvider& c) const { things.providers.insert(c.uuid); }
  void operator()(const UpdateProvider& c) const {
    things.providers.insert(c.uuid);
    things.updated_providers.insert(c.uuid);
  }
  void operator()(const DeleteProvider& c) const { things.providers.insert(c.uuid); }
  void operator()(const SetOwner& c) const { things.providers.insert(c.provider); }
  void operator()(const SetGeneration& c) const { things.providers.insert(c.provider); }
  void operator()(const PutInventory& c) const { things.providers.insert(c.provider); }
  void operator()(const DeleteInventory& c) const { things.providers.insert(c.provider); }
  void operator()(const ChangeTraits& c) const { things.providers.insert(c.provider); }
  void operator()(const ChangeAggregates& c) const { things.providers.insert(c.provider); }
  void operator()(const CreateTrait& c) const {
    things.traits.insert(c.name);
    ++things.new_traits;
  }
  void operator()(const DeleteTrait& c) const { add(things.traits, trait_name(before, c.trait)); }
  void operator()(const CreateClass& c) const {
    things.classes.insert(c.name);
    ++things.new_classes;
  }
  void operator()(const RenameClass& c) const {
    add(things.classes, class_name(before, c.resource_class));
    things.classes.insert(c.name);
  }
  void operator()(const DeleteClass& c) const {
    add(things.classes, class_name(before, c.resource_class));
  }
  void operator()(const PutConsumer& c) const { things.consumers.insert(c.uuid); }
  void operator()(const DeleteConsumer& c) const {
    things.consumers.insert(c.uuid);
    things.reallocated.insert(c.uuid);
  }
  void operator()(const ReplaceAllocations& c) const {
    things.consumers.insert(c.consumer);
    things.reallocated.insert(c.consumer);
  }

  // What is not in `before` was created on the way, and is there by that name.
  static void add(std::set<std::string>& names, const std::string& name) {
    if (!name.empty()) names.insert(name);
  }
};

}  // namespace

ChangedThings changed_things(const std::vector<const ChangeSet*>& changes, const World& before) {
  ChangedThings things;
  for (const auto* set : changes) {
    for (const auto& change : set->changes)
      std::visit(Collect{things, before}, change);
  }
  return things;
}

}  // namespace emplace::store
