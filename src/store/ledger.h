// The Ledger: the one line in which all writes stand. Its one thread plans each command on the tip
// that the one before it left, commits a batch, publishes the World, and only then answers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/time.h"
#include "model/world.h"
#include "store/store.h"

namespace emplace::store {

using WorldPtr = std::shared_ptr<const World>;

struct Command {
  // What to change. Pure; called on the Ledger's thread, perhaps more than once.
  std::function<Result<ChangeSet>(const World& tip, Time now)> plan;
  // Called once, on the Ledger's thread, when the outcome is durable: the World right after this
  // command, or why not (the plan's failure, or Reason::overloaded, Reason::unavailable).
  std::function<void(Result<WorldPtr>)> done;
};

struct LedgerOptions {
  std::size_t queue_max = 10'000;  // commands waiting; more are refused with Reason::overloaded
  std::size_t batch_max = 256;     // commands in one transaction
  std::function<void(const std::string&)> report;  // a sentence for the log when the store fails
};

class Ledger {
 public:
  // Loads the World; throws StoreError. The store and the clock outlive the Ledger.
  Ledger(Store& store, const Clock& clock, LedgerOptions options);
  // Finishes what waits.
  ~Ledger();

  // The newest World that is durable. Any thread.
  WorldPtr world() const;
  // Puts a command in the line. Any thread.
  void submit(Command command);
  // False while the store is away.
  bool healthy() const;

 private:
  struct Planned;
  void run();
  void process(std::deque<Command> batch);
  void recover();

  Store& store_;
  const Clock& clock_;
  LedgerOptions options_;

  mutable std::mutex world_mutex_;
  WorldPtr world_;
  bool healthy_ = true;

  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::deque<Command> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace emplace::store
