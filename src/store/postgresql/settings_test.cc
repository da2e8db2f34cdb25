#include "store/postgresql/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Key;
using testing::Not;
using testing::Pair;

PostgresqlSettings settings(const std::string& url) {
  return postgresql_settings(parse_database_url(url).value(), {});
}

TEST(PostgresqlSettings, AreTheUrlsInLibpqsNames) {
  const auto made = settings("postgresql://u:p%40@h:5433/d?sslmode=verify-full&sslrootcert=/ca");
  ASSERT_EQ(made.attempts.size(), 1u);
  EXPECT_THAT(
      made.attempts[0],
      IsSupersetOf({Pair("user", "u"), Pair("password", "p@"), Pair("host", "h"),
                    Pair("port", "5433"), Pair("dbname", "d"), Pair("sslmode", "verify-full"),
                    Pair("sslrootcert", "/ca"), Pair("fallback_application_name", "emplace")}));
  EXPECT_EQ(made.connect_timeout, std::chrono::seconds(5));
}

TEST(PostgresqlSettings, LeaveToLibpqWhatTheUrlDoesNotSay) {
  const auto made = settings("postgresql:///d");
  for (const auto* name : {"user", "password", "host", "port"})
    EXPECT_THAT(made.attempts[0], Not(Contains(Key(name))));
}

TEST(PostgresqlSettings, TryEachHostWithItsPort) {
  const auto made = settings("postgresql://u@/d?host=a:1&host=::1&host=/run/x:y&host=b");
  ASSERT_EQ(made.attempts.size(), 4u);
  EXPECT_THAT(made.attempts[0], IsSupersetOf({Pair("host", "a"), Pair("port", "1")}));
  EXPECT_THAT(made.attempts[1], Contains(Pair("host", "::1")));
  EXPECT_THAT(made.attempts[2], Contains(Pair("host", "/run/x:y")));
  EXPECT_THAT(made.attempts[3], Contains(Pair("host", "b")));
  EXPECT_THAT(made.attempts[3], Not(Contains(Key("port"))));
  const auto ports = settings("postgresql:///d?host=a,b&port=1,2");
  EXPECT_THAT(ports.attempts[1], IsSupersetOf({Pair("host", "b"), Pair("port", "2")}));
  const auto one_port = settings("postgresql:///d?host=a,b&port=7");
  EXPECT_THAT(one_port.attempts[1], Contains(Pair("port", "7")));
}

TEST(PostgresqlSettings, WatchTheConnectTimeoutThemselves) {
  const auto made = settings("postgresql://h/d?connect_timeout=33");
  EXPECT_EQ(made.connect_timeout, std::chrono::seconds(33));
  EXPECT_THAT(made.attempts[0], Not(Contains(Key("connect_timeout"))));
  EXPECT_THROW(settings("postgresql://h/d?connect_timeout=soon"), SqlError);
}

TEST(PostgresqlSettings, PassOnWhatLibpqKnowsAndNameTheRest) {
  const std::string url = "postgresql://h/d?nonsense=1&client_encoding=latin1&application_name=x";
  EXPECT_THAT(settings(url).attempts[0], Not(Contains(Key("nonsense"))));
  EXPECT_THAT(settings(url).attempts[0], Not(Contains(Key("client_encoding"))));
  EXPECT_THAT(settings(url).attempts[0], Contains(Pair("application_name", "x")));
  EXPECT_THAT(unused_postgresql_parameters(parse_database_url(url).value()),
              ElementsAre("nonsense"));
}

TEST(PostgresqlSession, EndsIdleTransactions) {
  EXPECT_THAT(postgresql_session({.idle_transaction_timeout = std::chrono::seconds(7)}),
              HasSubstr("idle_in_transaction_session_timeout = 7000"));
}

}  // namespace
}  // namespace emplace::store
