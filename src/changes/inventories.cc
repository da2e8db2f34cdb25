#include "changes/inventories.h"

#include <algorithm>

#include "changes/generation.h"
#include "changes/providers.h"

namespace emplace::changes {
namespace {

std::string no_such_class(const std::string& name) {
  return "No such resource class " + name + ".";
}

// The same failure, told as part of a longer sentence.
tl::unexpected<Failure> within(const std::string& beginning, Failure failure) {
  return fail(failure.reason, beginning + ": " + failure.detail);
}

Result<void> check_generation(const Provider& provider, std::int64_t generation) {
  if (provider.generation == generation) return {};
  return fail(Reason::concurrent_update, "resource provider generation conflict");
}

// A change only where there is one, so that an inventory's time stays true.
void put(ChangeSet& changes, const Provider& provider, ClassId id, const InventoryValues& values) {
  const auto* before = provider.find_inventory(id);
  if (!before || before->values != values) changes.add(PutInventory{provider.uuid, id, values});
}

// Deletes the inventories for which `goes` holds; none of them may be in use.
template <class Goes>
Result<void> drop(ChangeSet& changes, const World& world, const Provider& provider, Goes goes) {
  std::vector<ClassId> used;
  for (const auto& inventory : provider.inventories) {
    if (!goes(inventory.resource_class)) continue;
    if (inventory.used > 0) used.push_back(inventory.resource_class);
    changes.add(DeleteInventory{provider.uuid, inventory.resource_class});
  }
  if (used.empty()) return {};
  return tl::unexpected(in_use(world, used, provider.uuid));
}

}  // namespace

Result<void> check_capacity(const InventoryItem& item, const Uuid& provider, bool may_reserve_all) {
  const std::int64_t capacity = item.values.capacity();
  if (capacity > 0 || (capacity == 0 && may_reserve_all)) return {};
  return fail(Reason::bad_request, "Invalid inventory for '" + item.resource_class +
                                       "' on resource provider '" + provider.str() +
                                       "'. The reserved value is greater than " +
                                       (may_reserve_all ? "" : "or equal to ") + "total.");
}

Failure in_use(const World& world, const std::vector<ClassId>& classes, const Uuid& provider) {
  std::string names;
  for (const auto id : classes) {
    if (!names.empty()) names += ", ";
    names += world.resource_class(id).name;
  }
  return {Reason::inventory_in_use,
          "Inventory for '" + names + "' on resource provider '" + provider.str() + "' in use."};
}

Result<ChangeSet> plan(const World& world, const ReplaceInventories& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  CHECK_OK(check_generation(*provider, command.generation));
  for (const auto& item : command.items) {
    auto checked = check_capacity(item, command.provider, command.may_reserve_all);
    if (checked) continue;
    return within("Unable to update inventory for resource provider " + command.provider.str(),
                  std::move(checked.error()));
  }
  std::vector<ClassId> wanted;
  for (const auto& item : command.items) {
    const auto id = world.find_class(item.resource_class);
    if (!id) {
      return fail(Reason::bad_request,
                  "Unknown resource class in inventory for resource provider " +
                      command.provider.str() + ": " + no_such_class(item.resource_class));
    }
    wanted.push_back(*id);
  }
  ChangeSet changes{now, {}};
  auto dropped = drop(changes, world, *provider, [&](ClassId id) {
    return std::find(wanted.begin(), wanted.end(), id) == wanted.end();
  });
  if (!dropped) return within("update conflict", std::move(dropped.error()));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    put(changes, *provider, wanted[i], command.items[i].values);
  }
  changes.add(next_generation_of(*provider));
  return changes;
}

Result<ChangeSet> plan(const World& world, const RemoveInventories& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  ChangeSet changes{now, {}};
  CHECK_OK(drop(changes, world, *provider, [](ClassId) { return true; }));
  changes.add(next_generation_of(*provider));
  return changes;
}

Result<ChangeSet> plan(const World& world, const AddInventory& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  const auto& name = command.item.resource_class;
  const auto cannot_create =
      "Unable to create inventory for resource provider " + command.provider.str();
  auto checked = check_capacity(command.item, command.provider, command.may_reserve_all);
  if (!checked) return within(cannot_create, std::move(checked.error()));
  const auto id = world.find_class(name);
  if (!id) return fail(Reason::bad_request, cannot_create + ": " + no_such_class(name));
  if (provider->find_inventory(*id)) {
    return fail(Reason::concurrent_update, "Update conflict: Inventory of class " + name +
                                               " on resource provider " + command.provider.str() +
                                               " already exists.");
  }
  ChangeSet changes{now, {}};
  put(changes, *provider, *id, command.item.values);
  changes.add(next_generation_of(*provider));
  return changes;
}

Result<ChangeSet> plan(const World& world, const EditInventory& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  CHECK_OK(check_generation(*provider, command.generation));
  const auto& name = command.item.resource_class;
  auto checked = check_capacity(command.item, command.provider, command.may_reserve_all);
  if (!checked) {
    return within("Unable to update inventory for resource provider " + command.provider.str(),
                  std::move(checked.error()));
  }
  const auto id = world.find_class(name);
  if (!id) return fail(Reason::no_such_resource, no_such_class(name));
  if (!provider->find_inventory(*id)) {
    return fail(Reason::bad_request,
                "No inventory record with resource class for resource provider " +
                    command.provider.str() + ": No inventory of class " + name + " found.");
  }
  ChangeSet changes{now, {}};
  put(changes, *provider, *id, command.item.values);
  changes.add(next_generation_of(*provider));
  return changes;
}

Result<ChangeSet> plan(const World& world, const RemoveInventory& command, Time now) {
  const auto provider = TRY(find_provider(world, command.provider));
  const auto& name = command.resource_class;
  const auto none = "No inventory of class " + name + " found for delete";
  const auto id = world.find_class(name);
  if (!id) return fail(Reason::not_found, none + ": " + no_such_class(name));
  if (!provider->find_inventory(*id)) return fail(Reason::not_found, none + ": " + none);
  ChangeSet changes{now, {}};
  const auto dropped = drop(changes, world, *provider, [&](ClassId other) { return other == *id; });
  if (!dropped) {
    // Unlike the deletion of all, this has always been a concurrent update.
    return fail(Reason::concurrent_update,
                "Unable to delete inventory of class " + name + ": " + dropped.error().detail);
  }
  changes.add(next_generation_of(*provider));
  return changes;
}

}  // namespace emplace::changes
