#include "store/postgresql/faults.h"

#include <vector>

#include <gtest/gtest.h>

namespace emplace::store {
namespace {

void expect(SqlFault fault, const std::vector<std::string>& codes) {
  for (const auto& code : codes)
    EXPECT_EQ(postgresql_fault(code), fault) << code;
}

TEST(PostgresqlFaults, ThatOnlyNeedAnotherTryAreConflicts) {
  expect(SqlFault::conflict, {"40001", "40P01", "55P03"});
}

TEST(PostgresqlFaults, OfTheConnectionLoseIt) {
  expect(SqlFault::lost, {"08006", "08P01", "57P01", "57P02", "57P05", "25P03", ""});
}

TEST(PostgresqlFaults, OfAServerThatCanNotMakeItUnavailable) {
  expect(SqlFault::unavailable, {"57P03", "53100", "53200", "53300", "25006", "58030", "57014"});
}

TEST(PostgresqlFaults, OfValuesAndConstraintsAreRefusals) {
  expect(SqlFault::refused, {"22001", "22003", "22P02", "22021", "23505", "23502", "23503"});
}

TEST(PostgresqlFaults, OfPasswordsDatabasesAndSqlAreOthers) {
  expect(SqlFault::other, {"28P01", "28000", "3D000", "42601", "42P01", "25P02", "25001"});
}

TEST(PostgresqlFaults, WhileConnectingAreReadOutOfTheMessage) {
  const auto password = connect_failure(
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
      "authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n");
  EXPECT_EQ(password.fault, SqlFault::other);
  EXPECT_EQ(password.code, "28P01");
  EXPECT_EQ(password.sentence,
            "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
            "authentication failed for user \"u\"");
  const auto starting = connect_failure("x failed: FATAL:  57P03: the database system is starting");
  EXPECT_EQ(starting.fault, SqlFault::unavailable);
}

TEST(PostgresqlFaults, WhileConnectingWithoutAServerAreLost) {
  const auto refused = connect_failure(
      "connection to server at \"h\", port 1 failed: Connection refused\n\tIs the server running "
      "on that host and accepting TCP/IP connections?\n");
  EXPECT_EQ(refused.fault, SqlFault::lost);
  EXPECT_EQ(refused.code, "");
  EXPECT_EQ(refused.sentence,
            "connection to server at \"h\", port 1 failed: Connection refused; Is the server "
            "running on that host and accepting TCP/IP connections?");
  EXPECT_EQ(connect_failure("").fault, SqlFault::lost);
}

TEST(PostgresqlFaults, OfSettingsCertificatesAndMissingPasswordsAreOthers) {
  for (const auto* message :
       {"invalid sslmode value: \"x\"", "h failed: SSL error: certificate verify failed",
        "fe_sendauth: no password supplied",
        "h failed: server does not support SSL, but SSL was required"}) {
    EXPECT_EQ(connect_failure(message).fault, SqlFault::other) << message;
  }
}

}  // namespace
}  // namespace emplace::store
