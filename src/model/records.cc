#include "model/records.h"

#include <algorithm>

namespace emplace {

std::int64_t InventoryValues::capacity() const {
  constexpr double limit = 4611686018427387904.0;  // 2^62
  const double exact =
      (static_cast<double>(total) - static_cast<double>(reserved)) * allocation_ratio;
  return static_cast<std::int64_t>(std::clamp(exact, -limit, limit));
}

const Inventory* Provider::find_inventory(ClassId resource_class) const {
  const auto at = std::lower_bound(
      inventories.begin(), inventories.end(), resource_class,
      [](const Inventory& inventory, ClassId id) { return inventory.resource_class < id; });
  return at != inventories.end() && at->resource_class == resource_class ? &*at : nullptr;
}

bool Provider::has_trait(TraitId trait) const {
  return std::binary_search(traits.begin(), traits.end(), trait);
}

bool Provider::in_aggregate(AggregateId aggregate) const {
  return std::binary_search(aggregates.begin(), aggregates.end(), aggregate);
}

}  // namespace emplace
