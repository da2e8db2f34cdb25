#include "changes/reshape.h"

#include <map>

#include "changes/generation.h"

namespace emplace::changes {
namespace {

struct NewInventories {
  const Provider* before = nullptr;
  std::vector<std::pair<ClassId, const InventoryValues*>> inventories;

  const InventoryValues* find(ClassId resource_class) const {
    for (const auto& [id, values] : inventories) {
      if (id == resource_class) return values;
    }
    return nullptr;
  }
};
// Points into the World and the command.
using NewShape = std::map<Uuid, NewInventories>;

Result<void> check_providers(const World& world, const Reshape& reshape) {
  for (const auto& provider : reshape.providers) {
    const std::string name = provider.provider.str();
    const auto found = world.find_provider(provider.provider);
    if (!found) {
      return fail(Reason::unknown_provider, "Resource provider " + name +
                                                " in inventories not found: No resource provider "
                                                "with uuid " +
                                                name + " found");
    }
    const auto actual = (*found)->generation;
    if (actual != provider.generation) {
      return fail(Reason::concurrent_update, "resource provider generation conflict for provider " +
                                                 name + ": actual: " + std::to_string(actual) +
                                                 ", given: " + std::to_string(provider.generation));
    }
  }
  return {};
}

Result<NewShape> resolve_inventories(const World& world, const Reshape& reshape) {
  NewShape shape;
  for (const auto& provider : reshape.providers) {
    auto& entry = shape[provider.provider];
    const auto place = *world.find_place(provider.provider);
    entry.before = world.tree(place.tree)->nodes[place.index].provider.get();
    for (const auto& item : provider.items) {
      auto checked = check_capacity(item, provider.provider, true);
      if (!checked) {
        return fail(checked.error().reason,
                    reshape.claims.unknown_class_prefix + checked.error().detail);
      }
      const auto resource_class = world.find_class(item.resource_class);
      if (!resource_class) {
        return fail(Reason::bad_request, reshape.claims.unknown_class_prefix +
                                             "No such resource class " + item.resource_class + ".");
      }
      entry.inventories.emplace_back(*resource_class, &item.values);
    }
  }
  return shape;
}

std::int64_t sum_of(const std::vector<Allocation>& allocations, const Uuid& provider,
                    ClassId resource_class) {
  std::int64_t sum = 0;
  for (const auto& allocation : allocations) {
    if (allocation.provider == provider && allocation.resource_class == resource_class) {
      sum += allocation.used;
    }
  }
  return sum;
}

std::int64_t used_after(const Uuid& provider, const Inventory& inventory,
                        const std::vector<ResolvedClaim>& claims) {
  std::int64_t used = inventory.used;
  for (const auto& claim : claims) {
    if (claim.before) used -= sum_of(claim.before->allocations, provider, inventory.resource_class);
    used += sum_of(claim.allocations, provider, inventory.resource_class);
  }
  return used;
}

// What goes away must not be used in the end.
Result<void> check_unused(const World& world, const NewShape& shape,
                          const std::vector<ResolvedClaim>& claims) {
  for (const auto& [uuid, entry] : shape) {
    std::vector<ClassId> used;
    for (const auto& old : entry.before->inventories) {
      if (entry.find(old.resource_class)) continue;
      if (used_after(uuid, old, claims) > 0) used.push_back(old.resource_class);
    }
    if (used.empty()) continue;
    return fail(Reason::inventory_in_use, "update conflict: " + in_use(world, used, uuid).detail);
  }
  return {};
}

void append_inventories(const NewShape& shape, ChangeSet& changes) {
  for (const auto& [uuid, entry] : shape) {
    for (const auto& [resource_class, values] : entry.inventories) {
      const auto* old = entry.before->find_inventory(resource_class);
      if (!old || old->values != *values) {
        changes.add(PutInventory{uuid, resource_class, *values});
      }
    }
  }
}

void append_removals(const NewShape& shape, ChangeSet& changes) {
  for (const auto& [uuid, entry] : shape) {
    for (const auto& old : entry.before->inventories) {
      if (!entry.find(old.resource_class)) changes.add(DeleteInventory{uuid, old.resource_class});
    }
  }
}

// Upstream changes a provider's inventories in two steps, of which each makes a new generation, and
// leaves out the first if nothing is to be left; its claims make one more.
void append_generations(const World& world, const NewShape& shape, const std::vector<Uuid>& touched,
                        ChangeSet& changes) {
  std::map<Uuid, int> steps;
  for (const auto& [uuid, entry] : shape)
    steps[uuid] = entry.inventories.empty() ? 1 : 2;
  for (const auto& uuid : touched)
    ++steps[uuid];
  for (const auto& [uuid, count] : steps) {
    const auto from = (*world.find_provider(uuid))->generation;
    auto to = from;
    for (int i = 0; i < count; ++i)
      to = next_generation(to);
    changes.add(SetGeneration{uuid, from, to});
  }
}

}  // namespace

Result<ChangeSet> plan(const World& world, const Reshape& command, Time now) {
  CHECK_OK(check_providers(world, command));
  const auto claims = TRY(resolve(world, command.claims));
  const auto shape = TRY(resolve_inventories(world, command));
  const auto inventory_of = [&world, &shape](const Uuid& provider,
                                             ClassId resource_class) -> const InventoryValues* {
    if (const auto entry = shape.find(provider); entry != shape.end()) {
      if (const auto* values = entry->second.find(resource_class)) return values;
    }
    const auto place = world.find_place(provider);
    const auto& before = *world.tree(place->tree)->nodes[place->index].provider;
    const auto* inventory = before.find_inventory(resource_class);
    return inventory ? &inventory->values : nullptr;
  };
  CHECK_OK(check_room(world, claims, inventory_of));
  CHECK_OK(check_unused(world, shape, claims));

  ChangeSet changes{now, {}};
  append_inventories(shape, changes);
  append_consumers(claims, changes);
  append_removals(shape, changes);
  append_generations(world, shape, touched_providers(world, claims), changes);
  return changes;
}

}  // namespace emplace::changes
