#include "auth/keystone.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr Time now = Time(std::chrono::seconds(1'000'000));

class FixedClock final : public Clock {
 public:
  Time now() const override { return auth::now; }
};

// Knows some tokens and counts how often it is asked.
class KnownTokens final : public TokenVerifier {
 public:
  struct Known {
    std::vector<std::string> roles;
    bool expired = false;
  };
  void verify(const std::string& token, bool allow_expired, TokenDone done) override {
    ++asked;
    const auto found = known.find(token);
    if (away) return done(fail(Reason::unavailable, "away"));
    if (found == known.end() || (found->second.expired && !allow_expired)) {
      return done(unauthenticated());
    }
    Token result{{}, auth::now + std::chrono::seconds(found->second.expired ? -5 : 5)};
    result.identity.user_id = "user of " + token;
    result.identity.project_id = "project of " + token;
    result.identity.roles = found->second.roles;
    done(std::make_shared<const Token>(std::move(result)));
  }
  std::map<std::string, Known> known;
  bool away = false;
  int asked = 0;
};

class TokenAuthenticatorTest : public testing::Test {
 protected:
  TokenAuthenticatorTest() {
    verifier_.known = {{"user", {{"reader"}}},
                       {"old", {{"reader"}, true}},
                       {"service", {{"service", "admin"}}},
                       {"stranger", {{"member"}}},
                       {"old-service", {{"service"}, true}}};
  }

  Result<Identity> authenticate(Headers headers, bool roles_required = false) {
    TokenAuthenticator authenticator(lookup_, {"service", "ops"}, roles_required);
    http::Request request;
    request.headers = std::move(headers);
    std::optional<Result<Identity>> answer;
    authenticator.authenticate(request, [&](Result<Identity> result) {
      EXPECT_FALSE(answer) << "answered twice";
      answer = std::move(result);
    });
    EXPECT_TRUE(answer);
    return answer ? *answer : Result<Identity>(fail(Reason::internal, "no answer"));
  }
  std::string reason(Headers headers, bool roles_required = false) {
    const auto result = authenticate(std::move(headers), roles_required);
    if (result) return "passes";
    if (result.error().reason == Reason::unavailable) return "unavailable";
    return result.error().reason == Reason::unauthenticated ? "refused" : "another reason";
  }

  FixedClock clock_;
  KnownTokens verifier_;
  TokenLookup lookup_{verifier_, clock_, {}};
};

TEST_F(TokenAuthenticatorTest, FindsTheIdentityOfTheToken) {
  const auto identity = authenticate({{"x-auth-token", " user\t"}});
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user_id, "user of user");
  EXPECT_EQ(identity->project_id, "project of user");
  EXPECT_THAT(identity->roles, ElementsAre("reader"));
  EXPECT_THAT(identity->service_roles, IsEmpty());
}

TEST_F(TokenAuthenticatorTest, RefusesWithoutAskingWhatCanBeNoToken) {
  const std::string long_one(9000, 'a');
  EXPECT_EQ(reason({}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", ""}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "  "}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "us er"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", long_one}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "a,b"}}), "refused");
  EXPECT_EQ(reason({{"X_Auth_Token", "user"}}), "refused");
  EXPECT_EQ(reason({{"X-Storage-Token", "user"}}), "refused");
  EXPECT_EQ(reason({{"X-Service-Token", "service"}}), "refused");
  EXPECT_EQ(verifier_.asked, 0);
}

TEST_F(TokenAuthenticatorTest, RefusesTwoTokensInOneRequest) {
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"x-auth-token", "user"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", ""}, {"X-Auth-Token", "user"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"},
                    {"X-Service-Token", "service"},
                    {"X-Service-Token", "service"}}),
            "refused");
}

TEST_F(TokenAuthenticatorTest, BelievesNoHeaderButTheToken) {
  const auto identity = authenticate({{"X-Auth-Token", "stranger"},
                                      {"X-Roles", "admin"},
                                      {"X_Roles", "admin"},
                                      {"x-role", "admin"},
                                      {"X-User-Id", "root"},
                                      {"X-Project-Id", "mine"},
                                      {"X-Service-Roles", "service"},
                                      {"OpenStack-System-Scope", "all"},
                                      {"X-Domain-Id", "d"},
                                      {"X-User-Domain-Id", "d"},
                                      {"X-Project-Domain-Id", "d"},
                                      {"X-Identity-Status", "Confirmed"},
                                      {"X-Service-Identity-Status", "Confirmed"}});
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user_id, "user of stranger");
  EXPECT_EQ(identity->project_id, "project of stranger");
  EXPECT_THAT(identity->roles, ElementsAre("member"));
  EXPECT_THAT(identity->service_roles, IsEmpty());
  EXPECT_EQ(identity->system_scope, "");
  EXPECT_EQ(identity->domain_id, "");
  EXPECT_EQ(identity->user_domain_id, "");
  EXPECT_EQ(identity->project_domain_id, "");
  EXPECT_EQ(reason({{"X-Auth-Token", "unknown"}, {"X-Identity-Status", "Confirmed"}}), "refused");
}

TEST_F(TokenAuthenticatorTest, TakesTheRolesOfAServiceToken) {
  const auto identity = authenticate({{"X-Auth-Token", "user"}, {"X-Service-Token", "service"}});
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user_id, "user of user");
  EXPECT_THAT(identity->roles, ElementsAre("reader"));
  EXPECT_THAT(identity->service_roles, ElementsAre("service", "admin"));
}

TEST_F(TokenAuthenticatorTest, LetsAnExpiredTokenPassWithAServiceRoleOnly) {
  EXPECT_EQ(reason({{"X-Auth-Token", "old"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "old"}, {"X-Service-Token", "stranger"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "old"}, {"X-Service-Token", "service"}}), "passes");
  EXPECT_EQ(reason({{"X-Auth-Token", "old"}}), "refused");
}

TEST_F(TokenAuthenticatorTest, RefusesAServiceTokenThatIsNotAccepted) {
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "unknown"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "old-service"}}), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", ""}}), "passes");
}

TEST_F(TokenAuthenticatorTest, DemandsAServiceRoleIfSoConfigured) {
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "stranger"}}), "passes");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "stranger"}}, true), "refused");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "service"}}, true), "passes");
}

TEST_F(TokenAuthenticatorTest, SaysThatKeystoneIsAway) {
  verifier_.away = true;
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}}), "unavailable");
  EXPECT_EQ(reason({{"X-Auth-Token", "user"}, {"X-Service-Token", "service"}}), "unavailable");
}

}  // namespace
}  // namespace emplace::auth
