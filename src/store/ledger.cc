#include "store/ledger.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include <sys/prctl.h>

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
  thread_ = std::thread([this] { run(); });
}

Ledger::~Ledger() {
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

bool Ledger::healthy() const {
  const std::lock_guard lock(world_mutex_);
  return healthy_;
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
  for (;;) {
    auto batch = next_batch();
    if (batch.empty()) return;
    if (healthy() || (std::chrono::steady_clock::now() >= next_try_ && recover())) {
      process(std::move(batch));
    } else {
      refuse(std::move(batch));
    }
  }
}

// Waits for commands, and uses the time; empty when there will be no more.
std::deque<Command> Ledger::next_batch() {
  const auto has_work = [this] { return !queue_.empty() || stopping_; };
  std::unique_lock lock(queue_mutex_);
  waiting_before_ = queue_.size();
  while (!has_work()) {
    if (!healthy()) {
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
  std::deque<Command> batch;
  if (queue_.size() <= options_.batch_max) {
    batch.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(options_.batch_max);
    std::move(queue_.begin(), end, std::back_inserter(batch));
    queue_.erase(queue_.begin(), end);
  }
  house_kept_ = false;
  last_batch_ = batch.size();
  return batch;
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

void Ledger::process(std::deque<Command> commands) {
  const WorldPtr base = world();
  Batch batch = plan(std::move(commands), base);
  const WorldPtr tip = batch.back().after;
  std::vector<Step> steps;
  for (const auto& planned : batch) {
    if (!planned.writes()) continue;
    steps.push_back(Step{&planned.changes, planned.before.get(), planned.after.get()});
  }
  const auto start = std::chrono::steady_clock::now();
  const auto observe = [&](bool stored) {
    last_commit_ = std::chrono::steady_clock::now() - start;
    if (options_.observe && !steps.empty()) {
      options_.observe({.writes = steps.size(), .time = last_commit_, .stored = stored});
    }
  };
  try {
    if (!steps.empty()) store_.commit(steps);
    observe(true);
  } catch (const StoreError& error) {
    observe(false);
    return handle_failure(batch, base, tip, error.what(), error.outcome_unknown);
  } catch (const std::exception& error) {
    observe(false);
    return handle_failure(batch, base, tip, error.what(), true);
  }
  publish(tip);
  for (auto& planned : batch) {
    answer(planned.command, planned.result());
    // Its reader has it now; the tip is in use until the next batch.
    if (planned.writes() && planned.after != tip) retired_.push_back(std::move(planned.after));
  }
  batch.clear();
  std::erase_if(retired_, [](const WorldPtr& world) { return world.use_count() == 1; });
}

Ledger::Batch Ledger::plan(std::deque<Command> commands, const WorldPtr& base) {
  // A clock that was set back must not make a later write look like an earlier one.
  const Time now = std::max(clock_.now(), base->times().changed);
  Batch batch;
  batch.reserve(commands.size());
  WorldPtr tip = base;
  for (auto& command : commands) {
    auto& planned = batch.emplace_back(Planned{.command = std::move(command)});
    plan_one(planned, tip, now);
    tip = planned.after;
  }
  return batch;
}

void Ledger::plan_one(Planned& planned, const WorldPtr& tip, Time now) {
  planned.before = planned.after = tip;
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

// Answers a batch whose commit threw. What was planned before the first write rests on what is
// durable; all else has an outcome only if the store can be asked.
void Ledger::handle_failure(Batch& batch, const WorldPtr& base, const WorldPtr& tip,
                            const std::string& message, bool outcome_unknown) {
  report("Storing a batch of writes failed: " + message);
  set_last_fault(message);
  set_healthy(false);
  auto outcome = outcome_unknown ? Outcome::unclear : Outcome::absent;
  if (outcome_unknown && recover()) {
    std::vector<const ChangeSet*> changes;
    for (const auto& planned : batch) {
      if (planned.writes()) changes.push_back(&planned.changes);
    }
    outcome = judge_outcome(changes, *base, *tip, *world());
  }
  bool rests_on_durable = true;
  for (const auto& planned : batch) {
    rests_on_durable = rests_on_durable && !planned.writes();
    if (rests_on_durable || outcome == Outcome::committed) {
      answer(planned.command, planned.result());
    } else if (outcome == Outcome::absent || !planned.writes()) {
      answer(planned.command, tl::unexpected(not_stored()));
    } else {
      answer(planned.command, tl::unexpected(perhaps_stored()));
    }
  }
  batch.clear();
  if (!outcome_unknown) recover();
}

// Takes the World from the store. Whether that worked; if not, the next try is a while away.
bool Ledger::recover() {
  try {
    const Time not_before = world()->times().changed;
    publish(
        std::make_shared<const World>(store_.load().taken_at(std::max(clock_.now(), not_before))));
    set_healthy(true);
    report("The database is available.");
    return true;
  } catch (const std::exception& error) {
    report(std::string("The database is not available: ") + error.what());
    set_last_fault(error.what());
  }
  next_try_ = std::chrono::steady_clock::now() + options_.retry_interval;
  return false;
}

void Ledger::refuse(std::deque<Command> commands) {
  for (const auto& command : commands)
    answer(command, tl::unexpected(not_stored()));
}

void Ledger::publish(WorldPtr world) {
  {
    const std::lock_guard lock(world_mutex_);
    if (world == world_) return;
    world_.swap(world);
  }
  retired_.push_back(std::move(world));
}

void Ledger::set_healthy(bool healthy) {
  const std::lock_guard lock(world_mutex_);
  healthy_ = healthy;
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
  std::erase_if(retired_, [](const WorldPtr& world) { return world.use_count() == 1; });
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
