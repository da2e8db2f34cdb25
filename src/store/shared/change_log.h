// The clock and the log of changes as SQL: shared/own_tables.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/shared/touched.h"
#include "store/sql/connection.h"
#include "store/store.h"

namespace emplace::store {

// What others changed between two ticks.
struct Missed {
  Tick tick = 0;  // the clock's
  Touched touched;
  // The log does not tell all of it: it was pruned, or the database is not what it was. Nothing but
  // loading all anew will do.
  bool incomplete = false;
};

SqlStatement read_clock();
Tick clock_in(const SqlResult& result);

// Statements whose results read_missed() takes: the clock, and what the log has after `known`. With
// `lock`, the clock's lock is taken, and held until the transaction ends; waiting for it for longer
// than a few seconds is a conflict.
std::vector<SqlStatement> missed_since(Engine engine, Tick known, bool lock);
// From their results, the last of several. Entries up to `known` count as known: it may have grown
// meanwhile.
Missed read_missed(const std::vector<SqlResult>& results, Tick known);

// Takes the clock's lock, and waits a few seconds for it. The answer is that of read_clock().
SqlStatement lock_clock(Engine engine);
// Begins a transaction that writes; nothing on MariaDB, whose sessions begin by themselves.
std::vector<SqlStatement> begin_writing(Engine engine);
// Begins one that reads one moment of the database.
std::vector<SqlStatement> begin_snapshot(Engine engine);

// Advances the clock, whose lock is held, from tick - 1 to `tick`.
SqlStatement advance_clock(Tick tick);
SqlStatement log_batch(Tick tick, const std::string& batch, const Touched& touched);
// Removes what is too old to be kept, a bounded number of rows.
SqlStatement prune_log(Engine engine, Tick tick);
// Whether the log has this batch, as one of the rows from `first` on.
SqlStatement find_batch(Tick first, const std::string& batch);

}  // namespace emplace::store
