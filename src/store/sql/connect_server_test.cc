// Sessions with a server: what connect.h promises of a new one, and what becomes of one that fails.
#include <chrono>
#include <functional>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/server_testing.h"

namespace emplace::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

bool on_mariadb() {
  return test_database().engine == Engine::mariadb;
}

std::string text_of(SqlConnection& connection, const std::string& sql) {
  const auto rows = connection.query(sql);
  if (!rows->next()) throw std::runtime_error("no row: " + sql);
  return std::string(rows->text(0));
}

std::optional<SqlError> error_in(const std::function<void()>& work) {
  try {
    work();
  } catch (const SqlError& error) {
    return error;
  }
  ADD_FAILURE() << "nothing failed";
  return std::nullopt;
}

SqlFault fault_in(const std::function<void()>& work) {
  const auto error = error_in(work);
  return error ? error->fault : SqlFault::other;
}

TEST(SessionOnServer, HasTheSettingsThatArePromised) {
  const auto connection = connect_to_test_database({.autocommit = false});
  if (on_mariadb()) {
    EXPECT_EQ(text_of(*connection, "SELECT @@character_set_client"), "utf8mb4");
    EXPECT_EQ(text_of(*connection, "SELECT @@character_set_connection"), "utf8mb4");
    EXPECT_EQ(text_of(*connection, "SELECT @@character_set_results"), "utf8mb4");
    EXPECT_EQ(text_of(*connection, "SELECT @@time_zone"), "+00:00");
    EXPECT_EQ(text_of(*connection, "SELECT @@autocommit"), "0");
    EXPECT_THAT(text_of(*connection, "SELECT @@sql_mode"), HasSubstr("STRICT_ALL_TABLES"));
    EXPECT_EQ(text_of(*connection, "SELECT @@innodb_lock_wait_timeout"), "0");
    EXPECT_EQ(text_of(*connection, "SELECT @@idle_write_transaction_timeout"), "10");
    EXPECT_EQ(text_of(*connection,
                      "SELECT IF(@@log_bin AND @@binlog_format = 'STATEMENT', "
                      "@@tx_isolation = 'REPEATABLE-READ', "
                      "@@tx_isolation = 'READ-COMMITTED')"),
              "1");
  } else {
    EXPECT_EQ(text_of(*connection, "SHOW client_encoding"), "UTF8");
    EXPECT_EQ(text_of(*connection, "SHOW TimeZone"), "UTC");
    EXPECT_EQ(text_of(*connection, "SHOW transaction_isolation"), "read committed");
    EXPECT_EQ(text_of(*connection, "SHOW idle_in_transaction_session_timeout"), "10s");
    EXPECT_EQ(text_of(*connection, "SHOW application_name"), "emplace");
    EXPECT_EQ(text_of(*connection, "SHOW lock_timeout"), "0");
  }
}

TEST(SessionOnServer, DescribesItselfWithoutThePassword) {
  const auto url = test_database();
  const auto connection = connect(url, {});
  EXPECT_EQ(connection->engine(), url.engine);
  EXPECT_THAT(connection->description(), HasSubstr("database " + url.database));
  if (!url.password.empty()) {
    EXPECT_THAT(connection->description(), Not(HasSubstr(url.password)));
  }
}

TEST(SessionOnServer, WithAWrongPasswordIsNotWorthAnotherTry) {
  auto url = test_database();
  url.user = "nobody_here";  // whom no server lets in, whatever it trusts
  url.password = "hush";
  const auto error = error_in([&] { connect(url, {}); });
  EXPECT_EQ(error->fault, SqlFault::other) << error->what();
  EXPECT_THAT(error->what(), AllOf(HasSubstr("nobody_here"), Not(HasSubstr("hush"))));
}

TEST(SessionOnServer, WithADatabaseThatIsNotThereSaysSo) {
  auto url = test_database();
  url.database = "not_there";
  const auto error = error_in([&] { connect(url, {}); });
  // MariaDB tells only those who may know.
  const bool told = on_mariadb() && error->code == "1049";
  EXPECT_EQ(error->fault, told ? SqlFault::unavailable : SqlFault::other);
  EXPECT_THAT(error->what(), HasSubstr("not_there"));
}

void kill(const std::string& id) {
  connect_to_test_database()->run_one(
      {on_mariadb() ? "KILL ?" : "SELECT pg_terminate_backend(?)", {std::stoll(id)}});
}

std::string id_of(SqlConnection& connection) {
  return text_of(connection, on_mariadb() ? "SELECT CONNECTION_ID()" : "SELECT pg_backend_pid()");
}

TEST(SessionOnServer, ThatIsKilledIsLostAndStaysSo) {
  const auto connection = connect_to_test_database();
  kill(id_of(*connection));
  EXPECT_EQ(fault_in([&] { connection->run_one({"SELECT 1"}); }), SqlFault::lost);
  EXPECT_EQ(fault_in([&] { connection->run_one({"SELECT 1"}); }), SqlFault::lost);
  EXPECT_EQ(fault_in([&] { connection->query("SELECT 1"); }), SqlFault::lost);
}

TEST(SessionOnServer, ThatIsKilledBeforeManyStatementsIsLost) {
  const auto connection = connect_to_test_database();
  kill(id_of(*connection));
  const std::vector<SqlStatement> many(5000, {"SELECT ?", {std::string(1000, 'x')}});
  EXPECT_EQ(fault_in([&] { connection->run(many); }), SqlFault::lost);
}

TEST(SessionOnServer, ThatGetsNoAnswerInTimeIsLost) {
  const auto connection = connect_to_test_database({.answer_timeout = std::chrono::seconds(1)});
  const std::string sleep = on_mariadb() ? "SELECT SLEEP(20)" : "SELECT pg_sleep(20)";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(fault_in([&] { connection->run_one({sleep}); }), SqlFault::lost);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  EXPECT_EQ(fault_in([&] { connection->run_one({"SELECT 1"}); }), SqlFault::lost);
}

TEST(SessionOnServer, LosesATransactionThatIsIdleForTooLong) {
  const auto connection = connect_to_test_database(
      {.autocommit = false, .idle_transaction_timeout = std::chrono::seconds(1)});
  connection->run({{"CREATE TABLE IF NOT EXISTS idle_test (a INT)"}});
  connection->run({{"BEGIN"}, {"INSERT INTO idle_test VALUES (1)"}});
  const auto watcher = connect_to_test_database();
  const std::string gone = on_mariadb()
                               ? "SELECT COUNT(*) FROM information_schema.processlist WHERE id = "
                               : "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = ";
  const auto id = [&] {
    const auto result =
        connection->run_one({on_mariadb() ? "SELECT CONNECTION_ID()" : "SELECT pg_backend_pid()"});
    result.data->next();
    return std::string(result.data->text(0));
  }();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (text_of(*watcher, gone + id) != "0") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the transaction goes on";
  }
  EXPECT_EQ(fault_in([&] { connection->run_one({"SELECT 1"}); }), SqlFault::lost);
}

TEST(SessionOnServer, ThatIsReadOnlyIsUnavailableForWrites) {
  const auto connection = connect_to_test_database();
  connection->run({{"CREATE TABLE IF NOT EXISTS read_only_test (a INT)"}});
  EXPECT_EQ(fault_in([&] {
              connection->run(
                  {{on_mariadb() ? "START TRANSACTION READ ONLY" : "BEGIN TRANSACTION READ ONLY"},
                   {"INSERT INTO read_only_test VALUES (1)"}});
            }),
            SqlFault::unavailable);
  connection->run({{"ROLLBACK"}});
  EXPECT_EQ(text_of(*connection, "SELECT COUNT(*) FROM read_only_test"), "0");
}

}  // namespace
}  // namespace emplace::store
