// An SQLite database as a SqlConnection: what loads and checks databases of all kinds works on it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/sql/connection.h"
#include "store/sqlite_database.h"

namespace emplace::store {

class SqliteConnection final : public SqlConnection {
 public:
  // The database outlives it.
  explicit SqliteConnection(SqliteDatabase& database) : database_(database) {}

  Engine engine() const override { return Engine::sqlite; }
  std::string description() const override { return "SQLite, " + database_.path(); }
  std::unique_ptr<SqlRows> query(const std::string& sql) override;
  std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace emplace::store
