// Reshape: inventories and allocations of many providers and consumers, changed as one: a class
// moves from one provider to another together with what is claimed of it. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "changes/claims.h"
#include "changes/inventories.h"
#include "model/world.h"

namespace emplace::changes {

// All that a provider is to have from now on.
struct ReshapedProvider {
  Uuid provider;
  std::int64_t generation = 0;       // that it has, as the client believes
  std::vector<InventoryItem> items;  // each class once
};

struct Reshape {
  std::vector<ReshapedProvider> providers;  // none twice
  Claims claims;
};

// Failures, in this order: unknown_provider (one of `providers`), concurrent_update (its
// generation), those of Claims about names and generations, bad_request (an inventory), conflict (a
// claim does not fit), inventory_in_use (one that goes away). Claims are held against the new
// inventories, and against the old ones that go away.
Result<ChangeSet> plan(const World& world, const Reshape& command, Time now);

}  // namespace emplace::changes
