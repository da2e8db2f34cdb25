// The Ledger: the one line in which all writes stand. Its one thread plans each command on the tip
// that the one before it left, commits a batch, publishes the World, and only then answers. On a
// shared database, the lines of all processes are one: a batch starts with what others have
// written, and reads pass the Fence.
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
#include "store/fence.h"
#include "store/store.h"

namespace emplace::store {

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
  // How long a batch is planned anew when other processes come first, again and again.
  std::chrono::milliseconds conflicts_max{10'000};
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

  // The newest World of this process that is durable. Any thread.
  WorldPtr world() const;
  // Whether other processes write to the database too, so that reads must ask read().
  bool shared() const { return store_.shared(); }
  // Calls `reader` with a World that has all that was acknowledged before, by whichever process: at
  // once if the database is ours alone, else later on the Fence's thread. Any thread.
  void read(Fence::Reader reader);
  // Puts a command in the line. Any thread.
  void submit(Command command);
  // False while the store is away, for writes or for reads. Any thread.
  bool healthy() const;
  // What the store said when it failed last, for the log, never for a client. Any thread.
  std::string last_fault() const;
  // Commands in the line. Any thread.
  std::size_t waiting() const;

 private:
  struct Planned;
  using Batch = std::vector<Planned>;

  void run();
  bool wait_for_work();
  void gather(std::unique_lock<std::mutex>& lock);
  Batch take_batch();
  void process(Batch batch);
  void store(Batch& batch);
  void commit(const std::vector<Step>& steps);
  void plan(Batch& batch, const WorldPtr& base);
  void plan_one(Planned& planned, const WorldPtr& tip, Time now);
  void answer_all(Batch batch);
  void handle_refusal(Batch batch, const std::string& message);
  void handle_failure(Batch batch, const std::string& message, bool outcome_unknown);
  bool recover();
  void refuse(const Batch& batch);
  WorldPtr catch_up();
  // Gives back what was published before, for the caller's own list; nullptr if that is the same.
  WorldPtr publish(WorldPtr world);
  void retire(WorldPtr world);
  void set_can_write(bool can_write);
  void set_last_fault(const std::string& message);
  void answer(const Command& command, Result<WorldPtr> result);
  void keep_house();
  void report(const std::string& sentence) const;

  Store& store_;
  const Clock& clock_;
  const LedgerOptions options_;

  // Whoever holds it may move the World on: from what others wrote, or by a batch.
  std::mutex line_mutex_;
  mutable std::mutex world_mutex_;
  WorldPtr world_;
  Tick tick_ = 0;          // of world_
  bool can_write_ = true;  // written by the Ledger's thread alone
  std::string last_fault_;

  // Worlds that were, until their last reader is gone, so that no reader takes them apart: those
  // that the Ledger's thread has replaced, and those that the Fence's thread has.
  std::vector<WorldPtr> retired_, retired_by_fence_;
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
  std::unique_ptr<Fence> fence_;  // of a shared store alone
};

}  // namespace emplace::store
