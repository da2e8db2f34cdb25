#include "changes/claims.h"

#include <algorithm>
#include <map>
#include <utility>

#include "changes/generation.h"

namespace emplace::changes {
namespace {

std::string generation_text(const std::optional<std::int64_t>& generation) {
  return generation ? std::to_string(*generation) : "None";
}

Result<void> check_generation(const ConsumerClaim& claim, const Consumer* consumer) {
  if (!claim.checks_generation) return {};
  if (consumer && claim.generation == consumer->generation) return {};
  // Upstream's refused claims leave consumers without allocations in a database; clients cannot
  // see those, and rightly say that there is none.
  const bool is_visible = consumer && !consumer->allocations.empty();
  if (!is_visible && !claim.generation) return {};
  const std::string expected = is_visible ? std::to_string(consumer->generation) : "null";
  return fail(Reason::concurrent_update, "consumer generation conflict - expected " + expected +
                                             " but got " + generation_text(claim.generation));
}

std::string where(const World& world, const Allocation& allocation) {
  return "'" + world.resource_class(allocation.resource_class).name + "' on resource provider '" +
         allocation.provider.str() + "'";
}

Result<void> check_bounds(const World& world, const Allocation& allocation,
                          const InventoryValues* inventory) {
  if (!inventory) {
    return fail(Reason::conflict, "Unable to allocate inventory: Inventory for " +
                                      where(world, allocation) + " invalid.");
  }
  if (allocation.used < inventory->min_unit || allocation.used > inventory->max_unit ||
      (inventory->step_size > 1 && allocation.used % inventory->step_size != 0)) {
    return fail(Reason::conflict,
                "Unable to allocate inventory: Unable to create allocation for " +
                    where(world, allocation) +
                    ". The requested amount would violate inventory constraints.");
  }
  return {};
}

// What one inventory's usage was, and what comes and goes. Each amount that comes has passed
// check_bounds, so it has 31 bits and the sums cannot overflow.
struct Balance {
  const Allocation* first = nullptr;  // for the sentence
  bool is_new = true;  // a reshape brings the inventory: nothing was counted against it
  std::int64_t before = 0, freed = 0, claimed = 0;
  std::int64_t after() const { return before - freed + claimed; }
};
using Balances = std::map<std::pair<Uuid, ClassId>, Balance>;

void count_freed(const std::vector<ResolvedClaim>& claims, Balances& balances) {
  for (const auto& claim : claims) {
    if (!claim.before) continue;
    for (const auto& allocation : claim.before->allocations) {
      const auto found = balances.find({allocation.provider, allocation.resource_class});
      if (found == balances.end() || found->second.is_new) continue;
      found->second.freed += allocation.used;
    }
  }
}

const Inventory* find_inventory(const World& world, const Allocation& allocation) {
  const auto place = world.find_place(allocation.provider);
  if (!place) return nullptr;
  return world.tree(place->tree)
      ->nodes[place->index]
      .provider->find_inventory(allocation.resource_class);
}

}  // namespace

Result<std::vector<ResolvedClaim>> resolve(const World& world, const Claims& claims) {
  std::vector<ResolvedClaim> resolved;
  resolved.reserve(claims.consumers.size());
  for (const auto& claim : claims.consumers) {
    auto before = world.find_consumer(claim.consumer);
    CHECK_OK(check_generation(claim, before.get()));
    resolved.push_back({&claim, std::move(before), {}});
  }
  for (const auto& claim : claims.consumers) {
    for (const auto& amount : claim.amounts) {
      if (world.find_place(amount.provider)) continue;
      return fail(Reason::bad_request, "Allocation for resource provider '" +
                                           amount.provider.str() + "' that does not exist.");
    }
  }
  for (auto& claim : resolved) {
    claim.allocations.reserve(claim.claim->amounts.size());
    for (const auto& amount : claim.claim->amounts) {
      const auto resource_class = world.find_class(amount.resource_class);
      if (!resource_class) {
        return fail(Reason::bad_request, claims.unknown_class_prefix + "No such resource class " +
                                             amount.resource_class + ".");
      }
      claim.allocations.push_back({amount.provider, *resource_class, amount.amount});
    }
  }
  return resolved;
}

Result<void> check_room(const World& world, const std::vector<ResolvedClaim>& claims,
                        const InventoryLookup& inventory_of) {
  Balances balances;
  for (const auto& claim : claims) {
    for (const auto& allocation : claim.allocations) {
      CHECK_OK(check_bounds(world, allocation,
                            inventory_of(allocation.provider, allocation.resource_class)));
      auto& balance = balances[{allocation.provider, allocation.resource_class}];
      if (!balance.first) {
        balance.first = &allocation;
        if (const auto* inventory = find_inventory(world, allocation)) {
          balance.is_new = false;
          balance.before = inventory->used;
        }
      }
      balance.claimed += allocation.used;
    }
  }
  count_freed(claims, balances);
  for (const auto& [key, balance] : balances) {
    if (balance.after() <= balance.before) continue;
    if (balance.after() <= inventory_of(key.first, key.second)->capacity()) continue;
    return fail(Reason::conflict, "Unable to allocate inventory: Unable to create allocation for " +
                                      where(world, *balance.first) +
                                      ". The requested amount would exceed the capacity.");
  }
  return {};
}

std::vector<Uuid> touched_providers(const World& world, const std::vector<ResolvedClaim>& claims) {
  std::vector<Uuid> touched;
  for (const auto& claim : claims) {
    const bool empties = claim.allocations.empty() && claim.before;
    for (const auto& allocation : empties ? claim.before->allocations : claim.allocations) {
      // A database may hold allocations of providers that are gone.
      if (world.find_place(allocation.provider)) touched.push_back(allocation.provider);
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return touched;
}

void append_consumers(const std::vector<ResolvedClaim>& claims, ChangeSet& changes) {
  for (const auto& claim : claims) {
    if (claim.is_void()) continue;
    const ConsumerClaim& wanted = *claim.claim;
    if (claim.allocations.empty()) {
      changes.add(DeleteConsumer{wanted.consumer});
      continue;
    }
    auto type = wanted.type;
    if (!type && claim.before && claim.before->type) type = *claim.before->type;
    const std::int64_t generation = claim.before ? claim.before->generation : 0;
    changes.add(PutConsumer{wanted.consumer, wanted.project_id, wanted.user_id, std::move(type),
                            next_generation(generation)});
    changes.add(ReplaceAllocations{wanted.consumer, claim.allocations});
  }
}

Result<ChangeSet> plan(const World& world, const Claims& command, Time now) {
  const auto resolved = TRY(resolve(world, command));
  const auto inventory_of = [&world](const Uuid& provider,
                                     ClassId resource_class) -> const InventoryValues* {
    const auto* inventory = find_inventory(world, {provider, resource_class, 0});
    return inventory ? &inventory->values : nullptr;
  };
  CHECK_OK(check_room(world, resolved, inventory_of));

  ChangeSet changes{now, {}};
  append_consumers(resolved, changes);
  for (const auto& uuid : touched_providers(world, resolved)) {
    changes.add(next_generation_of(**world.find_provider(uuid)));
  }
  return changes;
}

Result<ChangeSet> plan(const World& world, const Release& command, Time now) {
  const auto consumer = command.consumer ? world.find_consumer(*command.consumer) : nullptr;
  if (!consumer || consumer->allocations.empty()) {
    return fail(Reason::not_found, "No allocations for consumer '" + command.name + "'");
  }
  ChangeSet changes{now, {}};
  changes.add(DeleteConsumer{consumer->uuid});
  return changes;
}

}  // namespace emplace::changes
