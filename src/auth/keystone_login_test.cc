#include "auth/keystone_login.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/token.h"
#include "json/reader.h"

namespace emplace::auth {
namespace {

using testing::HasSubstr;

Credentials named() {
  Credentials own;
  own.username = "placement";
  own.user_domain_name = "Default";
  own.password = "se\"cret";
  return own;
}

// The body's scope as JSON; "" if there is none.
std::string scope(const Credentials& own) {
  const auto body = json::parse(login_body(own));
  EXPECT_TRUE(body) << login_body(own);
  const auto* found = body->at("auth").as_object().if_contains("scope");
  return found ? boost::json::serialize(*found) : "";
}

std::string user(const Credentials& own) {
  return boost::json::serialize(
      json::parse(login_body(own))->at("auth").at("identity").at("password").at("user"));
}

TEST(LoginBody, NamesTheUserWithItsDomainOrById) {
  EXPECT_THAT(login_body(named()), HasSubstr(R"("methods": ["password"])"));
  EXPECT_EQ(user(named()),
            R"({"name":"placement","domain":{"name":"Default"},"password":"se\"cret"})");
  auto own = named();
  own.user_domain_id = "default";
  EXPECT_EQ(user(own), R"({"name":"placement","domain":{"id":"default"},"password":"se\"cret"})");
  own.user_id = "u1";
  EXPECT_EQ(user(own), R"({"id":"u1","password":"se\"cret"})");
}

TEST(LoginBody, AsksForTheScopeThatIsConfigured) {
  EXPECT_EQ(scope(named()), "");
  auto own = named();
  own.project_name = "service";
  own.project_domain_id = "default";
  EXPECT_EQ(scope(own), R"({"project":{"name":"service","domain":{"id":"default"}}})");
  own.project_id = "p1";
  EXPECT_EQ(scope(own), R"({"project":{"id":"p1"}})");
  own = named();
  own.domain_name = "d";
  EXPECT_EQ(scope(own), R"({"domain":{"name":"d"}})");
  own = named();
  own.system_scope = "all";
  EXPECT_EQ(scope(own), R"({"system":{"all":true}})");
  own = named();
  own.trust_id = "t";
  EXPECT_EQ(scope(own), R"({"OS-TRUST:trust":{"id":"t"}})");
}

constexpr std::string_view answer = R"({"token": {
  "expires_at": "2026-11-23T01:00:00.000000Z", "catalog": [
    {"type": "placement", "endpoints": [{"interface": "internal", "region": "one",
                                         "region_id": "one", "url": "http://p"}]},
    {"type": "identity", "endpoints": [
      {"interface": "public", "region_id": "one", "region": "one", "url": "http://public-one"},
      {"interface": "internal", "region_id": "two", "region": "two", "url": "http://two"},
      {"interface": "internal", "region_id": "one", "region": "one", "url": "http://one"}]}]}})";

Result<Login> login(const EndpointChoice& choice, std::string_view now = "2026-11-23T00:00:00Z") {
  return parse_login("own-token", answer, choice, *parse_expiry(now));
}

TEST(Login, FindsTheEndpointOfInterfaceAndRegion) {
  EXPECT_EQ(login({"internal", "one"})->endpoint, "http://one");
  EXPECT_EQ(login({"internal", "two"})->endpoint, "http://two");
  EXPECT_EQ(login({"internalURL", ""})->endpoint, "http://two");
  EXPECT_EQ(login({"public", ""})->endpoint, "http://public-one");
  EXPECT_EQ(login({"admin", ""})->endpoint, "");
  EXPECT_EQ(login({"internal", "three"})->endpoint, "");
}

TEST(Login, IsRenewedTwoMinutesAheadOrAtHalfItsLife) {
  EXPECT_EQ(login({"internal", ""})->token, "own-token");
  EXPECT_EQ(login({"internal", ""})->renew_at, parse_expiry("2026-11-23T00:58:00Z"));
  EXPECT_EQ(login({"internal", ""}, "2026-11-23T00:59:00Z")->renew_at,
            parse_expiry("2026-11-23T00:59:30Z"));
}

TEST(Login, NeedsATokenAndItsExpiry) {
  EXPECT_FALSE(parse_login("", answer, {}, Time()));
  EXPECT_FALSE(parse_login("a b", answer, {}, Time()));
  for (const auto* bad : {"", "[]", "{}", R"({"token": {}})", R"({"token": 1})"}) {
    EXPECT_FALSE(parse_login("t", bad, {}, Time())) << bad;
  }
}

TEST(Version3, IsAddedWhereTheUrlLacksIt) {
  EXPECT_EQ(with_version_3("http://k:5000"), "http://k:5000/v3");
  EXPECT_EQ(with_version_3("http://k/identity/"), "http://k/identity/v3");
  EXPECT_EQ(with_version_3("http://k/v3/"), "http://k/v3");
  EXPECT_EQ(with_version_3("http://k/v2.0"), "http://k/v3");
}

}  // namespace
}  // namespace emplace::auth
