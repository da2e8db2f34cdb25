// Whether one provider meets one need of a query.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "candidates/plan.h"

namespace emplace::candidates {

// What may still be taken at once of an inventory.
inline std::int64_t room_of(const Inventory& inventory) {
  return std::min<std::int64_t>(inventory.values.capacity() - inventory.used,
                                inventory.values.max_unit);
}

inline bool has_room(const Provider& provider, const Demand& demand) {
  const Inventory* inventory = provider.find_inventory(demand.resource_class);
  if (!inventory) return false;
  const auto& values = inventory->values;
  return demand.amount >= values.min_unit && demand.amount <= room_of(*inventory) &&
         (values.step_size <= 1 || demand.amount % values.step_size == 0);
}

inline bool has_any(const Provider& provider, const std::vector<TraitId>& traits) {
  return std::any_of(traits.begin(), traits.end(),
                     [&](TraitId trait) { return provider.has_trait(trait); });
}
inline bool has_all(const Provider& provider, const TraitNeed& need) {
  return std::all_of(need.any_of.begin(), need.any_of.end(),
                     [&](const auto& any) { return has_any(provider, any); });
}
inline bool has_none(const Provider& provider, const TraitNeed& need) {
  return !has_any(provider, need.none_of);
}

inline bool in_any(const Provider& provider, const std::vector<AggregateId>& aggregates) {
  return std::any_of(aggregates.begin(), aggregates.end(),
                     [&](AggregateId aggregate) { return provider.in_aggregate(aggregate); });
}
inline bool in_all(const Provider& provider, const AggregateNeed& need) {
  return std::all_of(need.any_of.begin(), need.any_of.end(),
                     [&](const auto& any) { return in_any(provider, any); });
}
inline bool in_none(const Provider& provider, const AggregateNeed& need) {
  return !in_any(provider, need.none_of);
}

}  // namespace emplace::candidates
