#include "store/sql/database_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

DatabaseUrl parsed(const std::string& url, const std::string& more = {}) {
  auto result = parse_database_url(url, more);
  if (!result) throw std::runtime_error(result.error().detail);
  return *result;
}

std::string refused(const std::string& url) {
  const auto result = parse_database_url(url);
  if (result) return url + " was taken";
  EXPECT_EQ(result.error().reason, Reason::bad_request);
  return result.error().detail;
}

TEST(DatabaseUrl, NamesTheEngineInAnyCaseOfTheScheme) {
  for (const auto* scheme :
       {"mysql", "mysql+pymysql", "MySQL+mysqldb", "mariadb", "mariadb+pymysql"}) {
    EXPECT_EQ(parsed(std::string(scheme) + "://h/d").engine, Engine::mariadb) << scheme;
  }
  for (const auto* scheme : {"postgresql", "PostgreSQL+psycopg2", "postgres"}) {
    EXPECT_EQ(parsed(std::string(scheme) + "://h/d").engine, Engine::postgresql) << scheme;
  }
  for (const auto* scheme : {"sqlite", "SQLITE+pysqlite"}) {
    EXPECT_EQ(parsed(std::string(scheme) + ":///d").engine, Engine::sqlite) << scheme;
  }
}

TEST(DatabaseUrl, NamesAFileByThreeSlashesAndAnAbsoluteOneByFour) {
  EXPECT_EQ(parsed("sqlite:///placement.db").path, "placement.db");
  EXPECT_EQ(parsed("sqlite:////var/lib/p%20q+r.db?mode=rw").path, "/var/lib/p q+r.db");
  EXPECT_EQ(parsed("sqlite:////a@b:c").path, "/a@b:c");
}

TEST(DatabaseUrl, HoldsUserPasswordHostPortAndDatabase) {
  const auto url = parsed("mysql+pymysql://nova:s3cret@db.example:3307/placement");
  EXPECT_EQ(url.user, "nova");
  EXPECT_EQ(url.password, "s3cret");
  EXPECT_EQ(url.host, "db.example");
  EXPECT_EQ(url.port, 3307);
  EXPECT_EQ(url.database, "placement");
  EXPECT_TRUE(url.parameters.empty());
}

TEST(DatabaseUrl, LeavesOutWhatTheEngineHasADefaultFor) {
  const auto url = parsed("postgresql:///placement");
  EXPECT_EQ(url.user + url.password + url.host, "");
  EXPECT_EQ(url.port, 0);
  EXPECT_EQ(parsed("mysql://u@h:/d").port, 0);
  EXPECT_EQ(parsed("mysql://u@h/d").user, "u");
}

TEST(DatabaseUrl, IsDecodedWithPlusAsPlusInAPassword) {
  const auto url = parsed("mysql://a%40b:x+y%2F%25%3A%e2%82%AC@h/d%20e?ssl_ca=/x%2Fy+z");
  EXPECT_EQ(url.user, "a@b");
  EXPECT_EQ(url.password, "x+y/%:\xe2\x82\xac");
  EXPECT_EQ(url.database, "d e");
  EXPECT_THAT(url.parameters, ElementsAre(Pair("ssl_ca", "/x/y z")));
}

TEST(DatabaseUrl, TakesSlashColonAndQuestionMarkInAPasswordAsTheyAre) {
  EXPECT_EQ(parsed("mysql://u:a/b:c?d@h/e").password, "a/b:c?d");
  EXPECT_EQ(parsed("mysql://u:a/b:c?d@h/e").host, "h");
}

TEST(DatabaseUrl, TakesIpv6InBrackets) {
  const auto url = parsed("postgresql://u:p@[2001:db8::5]:5433/d");
  EXPECT_EQ(url.host, "2001:db8::5");
  EXPECT_EQ(url.port, 5433);
  EXPECT_EQ(parsed("mysql://[::1]/d").host, "::1");
}

TEST(DatabaseUrl, HasParametersAndThoseOfTheOptionWin) {
  EXPECT_THAT(parsed("mysql://h/d?charset=utf8&x=a@b&y=&z", "charset=utf8mb4&more=1").parameters,
              ElementsAre(Pair("charset", "utf8mb4"), Pair("more", "1"), Pair("x", "a@b")));
  EXPECT_THAT(parsed("postgresql:///d?host=a:1&host=b").parameters,
              ElementsAre(Pair("host", "a:1,b")));
  EXPECT_EQ(parsed("postgresql://h/?dbname=d").database, "d");
}

TEST(DatabaseUrl, OfAnotherKindIsRefusedWithTheKindsThatWork) {
  for (const auto* url : {"oracle://u:hush@h/d", "", "hush", "mysql:hush", "sqlite://",
                          "sqlite:///", "sqlite:///:memory:", "sqlite://h/hush"}) {
    EXPECT_THAT(refused(url), testing::AllOf(HasSubstr("sqlite:///PATH"), HasSubstr("mysql"),
                                             HasSubstr("postgresql://"), Not(HasSubstr("hush"))));
  }
  EXPECT_THAT(refused("oracle://h/d"), HasSubstr("\"oracle\" is none"));
  EXPECT_THAT(refused("u:hush@h://x"), Not(HasSubstr("hush")));
}

TEST(DatabaseUrl, ThatIsBrokenIsRefusedWithoutItsPassword) {
  for (const auto* url :
       {"mysql://u:hush@h", "mysql://u:hush@h/", "postgresql://u:hush@h?sslmode=require",
        "mysql://u:hush@h:port/d", "mysql://u:hush@h:0/d", "mysql://u:hush@h:65536/d",
        "mysql://u:hush@h:-1/d", "mysql://u:hush@h:1x/d", "mysql://h:hush/d", "mysql://u:hush@",
        "mysql://u:hush@[::1/d", "mysql://u:hush@[::1]x/d", "mysql://u:x@hush@h/d",
        "mysql://u:x@h/hush@h2/d", "mysql://u:x@h/d?hush@h2/d=1", "mysql://u:hush%00@h/d",
        "sqlite:///a%00b", "mysql://u:hush@h/d?a=%00", "mysql://"}) {
    const auto sentence = refused(url);
    EXPECT_THAT(sentence, testing::StartsWith("[placement_database] connection ")) << url;
    EXPECT_THAT(sentence, Not(HasSubstr("hush"))) << url;
  }
  EXPECT_THAT(refused("mysql://u:x@y@h/d"), HasSubstr("%40"));
  EXPECT_THAT(refused("mysql://u:x@h:port/d"), HasSubstr("port"));
  EXPECT_THAT(refused("mysql://u:x@h"), HasSubstr("database"));
}

}  // namespace
}  // namespace emplace::store
