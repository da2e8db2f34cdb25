#include "store/sqlite_database.h"

namespace emplace::store {
namespace {

int flags_of(SqliteDatabase::Mode mode) {
  constexpr int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case SqliteDatabase::Mode::read_only:
      return common | SQLITE_OPEN_READONLY;
    case SqliteDatabase::Mode::read_write:
      return common | SQLITE_OPEN_READWRITE;
    case SqliteDatabase::Mode::create:
      break;
  }
  return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::string& path, Mode mode) : path_(path) {
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags_of(mode), nullptr);
  if (code == SQLITE_OK) return;
  const std::string reason = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  sqlite3_close(handle_);
  throw SqliteError("The database " + path + " cannot be opened: " + reason, code);
}

SqliteDatabase::~SqliteDatabase() {
  sqlite3_close(handle_);
}

void SqliteDatabase::raise(int code, bool outcome_unknown) const {
  throw SqliteError("The database " + path_ + " failed: " + sqlite3_errmsg(handle_), code,
                    outcome_unknown);
}

void SqliteDatabase::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(code);
}

std::int64_t SqliteDatabase::integer(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.next() ? statement.integer(0) : 0;
}

std::string SqliteDatabase::text(const std::string& sql) {
  SqliteStatement statement(*this, sql);
  return statement.next() ? std::string(statement.text(0)) : std::string();
}

bool SqliteDatabase::has_table(const std::string& name) {
  SqliteStatement statement(*this, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  return statement.bind(std::string_view(name)).next();
}

SqliteStatement::SqliteStatement(const SqliteDatabase& database, std::string_view sql)
    : database_(database) {
  const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) database_.raise(code);
}

bool SqliteStatement::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  // The message belongs to the connection, and resetting keeps it.
  sqlite3_reset(statement_);
  database_.raise(code);
}

std::string_view SqliteStatement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void SqliteStatement::bind_one(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_, index, value);
  if (code != SQLITE_OK) database_.raise(code);
}

void SqliteStatement::bind_one(int index, double value) {
  const int code = sqlite3_bind_double(statement_, index, value);
  if (code != SQLITE_OK) database_.raise(code);
}

void SqliteStatement::bind_one(int index, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* text = value.data() ? value.data() : "";
  const int code =
      sqlite3_bind_text(statement_, index, text, static_cast<int>(value.size()), SQLITE_STATIC);
  if (code != SQLITE_OK) database_.raise(code);
}

void SqliteStatement::bind_one(int index, std::nullptr_t) {
  const int code = sqlite3_bind_null(statement_, index);
  if (code != SQLITE_OK) database_.raise(code);
}

SqliteTransaction::SqliteTransaction(SqliteDatabase& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
  // An error may have ended the transaction already.
  if (open_ && !sqlite3_get_autocommit(database_.handle())) {
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void SqliteTransaction::commit() {
  const int code = sqlite3_exec(database_.handle(), "COMMIT", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) database_.raise(code, true);
  open_ = false;
}

}  // namespace emplace::store
