// For tests: random writes of all kinds, as the planners make them.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "changes/aggregates.h"
#include "changes/claims.h"
#include "changes/classes.h"
#include "changes/inventories.h"
#include "changes/providers.h"
#include "changes/reshape.h"
#include "changes/traits.h"
#include "model/world_text.h"

namespace emplace::store {

// Plans that succeed often enough, over few names, so that they meet.
class RandomPlans {
 public:
  explicit RandomPlans(std::uint64_t seed) : random_(seed) {}

  // Of a write that changes something.
  ChangeSet next(const World& world, Time now) {
    for (;;) {
      auto planned = attempt(world, now);
      if (planned && !planned->empty()) return *std::move(planned);
    }
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  std::string name(const char* kind, std::uint64_t count) {
    return kind + std::to_string(below(count));
  }
  Uuid uuid(const char* kind, std::uint64_t count) { return uuid_of(name(kind, count)); }
  Uuid provider() { return uuid("provider", 9); }
  std::optional<CreatedBy> owner() {
    if (below(3) == 0) return std::nullopt;
    return CreatedBy{name("project", 2), name("user", 2)};
  }
  std::string resource_class() {
    return below(2) ? name("CUSTOM_C", 4) : below(2) ? "VCPU" : "MEMORY_MB";
  }
  static std::int64_t generation(const World& world, const Uuid& uuid) {
    const auto found = world.find_provider(uuid);
    return found ? (*found)->generation : 0;
  }

  changes::InventoryItem item(const std::string& class_name) {
    constexpr double ratios[] = {1, 16, 1.1, 1.0 / 3, 0.7000000001, 123456.789, 3.40282e38};
    return {class_name,
            {.total = 100 + static_cast<int>(below(3)),
             .reserved = static_cast<int>(below(2)),
             .min_unit = 1,
             .max_unit = 100,
             .step_size = 1,
             .allocation_ratio = ratios[below(std::size(ratios))]}};
  }
  std::vector<changes::InventoryItem> items() {
    std::vector<changes::InventoryItem> all;
    for (const auto* each : {"VCPU", "MEMORY_MB", "CUSTOM_C0", "CUSTOM_C1"})
      if (below(2)) all.push_back(item(each));
    return all;
  }
  changes::Claims claims() {
    changes::Claims all;
    for (std::uint64_t i = 0, count = 1 + below(2); i < count; ++i) {
      changes::ConsumerClaim claim;
      claim.consumer = uuid("consumer", 4);
      claim.project_id = below(3) ? "project" : "another project";
      claim.user_id = name("user", 3);
      if (i > 0 && claim.consumer == all.consumers[0].consumer) continue;
      if (below(2)) claim.type = name("TYPE", 2);
      for (std::uint64_t amount = below(3); amount > 0; --amount) {
        claim.amounts.push_back({provider(), amount == 1 ? "VCPU" : "MEMORY_MB", 1});
      }
      all.consumers.push_back(std::move(claim));
    }
    return all;
  }

  Result<ChangeSet> attempt(const World& world, Time now) {
    const auto uuid_of_one = provider();
    const auto known = generation(world, uuid_of_one);
    switch (below(20)) {
      case 0:
      case 1: {
        std::optional<Uuid> parent;
        if (below(2)) parent = provider();
        return plan(world, changes::AddProvider{uuid_of_one, name("provider", 9), parent, owner()},
                    now);
      }
      case 2: {
        std::optional<Uuid> parent;
        if (below(3)) parent = provider();
        return plan(
            world,
            changes::EditProvider{uuid_of_one, name("provider", 9), below(2) == 0, parent, true},
            now);
      }
      case 3:
        return plan(world, changes::RemoveProvider{uuid_of_one}, now);
      case 4:
        return plan(world, changes::ChangeOwner{uuid_of_one, owner()}, now);
      case 5:
        return plan(world, changes::ReplaceInventories{uuid_of_one, known, items()}, now);
      case 6:
        return plan(world, changes::EditInventory{uuid_of_one, known, item(resource_class())}, now);
      case 7:
        return plan(world, changes::AddInventory{uuid_of_one, item(resource_class())}, now);
      case 8:
        return plan(world, changes::RemoveInventory{uuid_of_one, resource_class()}, now);
      case 9:
        return plan(world, changes::AddTrait{name("CUSTOM_T", 3)}, now);
      case 10:
        return plan(world, changes::RemoveTrait{name("CUSTOM_T", 3)}, now);
      case 11: {
        std::vector<std::string> traits;
        for (const auto* each : {"CUSTOM_T0", "CUSTOM_T1", "HW_CPU_X86_AVX2"})
          if (below(2)) traits.emplace_back(each);
        return plan(world, changes::ReplaceTraits{uuid_of_one, known, traits}, now);
      }
      case 12:
        return plan(world, changes::AddClass{name("CUSTOM_C", 4)}, now);
      case 13:
        return plan(world, changes::EditClass{name("CUSTOM_C", 4), name("CUSTOM_C", 4)}, now);
      case 14:
        return plan(world, changes::RemoveClass{name("CUSTOM_C", 4)}, now);
      case 15: {
        std::vector<Uuid> aggregates;
        for (const auto* each : {"a", "b", "c", "d"})
          if (below(2)) aggregates.push_back(uuid_of(each));
        std::optional<std::int64_t> generation_or_none;
        if (below(2)) generation_or_none = known;
        return plan(world, changes::ReplaceAggregates{uuid_of_one, generation_or_none, aggregates},
                    now);
      }
      case 16:
        return plan(world, changes::Release{uuid("consumer", 4), ""}, now);
      case 17:
        return plan(world, changes::Reshape{{{uuid_of_one, known, items()}}, claims()}, now);
      default:
        return plan(world, claims(), now);
    }
  }

  Random random_;
};

}  // namespace emplace::store
