// Claims: plans what PUT, POST and DELETE of /allocations change. The steps of a plan stand here
// one by one, because a reshape takes the same steps. Pure; called on the Ledger's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/world.h"

namespace emplace::changes {

// This much of a class, by its name, from a provider.
struct ClaimedAmount {
  Uuid provider;
  std::string resource_class;
  std::int64_t amount = 0;  // ≥ 1; what a client writes beyond 64 bits is as if it were the most
};

// All that one consumer is to have from now on.
struct ConsumerClaim {
  Uuid consumer;
  std::string project_id, user_id;
  std::optional<std::string> type;         // none: it keeps the type that it has (before 1.38)
  bool checks_generation = false;          // from 1.28
  std::optional<std::int64_t> generation;  // none: the client says that there is no such consumer
  std::vector<ClaimedAmount> amounts;      // no provider's class twice; empty: it gives all back
};

// The claims of one request. No consumer twice. All of them are granted, or none.
struct Claims {
  std::vector<ConsumerClaim> consumers;
  std::string unknown_class_prefix;  // of the sentence about a class that does not exist
};

// Failures, in this order: concurrent_update (a consumer's generation), bad_request (a provider, a
// class that does not exist), conflict (no inventory, out of bounds, over capacity).
Result<ChangeSet> plan(const World& world, const Claims& command, Time now);

// A consumer gives all back; not_found if it has nothing.
struct Release {
  std::optional<Uuid> consumer;  // none: what the client names is no UUID
  std::string name;              // what the client calls it
};
Result<ChangeSet> plan(const World& world, const Release& command, Time now);

// --- the steps ----------------------------------------------------------------------------------

struct ResolvedClaim {
  const ConsumerClaim* claim = nullptr;
  ConsumerPtr before;                   // nullptr: it does not exist
  std::vector<Allocation> allocations;  // those that are claimed

  // It was not there and claims nothing: it does not come to be.
  bool is_void() const { return !before && allocations.empty(); }
};

// Checks generations and looks up names. The result points into `claims`.
Result<std::vector<ResolvedClaim>> resolve(const World& world, const Claims& claims);

// The inventory that a claim is held against; nullptr if there is none.
using InventoryLookup = std::function<const InventoryValues*(const Uuid&, ClassId)>;
// Whether all claims together fit. A provider may be over its capacity already (its inventory has
// shrunk): then its usage may stay or fall, but not rise.
Result<void> check_room(const World& world, const std::vector<ResolvedClaim>& claims,
                        const InventoryLookup& inventory_of);

// Whose generations go up: the providers that are named, and those that an emptied consumer leaves;
// not those that a consumer leaves for others. Each once.
std::vector<Uuid> touched_providers(const World& world, const std::vector<ResolvedClaim>& claims);

// The consumers' part of the changes.
void append_consumers(const std::vector<ResolvedClaim>& claims, ChangeSet& changes);

}  // namespace emplace::changes
