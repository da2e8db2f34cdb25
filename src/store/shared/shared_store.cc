#include "store/shared/shared_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/random.h"
#include "store/administration.h"
#include "store/load.h"
#include "store/schema/misread_triggers.h"
#include "store/schema/ready.h"
#include "store/shared/catch_up.h"
#include "store/shared/change_log.h"
#include "store/shared/session.h"
#include "store/shared/write_batch.h"

namespace emplace::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

// So many ticks lie between two removals of old rows from the log.
constexpr Tick prune_interval = 256;
constexpr std::chrono::milliseconds doubt_interval{100};
constexpr auto log_has_a_gap = "the log of changes does not tell all that others have changed";

SessionOptions for_writing(SessionOptions options) {
  options.autocommit = false;
  options.answer_timeout = std::chrono::seconds(8);
  return options;
}

// A read is to be told soon that the database is away.
SessionOptions for_reading(SessionOptions options) {
  options.connect_timeout = std::chrono::seconds(3);
  options.answer_timeout = std::chrono::seconds(4);
  return options;
}

SessionOptions for_loading(SessionOptions options) {
  options.answer_timeout = std::chrono::seconds(120);
  options.idle_transaction_timeout = std::chrono::seconds(0);
  return options;
}

// A key that is there already, or not there: the rows are not those that we know.
bool is_about_keys(const SqlError& error) {
  constexpr std::array<std::string_view, 5> codes = {"1062", "1451", "1452", "23503", "23505"};
  return std::find(codes.begin(), codes.end(), error.code) != codes.end();
}

// Whether to try once more with a new session: the one at hand may have been cut while nobody used
// it, or be cut just now. But not if it has taken long to find out.
class SecondTry {
 public:
  bool is_worth_it() {
    return !std::exchange(taken_, true) && SteadyClock::now() - start_ < std::chrono::seconds(1);
  }

 private:
  SteadyClock::time_point start_ = SteadyClock::now();
  bool taken_ = false;
};

Time not_before(const World& world) {
  return std::max(SystemClock().now(), world.times().changed);
}

class SharedStore final : public Store {
 public:
  explicit SharedStore(const SharedOptions& options)
      : options_(options),
        writer_(options.url, for_writing(options.session), options.recycle_time),
        reader_(options.url, for_reading(options.session), options.recycle_time) {
    // Now, so that the first to ask need not wait for it.
    writer_.get();
    reader_.get();
  }

  bool shared() const override { return true; }
  Tick tick() const override { return tick_; }
  World load() override;
  void enter() override;
  WorldPtr begin(const WorldPtr& newest) override;
  void commit(const std::vector<Step>& steps) override;
  void leave() noexcept override;
  Tick newest_tick() override;
  WorldPtr catch_up(const WorldPtr& newest) override;

 private:
  WorldPtr loaded_anew(const World& known);
  WorldPtr brought_up(SqlConnection& connection, const WorldPtr& newest, const Missed& missed);
  void break_rows(std::string why);
  void end_snapshot() noexcept;
  void write(BatchWriter& writer, const std::vector<Step>& steps, Tick tick,
             const std::string& batch);
  [[noreturn]] void fail_to_write(BatchWriter& writer, const StoreError& error);
  void mend_triggers(const SqlError& error);
  void make_durable(Tick tick, const std::string& batch);
  bool find_out_whether_stored(Tick tick, const std::string& batch);
  bool was_stored(Tick tick, const std::string& batch);
  std::string new_batch() { return random_.uuid().str(); }

  const SharedOptions options_;
  Session writer_, reader_;  // of the Ledger's thread; of the Fence's
  Random random_;
  LoadOptions load_options_;
  // The rows of the World that the Ledger has, and its tick.
  Rows rows_;
  std::atomic<Tick> tick_ = 0;
  bool rows_broken_ = false;  // neither of one tick nor of another: all is to be loaded anew
  std::string rows_broken_by_ = log_has_a_gap;
  // All was loaded anew because the database did not take a batch: if it does not do so again, that
  // is not for want of knowing the rows.
  bool loaded_for_refusal_ = false;
  // The batch that was entered.
  bool in_batch_ = false;
  std::vector<SqlResult> entered_;
  Tick entered_after_ = 0;  // tick_ then
  Tick clock_ = 0;
};

// --- reading ------------------------------------------------------------------------------------

// On a session of its own, so that nobody waits for it who need not.
World SharedStore::load() {
  const auto connection = connect(options_.url, for_loading(options_.session));
  auto snapshot = begin_snapshot(connection->engine());
  snapshot.push_back(read_clock());
  const Tick tick = clock_in(connection->run(snapshot).back());
  load_options_ = {.incomplete_owner = options_.incomplete_owner,
                   .report = options_.report,
                   .has_owners = true,
                   .has_exact_ratios = connection->engine() == Engine::mariadb,
                   .reverse_maps = true,
                   .shows_incomplete = true};
  auto loaded = load_world(*connection, load_options_);
  connection->run_one({"ROLLBACK"});
  rows_ = std::move(loaded.rows);
  rows_broken_ = false;
  rows_broken_by_ = log_has_a_gap;
  tick_ = tick;
  return std::move(loaded.world);
}

WorldPtr SharedStore::loaded_anew(const World& known) {
  if (options_.report) options_.report("Everything is loaded anew: " + rows_broken_by_ + ".");
  return std::make_shared<const World>(load().succeeding(known).taken_at(not_before(known)));
}

// The World with what was missed. Requires: `connection` shows the moment of `missed`.
WorldPtr SharedStore::brought_up(SqlConnection& connection, const WorldPtr& newest,
                                 const Missed& missed) {
  if (missed.tick == tick_) return newest;
  try {
    auto world = store::catch_up(connection, *newest, rows_, missed.touched, load_options_,
                                 not_before(*newest));
    tick_ = missed.tick;
    if (world.version() == newest->version()) return newest;
    return std::make_shared<const World>(std::move(world));
  } catch (const SqlError&) {
    throw;  // all reading comes before any change of the rows
  } catch (const std::exception& error) {
    break_rows(error.what());
    throw;
  }
}

void SharedStore::break_rows(std::string why) {
  rows_broken_ = true;
  rows_broken_by_ = std::move(why);
}

Tick SharedStore::newest_tick() {
  for (SecondTry again;;) {
    try {
      return clock_in(reader_.get().run_one(read_clock()));
    } catch (const StoreError&) {
      reader_.close();
      if (!again.is_worth_it()) throw;
    }
  }
}

WorldPtr SharedStore::catch_up(const WorldPtr& newest) {
  try {
    if (!rows_broken_) {
      auto& connection = reader_.get();
      auto snapshot = begin_snapshot(connection.engine());
      for (auto& statement : missed_since(connection.engine(), tick_, false))
        snapshot.push_back(std::move(statement));
      const auto missed = read_missed(connection.run(snapshot), tick_);
      if (!missed.incomplete) {
        auto world = brought_up(connection, newest, missed);
        end_snapshot();
        return world;
      }
      end_snapshot();
    }
    return loaded_anew(*newest);
  } catch (const NeedsLoad&) {
    end_snapshot();
    return loaded_anew(*newest);
  } catch (...) {
    reader_.close();
    throw;
  }
}

// Never fails: what was read counts, and the tick stands for it.
void SharedStore::end_snapshot() noexcept {
  try {
    reader_.current().run_one({"ROLLBACK"});
  } catch (...) {
    reader_.close();
  }
}

// --- a batch ------------------------------------------------------------------------------------

void SharedStore::enter() {
  for (SecondTry again;;) {
    try {
      auto& connection = writer_.get();
      in_batch_ = true;
      entered_after_ = tick_;
      auto statements = begin_writing(connection.engine());
      for (auto& statement : missed_since(connection.engine(), entered_after_, true))
        statements.push_back(std::move(statement));
      entered_ = connection.run(statements);
      return;
    } catch (const SqlError& error) {
      if (error.fault == SqlFault::conflict) throw StoreConflict(error.what());
      writer_.close();
      if (error.fault != SqlFault::lost || !again.is_worth_it()) throw;
    }
  }
}

WorldPtr SharedStore::begin(const WorldPtr& newest) {
  try {
    auto known = newest;
    auto missed = read_missed(entered_, tick_);
    if (missed.tick < tick_ && missed.tick >= entered_after_) {
      // On Galera the lock keeps nobody away on other nodes, and reads have brought the World
      // further.
      throw StoreConflict("Another process has written since this batch began.");
    }
    if (rows_broken_ || missed.incomplete) {
      leave();  // all others wait for the lock
      known = loaded_anew(*newest);
      // Should the rest fail, the Ledger still has the World from before.
      break_rows("what was loaded before came to nothing");
      enter();
      missed = read_missed(entered_, tick_);
      if (missed.incomplete) throw StoreError("The log of changes has a gap that does not close.");
    }
    clock_ = missed.tick;
    auto world = brought_up(writer_.current(), known, missed);
    rows_broken_ = false;
    return world;
  } catch (const NeedsLoad& reason) {
    throw StoreConflict(reason.what());
  } catch (const SqlError& error) {
    if (error.fault == SqlFault::conflict) throw StoreConflict(error.what());
    writer_.close();
    throw;
  }
}

void SharedStore::leave() noexcept {
  if (!std::exchange(in_batch_, false) || !writer_.is_open()) return;
  try {
    writer_.current().run_one({"ROLLBACK"});
  } catch (...) {
    writer_.close();
  }
}

void SharedStore::commit(const std::vector<Step>& steps) {
  const Tick tick = clock_ + 1;
  const auto batch = new_batch();
  BatchWriter writer(writer_.current(), rows_);
  try {
    write(writer, steps, tick, batch);
  } catch (const StoreError& error) {
    fail_to_write(writer, error);
  } catch (const std::exception& error) {
    writer.undo();
    leave();
    throw StoreError(error.what());
  }
  try {
    make_durable(tick, batch);
  } catch (...) {
    writer.undo();
    throw;
  }
  writer.keep();
  in_batch_ = false;
  tick_ = tick;
  loaded_for_refusal_ = false;
}

void SharedStore::write(BatchWriter& writer, const std::vector<Step>& steps, Tick tick,
                        const std::string& batch) {
  writer.write(steps, [&](const Touched& touched) {
    return std::vector<BatchWriter::Expected>{{advance_clock(tick), 1},
                                              {log_batch(tick, batch, touched), 1}};
  });
  if (tick % prune_interval == 0) {
    auto& connection = writer_.current();
    connection.run_one(prune_log(connection.engine(), tick));
  }
}

// Nothing is stored: no COMMIT was sent.
void SharedStore::fail_to_write(BatchWriter& writer, const StoreError& error) {
  writer.undo();
  const auto* fault = dynamic_cast<const SqlError*>(&error);
  if (fault && fault->fault == SqlFault::lost) {
    writer_.close();
    throw StoreConflict(error.what());
  }
  leave();
  if (fault && is_misread_trigger(*fault)) {
    mend_triggers(*fault);
    throw StoreConflict(error.what());
  }
  if (fault && fault->fault == SqlFault::conflict) throw StoreConflict(error.what());
  if (fault && fault->fault == SqlFault::refused && !is_about_keys(*fault)) {
    throw StoreRefusal(error.what());
  }
  if (fault && fault->fault != SqlFault::refused) throw StoreError(error.what());
  // Rows are not as we know them. It may be that somebody changed them without a word in the log.
  if (!std::exchange(loaded_for_refusal_, true)) {
    break_rows(error.what());
    throw StoreConflict(error.what());
  }
  loaded_for_refusal_ = false;
  throw StoreRefusal(error.what());
}

// What fails here fails again, or not, when the batch is tried again.
void SharedStore::mend_triggers(const SqlError& error) {
  try {
    if (options_.report) {
      options_.report(std::string("The server is made to read its triggers again: ") +
                      error.what());
    }
    read_triggers_again(writer_.get());
  } catch (const StoreError&) {
    writer_.close();
  }
}

void SharedStore::make_durable(Tick tick, const std::string& batch) {
  try {
    writer_.current().run_one({"COMMIT"});
  } catch (const SqlError& error) {
    if (error.fault == SqlFault::conflict) {
      leave();
      throw StoreConflict(error.what());
    }
    if (options_.report) {
      options_.report(std::string("A commit has no clear answer, so the truth is looked for: ") +
                      error.what());
    }
    if (!find_out_whether_stored(tick, batch)) throw StoreConflict(error.what());
  }
}

bool SharedStore::find_out_whether_stored(Tick tick, const std::string& batch) {
  const auto patience = SteadyClock::now() + options_.doubt_max;
  for (;;) {
    writer_.close();
    try {
      return was_stored(tick, batch);
    } catch (const StoreError& error) {
      if (SteadyClock::now() >= patience) {
        writer_.close();
        throw StoreError(error.what(), true);
      }
    }
    std::this_thread::sleep_for(doubt_interval);
  }
}

// With a batch of its own, that changes nothing: where the lost one still hangs about, on another
// node of a cluster or in a server that has not seen its connection die, it can't come after this.
bool SharedStore::was_stored(Tick tick, const std::string& batch) {
  auto& connection = writer_.get();
  auto statements = begin_writing(connection.engine());
  for (auto& statement : missed_since(connection.engine(), tick - 1, true))
    statements.push_back(std::move(statement));
  const Tick clock = read_missed(connection.run(statements), tick - 1).tick;
  const auto found = connection.run(
      {find_batch(tick, batch), advance_clock(clock + 1), log_batch(clock + 1, new_batch(), {})});
  if (found[1].rows != 1 || found[2].rows != 1)
    throw StoreError("The clock was changed meanwhile.");
  connection.run_one({"COMMIT"});
  return found[0].data->next();
}

// Makes the tables if that is wanted; they must be there then.
void prepare(const SharedOptions& options) {
  if (options.create) {
    administer(options.url,
               {.session = options.session, .incomplete_owner = options.incomplete_owner})
        ->sync({});
  }
  require_ready(*connect(options.url, options.session));
}

}  // namespace

std::unique_ptr<Store> open_shared(const SharedOptions& options) {
  for (int tries = 0;; ++tries) {
    try {
      prepare(options);
      return std::make_unique<SharedStore>(options);
    } catch (const SqlError& error) {
      const bool may_pass = error.fault == SqlFault::lost || error.fault == SqlFault::unavailable;
      if (!may_pass || (options.retries_max >= 0 && tries >= options.retries_max)) throw;
      if (options.report) {
        options.report(std::string(error.what()) + " It is tried again in " +
                       std::to_string(options.retry_interval.count()) + " s.");
      }
    }
    std::this_thread::sleep_for(options.retry_interval);
  }
}

}  // namespace emplace::store
