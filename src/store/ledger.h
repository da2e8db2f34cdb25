// The Ledger: the one line in which all writes stand. Its one thread plans each command on the tip
// that the one before it left, commits a batch, publishes the World, and only then answers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/world.h"
#include "store/store.h"

namespace emplace::store {

using WorldPtr = std::shared_ptr<const World>;

struct Command {
  // What to change. Pure; called on the Ledger's thread, perhaps more than once. `now` is never
  // before that of an earlier write of this process.
  std::function<Result<ChangeSet>(const World& tip, Time now)> plan;
  // Called once when the outcome is durable: with the World right after this command, or with why
  // not (the plan's failure, Reason::unavailable, perhaps_done, overloaded). On the Ledger's
  // thread, which it must not keep; only Reason::overloaded comes at once, on the thread that calls
  // submit().
  std::function<void(Result<WorldPtr>)> done;
};

// What became of one batch that had something to store.
struct CommitReport {
  std::size_t writes = 0;
  std::chrono::nanoseconds time{};  // that the store took
  bool stored = false;              // false also if that is not known
};

struct LedgerOptions {
  std::size_t queue_max = 10'000;  // commands waiting; more get Reason::overloaded; 0: no limit
  std::size_t batch_max = 256;     // commands in one transaction
  std::function<void(const std::string&)> report = {};  // a sentence for the log; any thread
  // After each commit, on the Ledger's thread, which it must not keep.
  std::function<void(const CommitReport&)> observe = {};
  // How long a store that failed is left alone before it is tried again.
  std::chrono::milliseconds retry_interval{1000};
  // The longest that a batch waits for the writers whose last commands were just answered.
  std::chrono::microseconds gather_max{1000};
  // How long nothing must have come in before the store gets time for upkeep.
  std::chrono::milliseconds idle_after{50};
};

class Ledger {
 public:
  // Loads the World; throws StoreError. The store and the clock outlive the Ledger.
  Ledger(Store& store, const Clock& clock, LedgerOptions options);
  // Finishes what waits.
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // The newest World that is durable. Any thread.
  WorldPtr world() const;
  // Puts a command in the line. Any thread.
  void submit(Command command);
  // False while the store is away. Any thread.
  bool healthy() const;
  // What the store said when it failed last, for the log, never for a client. Any thread.
  std::string last_fault() const;
  // Commands in the line. Any thread.
  std::size_t waiting() const;

 private:
  struct Planned;
  using Batch = std::vector<Planned>;

  void run();
  std::deque<Command> next_batch();
  void gather(std::unique_lock<std::mutex>& lock);
  void process(std::deque<Command> commands);
  Batch plan(std::deque<Command> commands, const WorldPtr& base);
  void plan_one(Planned& planned, const WorldPtr& tip, Time now);
  void handle_failure(Batch& batch, const WorldPtr& base, const WorldPtr& tip,
                      const std::string& message, bool outcome_unknown);
  bool recover();
  void refuse(std::deque<Command> commands);
  void publish(WorldPtr world);
  void set_healthy(bool healthy);
  void set_last_fault(const std::string& message);
  void answer(const Command& command, Result<WorldPtr> result);
  void keep_house();
  void report(const std::string& sentence) const;

  Store& store_;
  const Clock& clock_;
  const LedgerOptions options_;

  mutable std::mutex world_mutex_;
  WorldPtr world_;
  bool healthy_ = true;
  std::string last_fault_;

  // Of the Ledger's thread alone: Worlds that were, until their last reader is gone. So it is this
  // thread that takes them apart, never a reader.
  std::vector<WorldPtr> retired_;
  std::chrono::steady_clock::time_point next_try_{};
  bool house_kept_ = true;
  std::size_t last_batch_ = 0;                         // commands in it
  std::size_t waiting_before_ = 0;                     // commands in the queue when it was done
  std::chrono::steady_clock::duration last_commit_{};  // how long it took

  mutable std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::deque<Command> queue_;
  std::size_t awaited_ = 1;  // so many commands in the queue wake the thread
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace emplace::store
