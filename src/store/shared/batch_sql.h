// How a batch is said in SQL: statements that each write many rows, in the words of each engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "store/rows.h"
#include "store/sql/connection.h"

namespace emplace::store {

struct PlannedStatement {
  SqlStatement statement;
  std::optional<std::int64_t> rows = {};  // that it must match; none: any number
  std::string what = {};                  // is not as it was, if it matches another number
};
using PlannedStatements = std::vector<PlannedStatement>;

// The time as the engine's columns take it.
std::string time_text(Engine engine, Time time);
// "the trait A", or "one of the traits A, B". `kind`: in the singular.
std::string one_of(const std::string& kind, const std::vector<std::string>& names);

// Rows for one table, with a statement for each 500.
class MultiInsert {
 public:
  // `into`: "table (column, …)".
  MultiInsert(std::string into, std::size_t columns) : into_(std::move(into)), columns_(columns) {}

  // Values in the order of the columns.
  template <class... Values>
  void add(Values&&... values) {
    (values_.emplace_back(std::forward<Values>(values)), ...);
  }
  // INSERT.
  void append_to(PlannedStatements& statements);
  // Where a row with the same key is, it gets the values of all other columns.
  void append_to(PlannedStatements& statements, Engine engine, const std::string& key,
                 const std::vector<std::string>& others);

 private:
  void append(PlannedStatements& statements, const std::string& tail, bool counts);

  std::string into_;
  std::size_t columns_;
  std::vector<SqlValue> values_;
};

// What stands behind an INSERT that may meet rows with the same key.
std::string on_conflict(Engine engine, const std::string& key,
                        const std::vector<std::string>& others);

// Rows for one table whose ids the database gives, and tells.
class IdInsert {
 public:
  // `columns`: "a, b"; `key`: the unique one by which rows are told apart. `may_exist`: a row with
  // the key may be there already, and is then as good as a new one.
  IdInsert(std::string table, std::string columns, std::string key, bool may_exist)
      : table_(std::move(table)),
        columns_(std::move(columns)),
        key_(std::move(key)),
        may_exist_(may_exist) {}

  // Values in the order of the columns. A key that is in already counts once.
  void add(const std::string& key, std::vector<SqlValue> values);
  bool empty() const { return keys_.empty(); }
  void append_to(PlannedStatements& statements, Engine engine);
  // Takes the ids out of the results of all statements, those of append_to() among them. Throws
  // StoreError if one is missing.
  void take_ids(std::vector<SqlResult>& results, Engine engine);
  // After take_ids(), of all keys.
  const std::map<std::string, RowId>& ids() const { return ids_; }
  RowId id(const std::string& key) const { return ids_.at(key); }

 private:
  std::string table_, columns_, key_;
  bool may_exist_;
  std::vector<std::string> keys_;
  std::vector<std::vector<SqlValue>> rows_;
  std::size_t first_ = 0;             // of its statements
  std::map<std::string, RowId> ids_;  // 0: not told yet
};

// UPDATE of the rows with these keys, each to values of its own. A column in which they all get the
// same costs one value.
class KeyedUpdate {
 public:
  enum class Type { integer, real, text };
  struct Column {
    std::string name;
    Type type = Type::integer;
  };
  // Sets `updated_at` too. `kind`: of one_of().
  KeyedUpdate(std::string table, std::string key, std::string kind, std::vector<Column> columns)
      : table_(std::move(table)),
        key_(std::move(key)),
        kind_(std::move(kind)),
        columns_(std::move(columns)) {}

  struct Row {
    SqlValue key;
    std::string name;                            // of one_of()
    std::vector<std::optional<SqlValue>> cells;  // for each column; none: it stays as it is
    SqlValue guard = nullptr;                    // what guard_by() is to be
  };
  // A row that stays as it is, so far.
  Row row(SqlValue key_value, std::string name) const {
    return {std::move(key_value), std::move(name),
            std::vector<std::optional<SqlValue>>(columns_.size())};
  }
  void add(Row row) { rows_.push_back(std::move(row)); }
  // Only rows of which the expression is as the Row says.
  void guard_by(std::string expression) { guard_ = std::move(expression); }
  // Only rows of which this column is `value`.
  void narrow_to(std::string column, SqlValue value) {
    narrow_ = {std::move(column), std::move(value)};
  }
  void append_to(PlannedStatements& statements, Engine engine, Time at);

 private:
  using Chosen = std::vector<std::pair<const SqlValue*, const SqlValue*>>;  // key, value

  void append_choice(SqlStatement& statement, Engine engine, const Chosen& chosen,
                     std::size_t count, const Column& column) const;
  void append_some(PlannedStatements& statements, Engine engine, const std::string& time,
                   std::size_t begin, std::size_t end) const;

  std::string table_, key_, kind_;
  std::vector<Column> columns_;
  std::string guard_;
  std::optional<std::pair<std::string, SqlValue>> narrow_;
  std::vector<Row> rows_;
};

// "DELETE FROM table WHERE key IN (…)", a statement for each 500 keys. `kind` and names are those
// of one_of(); without a kind, any number of rows may go.
void append_delete(PlannedStatements& statements, const std::string& table, const std::string& key,
                   const std::vector<SqlValue>& keys, const std::string& kind = {},
                   const std::vector<std::string>& names = {});

// Rows that say what some providers have.
struct Belongings {
  RowId provider = 0;
  std::string name;  // of the provider
  std::vector<RowId> things;
};
// Deletes those rows of the table whose provider and whose thing (the column `thing`) are among
// these; `counts`: each must be there.
void append_delete(PlannedStatements& statements, const std::string& table,
                   const std::string& thing, const std::vector<Belongings>& all, bool counts);

}  // namespace emplace::store
