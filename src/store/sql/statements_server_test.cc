// Statements and their results on a server: values, pipelines, errors in the middle, streams.
#include <functional>
#include <limits>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/server_testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

class StatementsOnServer : public testing::Test {
 protected:
  // A table that is new in each test.
  StatementsOnServer() : connection_(connect_to_test_database()) {
    connection_->run({{"DROP TABLE IF EXISTS t"}});
    const bool mariadb = on_mariadb();
    connection_->run({{std::string("CREATE TABLE t (id ") +
                       (mariadb ? "INT AUTO_INCREMENT PRIMARY KEY" : "SERIAL PRIMARY KEY") +
                       ", n BIGINT UNIQUE, d " + (mariadb ? "DOUBLE" : "DOUBLE PRECISION") +
                       ", s " + (mariadb ? "LONGTEXT CHARACTER SET utf8mb4" : "TEXT") + ")"}});
  }

  bool on_mariadb() const { return connection_->engine() == Engine::mariadb; }
  SqlResult insert(SqlValue n, SqlValue d = nullptr, SqlValue s = nullptr) {
    return connection_->run_one({"INSERT INTO t (n, d, s) VALUES (?, ?, ?)", {n, d, s}});
  }
  std::int64_t number(const std::string& sql) {
    const auto rows = connection_->query(sql);
    EXPECT_TRUE(rows->next());
    return rows->integer(0);
  }
  SqlError error_in(const std::function<void()>& work) {
    try {
      work();
    } catch (const SqlError& error) {
      return error;
    }
    ADD_FAILURE() << "nothing failed";
    return {SqlFault::other, "", ""};
  }

  std::unique_ptr<SqlConnection> connection_;
};

TEST_F(StatementsOnServer, KeepTextsAsTheyAre) {
  std::vector<std::string> texts{"",
                                 "it's",
                                 "\"?\" $1 %s",
                                 "back\\slash\\'",
                                 "\\",
                                 "line\r\n\t\x1a",
                                 "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8d",
                                 "  blanks  "};
  if (on_mariadb()) texts.emplace_back("nul\0inside", 10);
  for (const auto& text : texts) {
    insert(nullptr, nullptr, text);
    const auto found =
        connection_->run_one({"SELECT s FROM t WHERE s = ? ORDER BY id DESC", {text}});
    ASSERT_TRUE(found.data->next()) << text;
    EXPECT_EQ(found.data->text(0), text);
    const auto rows = connection_->query("SELECT s FROM t ORDER BY id DESC LIMIT 1");
    ASSERT_TRUE(rows->next());
    EXPECT_EQ(rows->text(0), text);
  }
}

TEST_F(StatementsOnServer, KeepTextsUnderEveryMode) {
  if (!on_mariadb()) GTEST_SKIP() << "PostgreSQL binds its values";
  for (const auto* mode : {"", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI"}) {
    connection_ = connect_to_test_database({.mysql_sql_mode = mode});
    const std::string text = "\\' \" \\\\ ''";
    const auto result = connection_->run_one({"SELECT ?", {text}});
    ASSERT_TRUE(result.data->next());
    EXPECT_EQ(result.data->text(0), text) << mode;
  }
}

TEST_F(StatementsOnServer, KeepIntegersAndDoublesToTheLastDigit) {
  for (const auto value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                           std::numeric_limits<std::int64_t>::max()}) {
    insert(value);
    const auto found = connection_->run_one({"SELECT n FROM t WHERE n = ?", {value}});
    ASSERT_TRUE(found.data->next()) << value;
    EXPECT_EQ(found.data->integer(0), value);
  }
  for (const double value : {0.0, 0.1, 1.0 / 3, 1e308, -2.5, 5e-324, 3.40282e+38}) {
    insert(nullptr, value);
    const auto rows = connection_->query("SELECT d FROM t ORDER BY id DESC LIMIT 1");
    ASSERT_TRUE(rows->next());
    EXPECT_EQ(rows->real(0), value);
  }
}

TEST_F(StatementsOnServer, KeepNullApartFromEmpty) {
  insert(nullptr, nullptr, "");
  const auto found = connection_->run_one({"SELECT n, d, s FROM t"});
  ASSERT_TRUE(found.data->next());
  EXPECT_TRUE(found.data->is_null(0));
  EXPECT_TRUE(found.data->is_null(1));
  EXPECT_FALSE(found.data->is_null(2));
  EXPECT_EQ(found.data->integer(0), 0);
  EXPECT_EQ(found.data->text(0), "");
  EXPECT_FALSE(found.data->next());
}

TEST_F(StatementsOnServer, CountMatchedRowsEvenIfNothingChanges) {
  for (const std::int64_t n : {1, 2, 3})
    EXPECT_EQ(insert(n, 1.0).rows, 1);
  EXPECT_EQ(connection_->run_one({"UPDATE t SET d = 1 WHERE n > 1"}).rows, 2);
  EXPECT_EQ(connection_->run_one({"UPDATE t SET d = 1 WHERE n > 9"}).rows, 0);
  EXPECT_EQ(connection_->run_one({"DELETE FROM t WHERE n = 1"}).rows, 1);
}

TEST_F(StatementsOnServer, TellTheIdsOfNewRows) {
  const auto returned = connection_->run_one(
      {"INSERT INTO t (n) VALUES (?), (?) RETURNING id", {std::int64_t{1}, std::int64_t{2}}});
  EXPECT_EQ(returned.rows, 2);
  ASSERT_TRUE(returned.data->next());
  EXPECT_EQ(returned.data->integer(0), 1);
  ASSERT_TRUE(returned.data->next());
  EXPECT_EQ(returned.data->integer(0), 2);
  if (!on_mariadb()) return;
  const auto inserted = connection_->run_one(
      {"INSERT INTO t (n) VALUES (?), (?)", {std::int64_t{3}, std::int64_t{4}}});
  EXPECT_EQ(inserted.inserted_id, 3);
  EXPECT_EQ(inserted.rows, 2);
}

TEST_F(StatementsOnServer, MayBeThousandsWithLargeValuesBothWays) {
  const std::string large(20'000, 'x');
  std::vector<SqlStatement> statements;
  for (std::int64_t n = 0; n < 5000; ++n) {
    if (n % 2 == 0) {
      statements.push_back({"INSERT INTO t (n, s) VALUES (?, ?)", {n, large}});
    } else {
      statements.push_back({"SELECT s, n FROM t WHERE n = ?", {n - 1}});
    }
  }
  statements.insert(statements.begin(), {"BEGIN"});
  const auto results = connection_->run(statements);
  connection_->run({{"COMMIT"}});
  ASSERT_EQ(results.size(), 5001u);
  for (std::size_t i = 1; i < results.size(); i += 2) {
    EXPECT_EQ(results[i].rows, 1);
    EXPECT_FALSE(results[i].data);
    ASSERT_TRUE(results[i + 1].data->next());
    EXPECT_EQ(results[i + 1].data->text(0), large);
    EXPECT_EQ(results[i + 1].data->integer(1), static_cast<std::int64_t>(i) - 1);
  }
  EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 2500);
}

// One statement and its answer that are both larger than all buffers, among small ones.
TEST_F(StatementsOnServer, MayBeLargerThanTheBuffersOfSockets) {
  const std::string large(8'000'000, 'y');
  std::vector<SqlStatement> statements(100, {"SELECT ?", {large.substr(0, 10)}});
  statements.insert(statements.begin() + 50, {"SELECT ?", {large}});
  statements.insert(statements.begin() + 51, {"SELECT ?", {large}});
  const auto results = connection_->run(statements);
  ASSERT_EQ(results.size(), 102u);
  ASSERT_TRUE(results[51].data->next());
  EXPECT_EQ(results[51].data->text(0), large);
  ASSERT_TRUE(results[101].data->next());
  EXPECT_EQ(results[101].data->text(0), "yyyyyyyyyy");
}

TEST_F(StatementsOnServer, ThatFailTellTheFirstErrorAndLeaveTheSessionInOrder) {
  connection_->run({{"BEGIN"}});
  std::vector<SqlStatement> statements;
  for (std::int64_t n = 0; n < 1000; ++n)
    statements.push_back({"INSERT INTO t (n) VALUES (?)", {n}});
  statements[300] = {"INSERT INTO t (n) VALUES (?)", {std::int64_t{7}}};
  statements[301] = {"SELECT nonsense FROM nowhere"};
  const auto error = error_in([&] { connection_->run(statements); });
  EXPECT_EQ(error.fault, SqlFault::refused) << error.what();
  EXPECT_EQ(error.code, on_mariadb() ? "1062" : "23505");
  EXPECT_THAT(error.what(), HasSubstr("database "));
  connection_->run({{"ROLLBACK"}});
  EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 0);
  insert(std::int64_t{1});
  EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 1);
}

// More texts than stay prepared, an error among them, and all of them once more.
TEST_F(StatementsOnServer, MayHaveManyTexts) {
  std::vector<SqlStatement> statements;
  for (std::int64_t n = 0; n < 700; ++n) {
    statements.push_back({"SELECT n, " + std::to_string(n) + " FROM t WHERE n = ?", {n}});
  }
  for (int round = 0; round < 3; ++round) {
    connection_->run(statements);
    auto broken = statements;
    broken[350] = {"SELECT " + std::to_string(round) + " FROM nowhere"};
    EXPECT_EQ(error_in([&] { connection_->run(broken); }).fault, SqlFault::other);
  }
  if (!on_mariadb()) {
    connection_->run(statements);
    EXPECT_LE(number("SELECT COUNT(*) FROM pg_prepared_statements"), 701);
    for (int i = 0; i < 2; ++i)
      connection_->run({{"SELECT 1"}});
    EXPECT_LE(number("SELECT COUNT(*) FROM pg_prepared_statements"), 201);
  }
}

TEST_F(StatementsOnServer, TakeLongListsOfValues) {
  for (std::int64_t n = 0; n < 10; ++n)
    insert(n);
  for (const std::size_t count : {1u, 100u, 5000u}) {
    SqlStatement statement{"SELECT COUNT(*) FROM t WHERE n IN (?"};
    statement.values.emplace_back(std::int64_t{0});
    for (std::size_t i = 1; i < count; ++i) {
      statement.text += ", ?";
      statement.values.emplace_back(static_cast<std::int64_t>(i));
    }
    statement.text += ")";
    const auto result = connection_->run_one(std::move(statement));
    ASSERT_TRUE(result.data->next());
    EXPECT_EQ(result.data->integer(0), std::min<std::int64_t>(10, static_cast<int>(count)));
  }
}

TEST_F(StatementsOnServer, WithValuesThatDoNotFitAreRefused) {
  EXPECT_EQ(error_in([&] { insert("no number"); }).fault, SqlFault::refused);
  EXPECT_EQ(error_in([&] { insert(nullptr, nullptr, "\xff\xfe"); }).fault, SqlFault::refused);
  if (on_mariadb()) {
    const auto size = static_cast<std::size_t>(number("SELECT @@max_allowed_packet"));
    EXPECT_EQ(error_in([&] { insert(nullptr, nullptr, std::string(size, 'x')); }).fault,
              SqlFault::refused);
  } else {
    EXPECT_EQ(error_in([&] { insert(nullptr, nullptr, std::string("a\0b", 3)); }).fault,
              SqlFault::refused);
  }
  insert(std::int64_t{1});
  EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 1);
}

TEST_F(StatementsOnServer, ThatMakeADeadlockConflict) {
  for (const std::int64_t n : {1, 2})
    insert(n, 0.0);
  const auto one = connect_to_test_database({.autocommit = false});
  const auto two = connect_to_test_database({.autocommit = false});
  if (on_mariadb()) {
    // No waiting, no deadlock, unless one asks for it.
    one->run({{"SET SESSION innodb_lock_wait_timeout = 20"}});
  }
  const auto update = [](int n) {
    return SqlStatement{"UPDATE t SET d = d + 1 WHERE n = " + std::to_string(n)};
  };
  one->run({{"BEGIN"}, update(1)});
  two->run({{"BEGIN"}, update(2)});
  std::optional<SqlFault> first;
  std::thread waiting([&] {
    try {
      one->run({update(2)});
    } catch (const SqlError& error) {
      first = error.fault;
    }
  });
  if (on_mariadb()) two->run({{"SET SESSION innodb_lock_wait_timeout = 20"}});
  std::optional<SqlFault> second;
  try {
    two->run({update(1)});
  } catch (const SqlError& error) {
    second = error.fault;
    two->run({{"ROLLBACK"}});
  }
  waiting.join();
  EXPECT_NE(first.has_value(), second.has_value());
  EXPECT_EQ(first.value_or(SqlFault::conflict), SqlFault::conflict);
  EXPECT_EQ(second.value_or(SqlFault::conflict), SqlFault::conflict);
}

TEST_F(StatementsOnServer, ThatMeetALockConflictAtOnce) {
  insert(std::int64_t{1});
  const auto holder = connect_to_test_database({.autocommit = false});
  holder->run({{"BEGIN"}, {"UPDATE t SET d = 1 WHERE n = 1"}});
  if (!on_mariadb()) connection_->run({{"SET lock_timeout = '20ms'"}});
  EXPECT_EQ(error_in([&] { connection_->run({{"UPDATE t SET d = 2 WHERE n = 1"}}); }).fault,
            SqlFault::conflict);
  holder->run({{"COMMIT"}});
  EXPECT_EQ(connection_->run_one({"UPDATE t SET d = 2 WHERE n = 1"}).rows, 1);
}

class StreamsOnServer : public StatementsOnServer {
 protected:
  std::string many_rows() const {
    return on_mariadb() ? "SELECT seq, REPEAT('z', 100) FROM seq_1_to_100000"
                        : "SELECT n, repeat('z', 100) FROM generate_series(1, 100000) AS n";
  }
};

TEST_F(StreamsOnServer, BringAllRows) {
  const auto rows = connection_->query(many_rows());
  std::int64_t sum = 0, count = 0;
  while (rows->next()) {
    sum += rows->integer(0);
    ++count;
    ASSERT_EQ(rows->text(1).size(), 100u);
  }
  EXPECT_FALSE(rows->next());
  EXPECT_EQ(count, 100'000);
  EXPECT_EQ(sum, 5'000'050'000);
}

TEST_F(StreamsOnServer, MayBeDroppedHalfWay) {
  for (const int wanted : {0, 1, 50'000}) {
    {
      const auto rows = connection_->query(many_rows());
      for (int i = 0; i < wanted; ++i)
        ASSERT_TRUE(rows->next());
    }
    EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 0);
    EXPECT_EQ(connection_->run_one({"DELETE FROM t"}).rows, 0);
  }
}

TEST_F(StreamsOnServer, KeepOtherStatementsOffUntilTheyAreGone) {
  const auto rows = connection_->query("SELECT 1");
  EXPECT_THROW(connection_->run({{"SELECT 1"}}), std::logic_error);
  EXPECT_THROW(connection_->query("SELECT 1"), std::logic_error);
}

TEST_F(StreamsOnServer, OfWrongSqlFailAtOnceAndLeaveTheSessionInOrder) {
  EXPECT_EQ(error_in([&] { connection_->query("SELECT nonsense FROM t"); }).fault, SqlFault::other);
  EXPECT_EQ(number("SELECT COUNT(*) FROM t"), 0);
}

}  // namespace
}  // namespace emplace::store
