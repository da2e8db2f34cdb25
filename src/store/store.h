// Store: what makes ChangeSets durable in a database with upstream's tables. Used by the Ledger.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/world.h"

namespace emplace::store {

using WorldPtr = std::shared_ptr<const World>;

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

// How many transactions have changed a shared database.
using Tick = std::int64_t;

class Store {
 public:
  virtual ~Store() = default;
  // The World as the database has it. Throws StoreError.
  virtual World load() = 0;
  // Makes all steps durable in one transaction, in order. Throws StoreError.
  virtual void commit(const std::vector<Step>& steps) = 0;
  // Called when nothing waits: for upkeep such as checkpoints.
  virtual void idle() {}

  // The rest is for databases that others write to as well; elsewhere the World is always the
  // newest, and nothing is to be done.
  //
  // Whether this is one. If so, load(), begin(), catch_up() and commit() are called by one thread
  // at a time, always with the World that the last of them gave or was given.
  virtual bool shared() const { return false; }
  // A batch starts: waits until no other process writes, and none will until commit() or leave().
  virtual void enter() {}
  // What to plan the batch on: `newest`, or with what others have written since. Also if it throws,
  // only leave() may follow.
  virtual WorldPtr begin(const WorldPtr& newest) { return newest; }
  // Ends a batch of which nothing is to be stored; nothing if there is none.
  virtual void leave() noexcept {}
  // That of the World which load(), begin(), catch_up() or commit() gave or was given last.
  virtual Tick tick() const { return 0; }
  // For reads, on one thread beside the Ledger's. What every other process has had acknowledged
  // before the call is in the World of this tick …
  virtual Tick newest_tick() { return 0; }
  // … and this gets it, if begin() did not do so meanwhile.
  virtual WorldPtr catch_up(const WorldPtr& newest) { return newest; }
};

}  // namespace emplace::store
