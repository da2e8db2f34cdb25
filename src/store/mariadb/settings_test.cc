#include "store/mariadb/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

MariadbSettings settings(const std::string& url, const SessionOptions& options = {}) {
  return mariadb_settings(parse_database_url(url).value(), options);
}

std::string refused(const std::string& url) {
  try {
    settings(url);
  } catch (const SqlError& error) {
    EXPECT_EQ(error.fault, SqlFault::other);
    return error.what();
  }
  return url + " was taken";
}

TEST(MariadbSettings, GoByTcpUnlessASocketIsNamed) {
  EXPECT_EQ(settings("mysql://u@/d").host, "localhost");
  EXPECT_EQ(settings("mysql://u@/d").port, 3306);
  EXPECT_EQ(settings("mysql://u@h:3307/d").port, 3307);
  const auto socket = settings("mysql://u@/d?unix_socket=/run/s");
  EXPECT_EQ(socket.socket, "/run/s");
  EXPECT_EQ(socket.host, "");
  EXPECT_EQ(settings("mysql://u@127.0.0.1/d?unix_socket=/run/s").host, "");
  EXPECT_EQ(settings("mysql:///d?read_default_file=/etc/x").host, "");
  EXPECT_EQ(settings("mysql:///d?read_default_file=/etc/x").port, 0);
}

TEST(MariadbSettings, TakeTheUrlsTimeoutsBeforeTheOptions) {
  const SessionOptions options{.connect_timeout = std::chrono::seconds(3),
                               .answer_timeout = std::chrono::seconds(4)};
  const auto usual = settings("mysql://h/d", options);
  EXPECT_EQ(usual.connect_timeout_s, 3u);
  EXPECT_EQ(usual.read_timeout_s, 4u);
  EXPECT_EQ(usual.write_timeout_s, 4u);
  const auto own = settings("mysql://h/d?connect_timeout=60&read_timeout=70&write_timeout=80");
  EXPECT_EQ(own.connect_timeout_s, 60u);
  EXPECT_EQ(own.read_timeout_s, 70u);
  EXPECT_EQ(own.write_timeout_s, 80u);
  EXPECT_THAT(refused("mysql://h/d?read_timeout=soon"), HasSubstr("read_timeout"));
  EXPECT_THAT(refused("mysql://h/d?read_timeout=0"), HasSubstr("read_timeout"));
}

struct Tls {
  const char* parameters;
  bool tls, authority, verify_host;
};

TEST(MariadbSettings, DemandTlsAndVerifyAsPyMySqlDoes) {
  for (const auto& row :
       std::vector<Tls>{{"charset=utf8", false, false, false},
                        {"ssl_ca=/ca", true, true, true},
                        {"ssl_capath=/cas", true, true, true},
                        {"ssl_ca=/ca&ssl_check_hostname=false", true, true, false},
                        {"ssl_ca=/ca&ssl_verify_identity=0", true, true, false},
                        {"ssl_ca=/ca&ssl_verify_cert=False", true, false, false},
                        {"ssl_cert=/c&ssl_key=/k", true, false, false},
                        {"ssl=true", true, false, false},
                        {"ssl_mode=required", true, false, false},
                        {"ssl-mode=VERIFY_CA&ssl_ca=/ca", true, true, false},
                        {"ssl_mode=VERIFY_IDENTITY&ssl_ca=/ca", true, true, true},
                        {"ssl_mode=PREFERRED", false, false, false},
                        {"ssl_mode=DISABLED&ssl_ca=/ca", false, false, false}}) {
    const auto made = settings(std::string("mysql://h/d?") + row.parameters);
    EXPECT_EQ(made.tls, row.tls) << row.parameters;
    EXPECT_EQ(!made.ca_file.empty() || !made.ca_folder.empty(), row.authority) << row.parameters;
    EXPECT_EQ(made.verify_host, row.verify_host) << row.parameters;
  }
}

TEST(MariadbSettings, RefuseToVerifyWithNobodyToTrust) {
  for (const auto* parameters :
       {"ssl_verify_cert=true", "ssl_verify_identity=true", "ssl_mode=VERIFY_CA"}) {
    EXPECT_THAT(refused(std::string("mysql://h/d?") + parameters), HasSubstr("ssl_ca"));
  }
  EXPECT_THAT(refused("mysql://h/d?ssl_mode=maybe"), HasSubstr("ssl_mode"));
  EXPECT_THAT(refused("mysql://h/d?ssl_ca=/ca&ssl_check_hostname=x"),
              HasSubstr("ssl_check_hostname"));
}

TEST(MariadbSettings, NameTheParametersWithoutEffect) {
  EXPECT_THAT(unused_mariadb_parameters(
                  parse_database_url("mysql://h/d?charset=x&plugin=y&ssl_ca=z").value()),
              ElementsAre("plugin"));
}

auto says(const std::string& words) {
  return Contains(Field(&SessionStatement::text, HasSubstr(words)));
}

TEST(MariadbSession, IsOneOfItsKindOfServer) {
  const auto mariadb = mariadb_session({.autocommit = false}, true);
  EXPECT_THAT(mariadb, says("autocommit = 0"));
  EXPECT_THAT(mariadb, says("innodb_lock_wait_timeout = 0"));
  EXPECT_THAT(mariadb, says("idle_transaction_timeout = 10"));
  EXPECT_THAT(mariadb, Not(says("wait_timeout = 30")));
  const auto mysql = mariadb_session({.autocommit = false}, false);
  EXPECT_THAT(mysql, says("innodb_lock_wait_timeout = 1"));
  EXPECT_THAT(mysql, says("wait_timeout = 30"));
  EXPECT_THAT(mysql, Not(says("idle_")));
  EXPECT_THAT(mariadb_session({}, false), Not(says("SESSION wait_timeout")));
}

TEST(MariadbSession, LeavesTheModeIfNoneIsAskedFor) {
  EXPECT_THAT(mariadb_session({}, true), says("sql_mode = 'TRADITIONAL'"));
  EXPECT_THAT(mariadb_session({.mysql_sql_mode = ""}, true), Not(says("sql_mode")));
}

}  // namespace
}  // namespace emplace::store
