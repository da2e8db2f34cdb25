#include "store/ledger.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include <sys/prctl.h>

#include "base/random.h"
#include "store/outcome.h"

namespace emplace::store {
namespace {

Failure not_stored() {
  return {Reason::unavailable, "The database is not available. Nothing was changed; try again."};
}

Failure perhaps_stored() {
  return {Reason::perhaps_done,
          "The database failed while this was being stored, and may or may not have stored it. "
          "Look before you try again."};
}

Failure refused_by_database() {
  return {
      Reason::conflict,
      "The database does not take this: it clashes with what stands there, or holds a character "
      "or a number that this database cannot store. Nothing was changed."};
}

// Longer and longer, and by chance, so that processes that got in each other's way do not again.
void wait_after_conflict(unsigned tries) {
  thread_local Random random;
  constexpr std::uint64_t shortest_us = 500, longest_us = 64'000;
  const auto most = std::min(longest_us, shortest_us << std::min(tries, 7u));
  std::this_thread::sleep_for(std::chrono::microseconds(random.below(most) + 1));
}

void take_apart_unread(std::vector<WorldPtr>& retired) {
  std::erase_if(retired, [](const WorldPtr& world) { return world.use_count() == 1; });
}

}  // namespace

// A command on its way through a batch.
struct Ledger::Planned {
  Command command;
  ChangeSet changes = {};
  std::optional<Failure> failure = {};
  WorldPtr before = {}, after = {};

  bool writes() const { return !failure && !changes.empty(); }
  Result<WorldPtr> result() const {
    if (failure) return tl::unexpected(*failure);
    return after;
  }
};

Ledger::Ledger(Store& store, const Clock& clock, LedgerOptions options)
    : store_(store), clock_(clock), options_(std::move(options)) {
  world_ = std::make_shared<const World>(store_.load().taken_at(clock_.now()));
  tick_ = store_.tick();
  thread_ = std::thread([this] { run(); });
  if (store_.shared()) {
    fence_ = std::make_unique<Fence>(
        Fence::Options{.catch_up = [this] { return catch_up(); }, .report = options_.report});
  }
}

Ledger::~Ledger() {
  fence_.reset();
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

WorldPtr Ledger::world() const {
  const std::lock_guard lock(world_mutex_);
  return world_;
}

void Ledger::read(Fence::Reader reader) {
  if (fence_) return fence_->pass(std::move(reader));
  reader(world());
}

bool Ledger::healthy() const {
  if (fence_ && !fence_->healthy()) return false;
  const std::lock_guard lock(world_mutex_);
  return can_write_;
}

std::string Ledger::last_fault() const {
  const std::lock_guard lock(world_mutex_);
  return last_fault_;
}

std::size_t Ledger::waiting() const {
  const std::lock_guard lock(queue_mutex_);
  return queue_.size();
}

void Ledger::submit(Command command) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (options_.queue_max == 0 || queue_.size() < options_.queue_max) {
      queue_.push_back(std::move(command));
      // One is enough: only the Ledger's thread waits.
      if (queue_.size() == 1 || queue_.size() == awaited_) wake_.notify_one();
      return;
    }
  }
  answer(command, fail(Reason::overloaded, "Too many writes are waiting; try again later."));
}

// --- the thread ---------------------------------------------------------------------------------

void Ledger::run() {
  prctl(PR_SET_TIMERSLACK, 1000);  // ns: gather() waits for less than the usual slack
  while (wait_for_work()) {
    if (can_write_ || (std::chrono::steady_clock::now() >= next_try_ && recover())) {
      process({});
    } else {
      refuse(take_batch());
    }
  }
}

// Waits for commands, and uses the time; false when there will be no more.
bool Ledger::wait_for_work() {
  const auto has_work = [this] { return !queue_.empty() || stopping_; };
  std::unique_lock lock(queue_mutex_);
  waiting_before_ = queue_.size();
  while (!has_work()) {
    if (!can_write_) {
      if (wake_.wait_until(lock, next_try_, has_work)) break;
      lock.unlock();
      recover();
      lock.lock();
    } else if (house_kept_) {
      wake_.wait(lock, has_work);
    } else if (!wake_.wait_for(lock, options_.idle_after, has_work)) {
      lock.unlock();
      keep_house();
      lock.lock();
    }
  }
  gather(lock);
  return !queue_.empty();
}

// Waits a moment for as many commands as half of the writers at work: those whose commands wait,
// and those who were just answered and mostly write on. Without it, a commit serves the one writer
// who came first while all others wait for the next. Half of them, so that the others' commands
// come in while those of these are stored. A lone writer waits for nobody.
void Ledger::gather(std::unique_lock<std::mutex>& lock) {
  const std::size_t at_work = waiting_before_ + last_batch_;
  const std::size_t writers = std::min((at_work + 1) / 2, options_.batch_max);
  const auto window =
      std::min<std::chrono::steady_clock::duration>(last_commit_ / 2, options_.gather_max);
  if (queue_.size() < writers && !stopping_) {
    awaited_ = writers;
    wake_.wait_for(lock, window, [&] { return queue_.size() >= writers || stopping_; });
    awaited_ = 1;
  }
}

Ledger::Batch Ledger::take_batch() {
  const std::lock_guard lock(queue_mutex_);
  const auto count = std::min(queue_.size(), options_.batch_max);
  Batch batch(count);
  for (auto& planned : batch) {
    planned.command = std::move(queue_.front());
    queue_.pop_front();
  }
  house_kept_ = false;
  last_batch_ = count;
  return batch;
}

// Stores a batch and answers it: what waits in the line, if `batch` is empty.
void Ledger::process(Batch batch) {
  const auto patience = std::chrono::steady_clock::now() + options_.conflicts_max;
  for (unsigned tries = 0;; ++tries) {
    try {
      // Whoever loads all anew keeps the line for long: better that no other process waits for it.
      { const std::lock_guard line(line_mutex_); }
      store_.enter();
      // Only now: more may have come in while other processes wrote.
      if (batch.empty()) batch = take_batch();
      store(batch);
      return answer_all(std::move(batch));
    } catch (const StoreConflict& conflict) {
      store_.leave();
      if (batch.empty()) batch = take_batch();
      if (std::chrono::steady_clock::now() >= patience) {
        return handle_failure(std::move(batch), conflict.what(), false);
      }
      wait_after_conflict(tries);
    } catch (const StoreRefusal& refusal) {
      store_.leave();
      return handle_refusal(std::move(batch), refusal.what());
    } catch (const StoreError& error) {
      if (batch.empty()) batch = take_batch();
      return handle_failure(std::move(batch), error.what(), error.outcome_unknown);
    } catch (const std::exception& error) {
      if (batch.empty()) batch = take_batch();
      return handle_failure(std::move(batch), error.what(), true);
    }
  }
}

void Ledger::store(Batch& batch) {
  const std::lock_guard line(line_mutex_);
  const WorldPtr base = store_.begin(world());
  retire(publish(base));
  plan(batch, base);
  std::vector<Step> steps;
  for (const auto& planned : batch) {
    if (!planned.writes()) continue;
    steps.push_back(Step{&planned.changes, planned.before.get(), planned.after.get()});
  }
  if (steps.empty()) return store_.leave();
  commit(steps);
  retire(publish(batch.back().after));
}

void Ledger::commit(const std::vector<Step>& steps) {
  const auto start = std::chrono::steady_clock::now();
  const auto observe = [&](bool stored) {
    last_commit_ = std::chrono::steady_clock::now() - start;
    if (options_.observe) {
      options_.observe({.writes = steps.size(), .time = last_commit_, .stored = stored});
    }
  };
  try {
    store_.commit(steps);
  } catch (...) {
    observe(false);
    throw;
  }
  observe(true);
}

void Ledger::plan(Batch& batch, const WorldPtr& base) {
  // A clock that was set back must not make a later write look like an earlier one.
  const Time now = std::max(clock_.now(), base->times().changed);
  WorldPtr tip = base;
  for (auto& planned : batch) {
    plan_one(planned, tip, now);
    tip = planned.after;
  }
}

void Ledger::plan_one(Planned& planned, const WorldPtr& tip, Time now) {
  planned.before = planned.after = tip;
  planned.changes = {};
  planned.failure.reset();
  try {
    auto changes = planned.command.plan(*tip, now);
    if (!changes) {
      planned.failure = std::move(changes.error());
      return;
    }
    if (changes->empty()) return;
    planned.changes = std::move(*changes);
    planned.after = std::make_shared<const World>(tip->with(planned.changes));
  } catch (const std::exception& error) {
    report(std::string("Planning a write failed: ") + error.what());
    planned.failure = Failure{Reason::internal, "An unexpected fault occurred."};
  }
}

void Ledger::answer_all(Batch batch) {
  const WorldPtr tip = batch.back().after;
  for (auto& planned : batch) {
    answer(planned.command, planned.result());
    // Its reader has it now; the tip is in use until the next batch.
    if (planned.writes() && planned.after != tip) retire(std::move(planned.after));
  }
  batch.clear();
  take_apart_unread(retired_);
}

// Finds the one command of a batch that the database refuses; the others are stored.
void Ledger::handle_refusal(Batch batch, const std::string& message) {
  if (batch.size() == 1) {
    report("The database refused a write: " + message);
    return answer(batch.front().command, tl::unexpected(refused_by_database()));
  }
  for (auto& planned : batch) {
    Batch single(1);
    single.front().command = std::move(planned.command);
    process(std::move(single));
  }
}

// Answers a batch that could not be stored. What was planned before the first write rests on what
// is durable; all else has an outcome only if the store can be asked.
void Ledger::handle_failure(Batch batch, const std::string& message, bool outcome_unknown) {
  store_.leave();
  report("Storing a batch of writes failed: " + message);
  set_last_fault(message);
  set_can_write(false);
  // A shared store has looked itself, as far as it could.
  const bool can_look = outcome_unknown && !store_.shared();
  auto outcome = outcome_unknown ? Outcome::unclear : Outcome::absent;
  if (can_look && recover()) {
    std::vector<const ChangeSet*> changes;
    for (const auto& planned : batch) {
      if (planned.writes()) changes.push_back(&planned.changes);
    }
    outcome = judge_outcome(changes, *batch.front().before, *batch.back().after, *world());
  }
  bool rests_on_durable = true;
  for (const auto& planned : batch) {
    rests_on_durable = rests_on_durable && planned.before && !planned.writes();
    if (rests_on_durable || outcome == Outcome::committed) {
      answer(planned.command, planned.result());
    } else if (outcome == Outcome::absent || !planned.writes()) {
      answer(planned.command, tl::unexpected(not_stored()));
    } else {
      answer(planned.command, tl::unexpected(perhaps_stored()));
    }
  }
  batch.clear();
  if (!can_look) recover();
}

// Takes the World from the store. Whether that worked; if not, the next try is a while away.
bool Ledger::recover() {
  try {
    // The clock row first, as in process(): the Fence does not wait for other processes.
    store_.enter();
    const std::lock_guard line(line_mutex_);
    const auto known = world();
    if (store_.shared()) {
      retire(publish(store_.begin(known)));
      store_.leave();
    } else {
      const Time now = std::max(clock_.now(), known->times().changed);
      retire(publish(std::make_shared<const World>(store_.load().taken_at(now))));
    }
    set_can_write(true);
    report("The database is available.");
    return true;
  } catch (const std::exception& error) {
    store_.leave();
    report(std::string("The database is not available: ") + error.what());
    set_last_fault(error.what());
  }
  next_try_ = std::chrono::steady_clock::now() + options_.retry_interval;
  return false;
}

void Ledger::refuse(const Batch& batch) {
  for (const auto& planned : batch)
    answer(planned.command, tl::unexpected(not_stored()));
}

// On the Fence's thread.
WorldPtr Ledger::catch_up() {
  const auto known = [this] {
    const std::lock_guard lock(world_mutex_);
    return std::pair(world_, tick_);
  };
  const Tick before = known().second;
  const Tick newest = store_.newest_tick();
  // Less than before: the database is not what it was, such as after a restore.
  if (newest >= before) {
    const auto [world, tick] = known();
    if (tick >= newest) return world;
  }
  const std::lock_guard line(line_mutex_);
  auto caught_up = store_.catch_up(world());
  if (auto old = publish(caught_up)) retired_by_fence_.push_back(std::move(old));
  take_apart_unread(retired_by_fence_);
  return caught_up;
}

WorldPtr Ledger::publish(WorldPtr world) {
  const std::lock_guard lock(world_mutex_);
  tick_ = store_.tick();
  if (world == world_) return nullptr;
  world_.swap(world);
  return world;
}

void Ledger::retire(WorldPtr world) {
  if (world) retired_.push_back(std::move(world));
}

void Ledger::set_can_write(bool can_write) {
  const std::lock_guard lock(world_mutex_);
  can_write_ = can_write;
}

void Ledger::set_last_fault(const std::string& message) {
  const std::lock_guard lock(world_mutex_);
  last_fault_ = message;
}

void Ledger::answer(const Command& command, Result<WorldPtr> result) {
  try {
    command.done(std::move(result));
  } catch (const std::exception& error) {
    report(std::string("Answering a write failed: ") + error.what());
  }
}

void Ledger::keep_house() {
  house_kept_ = true;
  take_apart_unread(retired_);
  // Someone reads on: come back for the rest.
  if (!retired_.empty()) house_kept_ = false;
  try {
    store_.idle();
  } catch (const std::exception& error) {
    report(std::string("The database's upkeep failed: ") + error.what());
  }
}

void Ledger::report(const std::string& sentence) const {
  if (options_.report) options_.report(sentence);
}

}  // namespace emplace::store
