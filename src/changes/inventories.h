// Planners for the inventories of a provider. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

struct InventoryItem {
  std::string resource_class;
  InventoryValues values;
};

// Whether reserved fits total: bad_request "Invalid inventory for …" if not. `may_reserve_all`: a
// capacity of 0 will do (from 1.26).
Result<void> check_capacity(const InventoryItem& item, const Uuid& provider, bool may_reserve_all);
// inventory_in_use "Inventory for 'A, B' on resource provider '…' in use.".
Failure in_use(const World& world, const std::vector<ClassId>& classes, const Uuid& provider);

struct ReplaceInventories {  // all of a provider
  Uuid provider;
  std::int64_t generation = 0;
  std::vector<InventoryItem> items;  // each class once
  bool may_reserve_all = true;
};
Result<ChangeSet> plan(const World& world, const ReplaceInventories& command, Time now);

struct RemoveInventories {  // all of a provider
  Uuid provider;
};
Result<ChangeSet> plan(const World& world, const RemoveInventories& command, Time now);

struct AddInventory {
  Uuid provider;
  InventoryItem item;
  bool may_reserve_all = true;
};
Result<ChangeSet> plan(const World& world, const AddInventory& command, Time now);

struct EditInventory {
  Uuid provider;
  std::int64_t generation = 0;
  InventoryItem item;
  bool may_reserve_all = true;
};
Result<ChangeSet> plan(const World& world, const EditInventory& command, Time now);

struct RemoveInventory {
  Uuid provider;
  std::string resource_class;
};
Result<ChangeSet> plan(const World& world, const RemoveInventory& command, Time now);

}  // namespace emplace::changes
