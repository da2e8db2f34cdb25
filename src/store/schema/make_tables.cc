#include "store/schema/make_tables.h"

#include <algorithm>

#include "store/schema/differences.h"
#include "store/schema/live.h"
#include "store/schema/refusals.h"

namespace emplace::store {
namespace {

// Runs a statement that makes or drops something; false if a twin was quicker.
bool change(SqlConnection& connection, const std::string& statement) {
  try {
    connection.run_one({statement});
    return true;
  } catch (const SqlError& error) {
    // In PostgreSQL a transaction is lost by any error, and a lock keeps twins away.
    if (connection.engine() == Engine::postgresql) throw;
    if (error.fault == SqlFault::conflict || is_done_already(error, Engine::mariadb)) return false;
    throw;
  }
}

std::vector<std::string> missing_parts(const Dialect& dialect, const Table& table,
                                       const LiveTable& live) {
  std::vector<std::string> statements;
  for (const auto& column : table.columns) {
    if (live.column(column.name) == nullptr) {
      statements.push_back(add_column(table, column, dialect));
    }
  }
  for (const auto& index : table.indexes) {
    if (live.index(index.name) == nullptr) statements.push_back(add_index(table, index, dialect));
  }
  for (const auto& key : table.foreign_keys) {
    if (!live.has_foreign_key(key)) statements.push_back(add_foreign_key(table, key));
  }
  return statements;
}

std::vector<std::string> missing_parts(SqlConnection& connection, const Dialect& dialect,
                                       const Tables& tables) {
  std::vector<std::string> statements;
  const auto live = read_live(connection, tables);
  for (const auto& table : tables) {
    const auto found = live.find(table.name);
    for (const auto& statement : found == live.end()
                                     ? create_table(table, dialect)
                                     : missing_parts(dialect, table, found->second)) {
      statements.push_back(statement);
    }
  }
  return statements;
}

}  // namespace

Dialect dialect_of(SqlConnection& connection) {
  if (connection.engine() == Engine::postgresql) return {Engine::postgresql, ""};
  const auto row = connection.query(
      "SELECT collation_name FROM information_schema.collations WHERE collation_name IN "
      "('utf8mb4_nopad_bin', 'utf8mb4_0900_bin') ORDER BY collation_name DESC");
  if (!row->next()) {
    throw StoreError(connection.description() +
                     ": this server is too old, as it cannot compare text byte by byte; emplace "
                     "needs MariaDB 10.2, MySQL 8.0.17 or newer.");
  }
  return {Engine::mariadb, std::string(row->text(0))};
}

void make_what_is_missing(SqlConnection& connection, const Dialect& dialect, const Tables& tables) {
  // What a twin had begun may be lost with him: look again.
  constexpr int looks_max = 20;
  for (int looks = 0; looks < looks_max; ++looks) {
    bool alone = true;
    for (const auto& statement : missing_parts(connection, dialect, tables))
      alone = change(connection, statement) && alone;
    if (alone) return;
  }
  throw StoreError(connection.description() +
                   ": others change the same tables all the time; try again.");
}

void drop_indexes(SqlConnection& connection, const Dialect& dialect,
                  const std::vector<DroppedIndex>& indexes, const Tables& tables) {
  const auto live = read_live(connection, tables);
  for (const auto& index : indexes) {
    const auto table = live.find(index.table);
    if (table == live.end() || table->second.index(index.name) == nullptr) continue;
    change(connection, drop_index(index, dialect));
  }
}

void convert_text(SqlConnection& connection, const Dialect& dialect, const Tables& tables) {
  if (dialect.engine != Engine::mariadb) return;
  for (const auto& [name, table] : read_live(connection, tables)) {
    const bool has_text = std::any_of(table.columns.begin(), table.columns.end(),
                                      [](const auto& each) { return !each.collation.empty(); });
    const bool alike = std::all_of(
        table.columns.begin(), table.columns.end(),
        [](const auto& each) { return each.collation.empty() || is_bytewise(each.collation); });
    const bool transactional = table.storage_engine == "InnoDB";
    if ((!has_text || alike) && transactional) continue;
    std::string statement = "ALTER TABLE " + name;
    if (!transactional) statement += " ENGINE=InnoDB,";
    // Four bytes for a character are too many for the indexes of the old formats.
    if (!transactional || table.row_format == "Compact" || table.row_format == "Redundant") {
      statement += " ROW_FORMAT=DYNAMIC,";
    }
    connection.run_one(
        {statement + " CONVERT TO CHARACTER SET utf8mb4 COLLATE " + dialect.collation});
  }
}

}  // namespace emplace::store
