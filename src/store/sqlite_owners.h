// The owners of providers in SQLite: a table of emplace's own beside upstream's, which upstream
// neither reads nor minds. A row counts only while a provider has its uuid and its id: upstream
// leaves the row behind when it deletes the provider, and SQLite gives the id away again.
#pragma once

#include <optional>
#include <string>

#include "model/change_set.h"
#include "store/rows.h"
#include "store/sqlite_database.h"

namespace emplace::store {

inline const std::string owners_table = "emplace_provider_owners";

bool has_owners_table(SqliteDatabase& database);
// If it is not there.
void create_owners_table(SqliteDatabase& database);
// Deletes the rows that do not count; nothing without the table. Requires: a transaction, and
// upstream's tables.
void delete_stale_owners(SqliteDatabase& database);

// Writes owners, with statements that are prepared once. Requires: a transaction.
class SqliteOwners {
 public:
  explicit SqliteOwners(SqliteDatabase& database);

  // Gives the provider of this row an owner: one row changes. Throws StoreError if there is no
  // table.
  void put(RowId provider, const CreatedBy& owner);
  // Nothing without the table. Requires: the provider's row still stands.
  void erase(RowId provider);

 private:
  const SqliteDatabase& database_;
  std::optional<SqliteStatement> put_, erase_;  // none without the table
};

}  // namespace emplace::store
