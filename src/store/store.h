// Store: what makes ChangeSets durable in a database with upstream's tables. Used by the Ledger's
// one thread alone.
#pragma once

#include <stdexcept>
#include <vector>

#include "model/world.h"

namespace emplace::store {

// The database is away, full or broken; nothing of the batch is in it, or (`outcome_unknown`) all
// of it may be. The message is for the log, never for a client.
class StoreError : public std::runtime_error {
 public:
  explicit StoreError(const std::string& message, bool unknown = false)
      : std::runtime_error(message), outcome_unknown(unknown) {}
  bool outcome_unknown;
};

// Nothing is stored, and the same batch, planned anew, may be at once: somebody else was quicker.
class StoreConflict : public StoreError {
 public:
  using StoreError::StoreError;
};

// Nothing is stored, and the same batch never will be: the database refuses what is in it.
class StoreRefusal : public StoreError {
 public:
  using StoreError::StoreError;
};

// A planned write with the Worlds on both sides of it.
struct Step {
  const ChangeSet* changes;
  const World* before;
  const World* after;
};

class Store {
 public:
  virtual ~Store() = default;
  // The World as the database has it. Throws StoreError.
  virtual World load() = 0;
  // Makes all steps durable in one transaction, in order. Throws StoreError.
  virtual void commit(const std::vector<Step>& steps) = 0;
  // Called when nothing waits: for upkeep such as checkpoints.
  virtual void idle() {}
};

}  // namespace emplace::store
