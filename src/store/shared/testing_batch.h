// For tests: an SQLite file as a shared database, and what a BatchWriter says to it.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/load.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_store.h"
#include "store/testing.h"
#include "store/testing_writes.h"

namespace emplace::store {

// Writes down what passes.
class ListeningConnection final : public SqlConnection {
 public:
  explicit ListeningConnection(SqlConnection& connection) : connection_(connection) {}

  Engine engine() const override { return connection_.engine(); }
  std::string description() const override { return connection_.description(); }
  std::unique_ptr<SqlRows> query(const std::string& sql) override { return connection_.query(sql); }
  std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) override {
    ++runs;
    for (const auto& each : statements)
      texts.push_back(each.text);
    return connection_.run(statements);
  }

  int runs = 0;  // round trips
  std::vector<std::string> texts;

 private:
  SqlConnection& connection_;
};

// A MariaDB server that believes and does nothing: each statement matches what it names.
class CredulousMariadb final : public SqlConnection {
 public:
  Engine engine() const override { return Engine::mariadb; }
  std::string description() const override { return "MariaDB that is none"; }
  std::unique_ptr<SqlRows> query(const std::string&) override { return nullptr; }
  std::vector<SqlResult> run(const std::vector<SqlStatement>& statements) override {
    std::vector<SqlResult> results;
    runs.push_back(statements);
    for (const auto& each : statements) {
      SqlResult result{.inserted_id = ++last_id};
      const bool is_insert = each.text.starts_with("INSERT");
      const auto values = each.text.find(is_insert ? "VALUES (" : " IN (");
      const auto keys = each.text.substr(std::min(values, each.text.size()));
      result.rows = is_insert ? std::count(keys.begin(), keys.end(), '(')
                              : std::count(keys.begin(),
                                           keys.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                              keys.find(')'), keys.size())),
                                           '?');
      results.push_back(std::move(result));
    }
    return results;
  }

  std::vector<std::vector<SqlStatement>> runs;
  std::int64_t last_id = 1000;
};

// A fresh database with upstream's tables and the standard names.
class SharedFile {
 public:
  SharedFile() {
    database_ = std::make_unique<SqliteDatabase>(copy_of_new_database(file_.path()),
                                                 SqliteDatabase::Mode::read_write);
    database_->execute("PRAGMA synchronous = OFF");
    connection_ = std::make_unique<SqliteConnection>(*database_);
  }

  SqliteDatabase& database() { return *database_; }
  SqlConnection& connection() { return *connection_; }
  static LoadOptions options() { return {.reverse_maps = true, .shows_incomplete = true}; }
  KnownState load() {
    auto loaded = load_world(*connection_, options());
    return {std::move(loaded.world), std::move(loaded.rows)};
  }

 private:
  // Making one takes the disk a while, so it is made once.
  static std::string copy_of_new_database(const std::string& path) {
    static const ScratchDatabase made;
    if (!std::filesystem::exists(made.path())) open_sqlite({.path = made.path()});
    std::filesystem::copy_file(made.path(), path);
    return path;
  }

  ScratchDatabase file_;
  std::unique_ptr<SqliteDatabase> database_;
  std::unique_ptr<SqliteConnection> connection_;
};

}  // namespace emplace::store
