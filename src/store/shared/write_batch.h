// Writes a batch into a shared database: not step by step, but the difference between the World
// before and the World after, thing by thing, so that a batch takes a handful of statements however
// many writes it holds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/world.h"
#include "store/rows.h"
#include "store/shared/rows_editor.h"
#include "store/shared/touched.h"
#include "store/sql/connection.h"
#include "store/store.h"

namespace emplace::store {

class BatchWriter {
 public:
  // Both outlive it. `rows` says what the database holds, and is kept up.
  BatchWriter(SqlConnection& connection, Rows& rows) : connection_(connection), rows_(rows) {}

  // Sends all that makes the World of the first step's `before` that of the last step's `after`,
  // and with the last round trip what `finish` makes of what was touched (the clock, the log). All
  // counts of rows are checked, also those of `finish`'s statements: each must be `rows`.
  // Requires: a transaction that holds the clock's lock; a batch has one time. Throws SqlError, or
  // StoreError if a row is not as it should be; `rows` is then as before after undo().
  struct Expected {
    SqlStatement statement;
    std::int64_t rows = 1;
  };
  Touched write(const std::vector<Step>& steps,
                const std::function<std::vector<Expected>(const Touched&)>& finish);

  // The batch is stored: `rows` stays as it is.
  void keep() { rows_.keep(); }
  // The batch is not stored: `rows` becomes what it was before write().
  void undo() { rows_.undo(); }

 private:
  SqlConnection& connection_;
  RowsEditor rows_;
};

}  // namespace emplace::store
