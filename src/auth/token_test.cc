#include "auth/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace emplace::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string body(std::string_view scope) {
  return R"({"token": {"methods": ["password"], "expires_at": "2026-11-23T01:25:46.000000Z",
             "user": {"id": "u1", "name": "nova", "domain": {"id": "ud", "name": "Default"}},
             "audit_ids": ["x"])" +
         std::string(scope) + "}}";
}

Identity identity(std::string_view scope) {
  const auto token = parse_token(body(scope));
  EXPECT_TRUE(token) << token.error().detail;
  return token ? token->identity : Identity();
}

Time at(std::string_view text) {
  return parse_expiry(text).value();
}

TEST(Token, OfAProjectNamesUserProjectDomainsAndRoles) {
  const auto found = identity(
      R"(, "project": {"id": "p1", "name": "service", "domain": {"id": "pd"}}, "is_domain": false,
         "roles": [{"id": "1", "name": "admin"}, {"id": "2", "name": "service"}])");
  EXPECT_EQ(found.user_id, "u1");
  EXPECT_EQ(found.user_domain_id, "ud");
  EXPECT_EQ(found.project_id, "p1");
  EXPECT_EQ(found.project_domain_id, "pd");
  EXPECT_EQ(found.domain_id, "");
  EXPECT_EQ(found.system_scope, "");
  EXPECT_THAT(found.roles, ElementsAre("admin", "service"));
  EXPECT_THAT(found.service_roles, IsEmpty());
}

TEST(Token, OfADomainHasNoProject) {
  const auto found = identity(R"(, "domain": {"id": "d1"}, "roles": [{"name": "reader"}])");
  EXPECT_EQ(found.domain_id, "d1");
  EXPECT_EQ(found.project_id, "");
  EXPECT_EQ(found.system_scope, "");
}

TEST(Token, OfTheSystemHasItsScopeOnly) {
  const auto found = identity(R"(, "system": {"all": true}, "roles": [{"name": "admin"}])");
  EXPECT_EQ(found.system_scope, "all");
  EXPECT_EQ(found.project_id, "");
  EXPECT_EQ(identity(R"(, "system": {"all": false})").system_scope, "");
  EXPECT_EQ(identity(R"(, "system": {"all": "true"})").system_scope, "");
}

TEST(Token, WithoutScopeHasNoRoles) {
  EXPECT_THAT(identity("").roles, IsEmpty());
}

TEST(Token, IsOfTheAdminProjectUnlessItSaysOtherwise) {
  EXPECT_TRUE(identity("").is_admin_project);
  EXPECT_TRUE(identity(R"(, "is_admin_project": true)").is_admin_project);
  EXPECT_FALSE(identity(R"(, "is_admin_project": false)").is_admin_project);
}

TEST(Token, ExpiresWhenKeystoneSays) {
  EXPECT_EQ(parse_token(body(""))->expires_at, at("2026-11-23T01:25:46Z"));
}

TEST(Token, IsNotMadeOfAnAnswerThatLacksSomething) {
  for (const auto* bad :
       {"", "[]", "{}", R"({"token": {}})", R"({"token": []})", "secret text",
        R"({"token": {"user": {"id": "u"}}})",
        R"({"token": {"user": {"id": "u"}, "expires_at": "soon secret"}})",
        R"({"token": {"user": {"id": ""}, "expires_at": "2026-11-23T01:25:46Z"}})",
        R"({"token": {"expires_at": "2026-11-23T01:25:46Z"}})",
        R"({"token": {"user": {"id": "u"}, "expires_at": "2026-11-23T01:25:46Z", "roles": {}}})",
        R"({"token": {"user": {"id": "u"}, "expires_at": "2026-11-23T01:25:46Z",
            "roles": [{"id": "1"}]}})"}) {
    const auto token = parse_token(bad);
    ASSERT_FALSE(token) << bad;
    EXPECT_THAT(token.error().detail, Not(HasSubstr("secret")));
  }
}

TEST(Expiry, IsASecondInUtc) {
  using namespace std::chrono;
  const Time time = sys_days(year(2026) / November / 23) + 1h + 25min + 46s;
  EXPECT_EQ(parse_expiry("2026-11-23T01:25:46Z"), time);
  EXPECT_EQ(parse_expiry("2026-11-23T01:25:46.999999Z"), time);
  for (const auto* bad :
       {"", "2026-11-23", "2026-11-23T01:25:46", "2026-11-23 01:25:46Z", "2026-13-23T01:25:46Z",
        "2026-02-30T01:25:46Z", "2026-11-23T24:00:00Z", "2026-11-23T01:25:46+01:00",
        "2026-11-23T01:25:46.Z1", "x026-11-23T01:25:46Z"}) {
    EXPECT_FALSE(parse_expiry(bad)) << bad;
  }
}

TEST(CanBeToken, TakesTheCharactersOfTokensOnly) {
  EXPECT_TRUE(can_be_token("gAAAAABlX-_="));
  EXPECT_TRUE(can_be_token("eyJ0.eyJ1.c2ln"));
  EXPECT_TRUE(can_be_token(std::string(8 * 1024, 'a')));
  EXPECT_FALSE(can_be_token(std::string(8 * 1024 + 1, 'a')));
  EXPECT_FALSE(can_be_token(std::string_view("a\0b", 3)));
  for (const auto* bad : {"", "a b", "a,b", "a\r\nX: y", "a:b", "\x80", "a\"", "a;b", "{}"}) {
    EXPECT_FALSE(can_be_token(bad)) << bad;
  }
}

TEST(Trimmed, DropsWhiteSpaceAround) {
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed("  "), "");
}

TEST(TokenKey, HidesTheTokenAndTellsTheTwoKindsOfQuestionApart) {
  const auto key = token_key("a-token", false);
  EXPECT_EQ(key.size(), 33u);
  EXPECT_THAT(key, Not(HasSubstr("token")));
  EXPECT_EQ(key, token_key("a-token", false));
  EXPECT_NE(key, token_key("a-token", true));
  EXPECT_NE(key, token_key("b-token", false));
}

}  // namespace
}  // namespace emplace::auth
