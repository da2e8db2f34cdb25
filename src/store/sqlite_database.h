// A thin layer over SQLite's C API: a connection, prepared statements, transactions. Errors are
// StoreErrors. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "store/store.h"

namespace emplace::store {

// What SQLite says; `code` is its extended result code.
class SqliteError : public StoreError {
 public:
  SqliteError(const std::string& message, int result, bool unknown = false)
      : StoreError(message, unknown), code(result) {}
  // Another connection holds the file.
  bool busy() const { return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED; }
  int code;
};

class SqliteDatabase {
 public:
  enum class Mode { read_only, read_write, create };

  SqliteDatabase(const std::string& path, Mode mode);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Runs one or more statements that return nothing of interest.
  void execute(const std::string& sql);
  // The first column of the first row; 0 or "" for none and for NULL.
  std::int64_t integer(const std::string& sql);
  std::string text(const std::string& sql);
  bool has_table(const std::string& name);

  // Rows that the last INSERT, UPDATE or DELETE changed; the row id that the last INSERT gave.
  std::int64_t changes() const { return sqlite3_changes64(handle_); }
  std::int64_t inserted_row() const { return sqlite3_last_insert_rowid(handle_); }
  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }

  // Throws a SqliteError that says what SQLite says of its last failure.
  [[noreturn]] void raise(int code, bool outcome_unknown = false) const;

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

// A prepared statement, to be used many times. Requires: it dies before its database.
class SqliteStatement {
 public:
  SqliteStatement(const SqliteDatabase& database, std::string_view sql);
  ~SqliteStatement() { sqlite3_finalize(statement_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // Gives the parameters their values, in order. Texts must live until the statement has run.
  template <class... Values>
  SqliteStatement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  // The same for one parameter, from 1.
  template <class Value>
  void bind_at(int index, const Value& value) {
    bind_one(index, value);
  }
  // Of each row; 0 for a statement that returns none.
  int columns() const { return sqlite3_column_count(statement_); }
  // Steps to the next row; false, and ready for the next use, if there is none.
  bool next();
  // Binds and runs a statement that returns no rows.
  template <class... Values>
  void run(const Values&... values) {
    bind(values...);
    while (next()) {
    }
  }

  // Columns of the row, from 0.
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  bool is_real(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_FLOAT; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const;  // lives until next()

 private:
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, int value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, double value);
  void bind_one(int index, std::string_view value);
  void bind_one(int index, std::nullptr_t);

  const SqliteDatabase& database_;
  sqlite3_stmt* statement_ = nullptr;
};

// Takes the write lock; undone unless committed.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  // Throws with outcome_unknown if SQLite cannot say that all is durable.
  void commit();

 private:
  SqliteDatabase& database_;
  bool open_ = true;
};

}  // namespace emplace::store
