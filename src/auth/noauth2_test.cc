#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/authenticator.h"

namespace emplace::auth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

Result<Identity> identify(Headers headers) {
  http::Request request;
  request.headers = std::move(headers);
  std::optional<Result<Identity>> answer;
  make_noauth2()->authenticate(request,
                               [&](Result<Identity> result) { answer = std::move(result); });
  EXPECT_TRUE(answer.has_value()) << "noauth2 answers at once";
  return answer ? *answer : Result<Identity>(fail(Reason::internal, "no answer"));
}

Identity identity(Headers headers) {
  const auto result = identify(std::move(headers));
  EXPECT_TRUE(result);
  return result ? *result : Identity();
}

TEST(Noauth2, WithoutATokenNobodyAsks) {
  const auto result = identify({{"X-Roles", "admin"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::unauthenticated);
}

TEST(Noauth2, TheTokenNamesUserAndProject) {
  const Identity found = identity({{"x-auth-token", "me:mine:too"}});
  EXPECT_EQ(found.user_id, "me");
  EXPECT_EQ(found.project_id, "mine:too");
  EXPECT_THAT(found.roles, IsEmpty());
}

TEST(Noauth2, ATokenWithoutAProjectNamesBothAlike) {
  EXPECT_EQ(identity({{"X-Auth-Token", "me"}}).project_id, "me");
  EXPECT_EQ(identity({{"X-Auth-Token", "me:"}}).project_id, "me");
}

TEST(Noauth2, AnEmptyTokenIsAUserWithoutAName) {
  const Identity found = identity({{"X-Auth-Token", ""}});
  EXPECT_EQ(found.user_id, "");
  EXPECT_THAT(found.roles, IsEmpty());
}

TEST(Noauth2, TheUserAdminHasTheRoleAdminUnlessRolesAreGiven) {
  EXPECT_THAT(identity({{"X-Auth-Token", "admin:x"}}).roles, ElementsAre("admin"));
  EXPECT_THAT(identity({{"X-Auth-Token", "admin"}, {"X-Roles", "reader"}}).roles,
              ElementsAre("reader"));
  EXPECT_THAT(identity({{"X-Auth-Token", "admin"}, {"X-Roles", ""}}).roles, IsEmpty());
  EXPECT_THAT(identity({{"X-Auth-Token", "Admin"}}).roles, IsEmpty());
}

TEST(Noauth2, RolesAreSeparatedByCommasAndTrimmed) {
  EXPECT_THAT(identity({{"X-Auth-Token", "u"}, {"X-Roles", " admin, member ,,reader,"}}).roles,
              ElementsAre("admin", "member", "reader"));
}

TEST(Noauth2, AProjectHeaderGoesBeforeTheTokensProject) {
  EXPECT_EQ(identity({{"X-Auth-Token", "u:p"}, {"X-Project-Id", "q"}}).project_id, "q");
  EXPECT_EQ(identity({{"X-Auth-Token", "u:p"}, {"X-Tenant-Id", "q"}}).project_id, "p");
}

TEST(Noauth2, ASystemScopeTakesTheTokensProjectAway) {
  const Identity found = identity({{"X-Auth-Token", "admin:p"}, {"openstack-system-scope", "all"}});
  EXPECT_EQ(found.system_scope, "all");
  EXPECT_EQ(found.project_id, "");
  const Identity with_project = identity(
      {{"X-Auth-Token", "admin:p"}, {"openstack-system-scope", "all"}, {"X-Project-Id", "q"}});
  EXPECT_EQ(with_project.project_id, "q");
  EXPECT_EQ(identity({{"X-Auth-Token", "u:p"}, {"openstack-system-scope", ""}}).project_id, "p");
}

TEST(Noauth2, DomainsServiceRolesAndAdminProjectComeFromTheirHeaders) {
  const Identity found = identity({{"X-Auth-Token", "u"},
                                   {"X-User-Domain-Id", "ud"},
                                   {"X-Project-Domain-Id", "pd"},
                                   {"X-Domain-Id", "d"},
                                   {"X-Service-Roles", "service"},
                                   {"X-Is-Admin-Project", "False"}});
  EXPECT_EQ(found.user_domain_id, "ud");
  EXPECT_EQ(found.project_domain_id, "pd");
  EXPECT_EQ(found.domain_id, "d");
  EXPECT_THAT(found.service_roles, ElementsAre("service"));
  EXPECT_FALSE(found.is_admin_project);
  EXPECT_TRUE(identity({{"X-Auth-Token", "u"}}).is_admin_project);
  EXPECT_TRUE(identity({{"X-Auth-Token", "u"}, {"X-Is-Admin-Project", "TRUE"}}).is_admin_project);
}

TEST(Noauth2, TheUserComesFromTheTokenAlone) {
  EXPECT_EQ(identity({{"X-Auth-Token", "me"}, {"X-User-Id", "root"}, {"X-User", "root"}}).user_id,
            "me");
}

TEST(Noauth2, HeadersSpeltWithUnderscoresDoNotCount) {
  EXPECT_FALSE(identify({{"X_Auth_Token", "admin"}}));
  const Identity found = identity({{"X-Auth-Token", "u:p"},
                                   {"X_Roles", "admin"},
                                   {"X_Project_Id", "q"},
                                   {"Openstack_System_Scope", "all"}});
  EXPECT_THAT(found.roles, IsEmpty());
  EXPECT_EQ(found.project_id, "p");
  EXPECT_EQ(found.system_scope, "");
}

}  // namespace
}  // namespace emplace::auth
