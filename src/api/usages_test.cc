#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

PutConsumer consumer(std::string_view name, std::string_view user,
                     std::optional<std::string> type) {
  return {uuid_of(name), "p", std::string(user), std::move(type), 1};
}

// Three consumers of one project: two instances and one of no known type.
World busy_world() {
  const auto world = parse_world("cn1 @5 VCPU=64 DISK_GB=100");
  const auto vcpu = *world.find_class("VCPU"), disk = *world.find_class("DISK_GB");
  const auto cn1 = uuid_of("cn1");
  return world.with(ChangeSet{
      Time{},
      {consumer("a", "u1", "INSTANCE"),
       ReplaceAllocations{uuid_of("a"), {{cn1, vcpu, 2}, {cn1, disk, 10}}},
       consumer("b", "u2", "INSTANCE"), ReplaceAllocations{uuid_of("b"), {{cn1, vcpu, 4}}},
       consumer("c", "u1", std::nullopt), ReplaceAllocations{uuid_of("c"), {{cn1, vcpu, 8}}},
       consumer("left without any", "u1", "INSTANCE")}});
}

class Usages : public testing::Test {
 protected:
  Usages() { identity_.roles = {"admin"}; }

  Result<Response> ask(std::string_view query, int minor = newest.minor) {
    const Request request;
    const Call call{.request = request,
                    .version = {1, minor},
                    .identity = identity_,
                    .world = world_,
                    .settings = settings_,
                    .now = Time{},
                    .rule = "placement:usages",
                    .path = {},
                    .query_text = query,
                    .access = Access(rules_, identity_, "placement:usages")};
    auto outcome = show_usages(call);
    if (!outcome) return tl::unexpected(outcome.error());
    return std::get<Response>(*outcome);
  }
  std::string body(std::string_view query, int minor = newest.minor) {
    const auto answer = ask(query, minor);
    return answer ? answer->body : answer.error().detail;
  }

  World world_ = busy_world();
  Settings settings_;
  Identity identity_;
  const policy::RuleSet defaults_ = policy::RuleSet::make({}, {}).value();
  std::shared_ptr<const policy::RuleSet> rules_ = std::make_shared<policy::RuleSet>(defaults_);
};

TEST_F(Usages, BelowOneThirtyEightAreSumsByClass) {
  EXPECT_EQ(body("project_id=p", 9), R"({"usages": {"VCPU": 14, "DISK_GB": 10}})");
  EXPECT_EQ(body("project_id=p&user_id=u2", 9), R"({"usages": {"VCPU": 4}})");
  EXPECT_EQ(body("project_id=nobody", 9), R"({"usages": {}})");
  EXPECT_EQ(body("project_id=nobody&project_id=p&user_id=u2", 9), R"({"usages": {"VCPU": 4}})");
}

TEST_F(Usages, FromOneThirtyEightAreGroupedByType) {
  EXPECT_EQ(body("project_id=p"),
            R"({"usages": {"INSTANCE": {"VCPU": 6, "DISK_GB": 10, "consumer_count": 2}, )"
            R"("unknown": {"VCPU": 8, "consumer_count": 1}}})");
  EXPECT_EQ(body("project_id=p&consumer_type=all"),
            R"({"usages": {"all": {"VCPU": 14, "DISK_GB": 10, "consumer_count": 3}}})");
  EXPECT_EQ(body("project_id=p&consumer_type=unknown"),
            R"({"usages": {"unknown": {"VCPU": 8, "consumer_count": 1}}})");
  EXPECT_EQ(body("project_id=p&consumer_type=INSTANCE&user_id=u1"),
            R"({"usages": {"INSTANCE": {"VCPU": 2, "DISK_GB": 10, "consumer_count": 1}}})");
  EXPECT_EQ(body("project_id=nobody&consumer_type=all"), R"({"usages": {}})");
  EXPECT_EQ(body("project_id=p&consumer_type=allX"), R"({"usages": {}})");
}

TEST_F(Usages, RefuseQueriesInUpstreamsWords) {
  EXPECT_THAT(body("", 9), HasSubstr("'project_id' is a required property"));
  EXPECT_THAT(body("project_id=p&user_id=", 9), HasSubstr("Failed validating 'minLength'"));
  EXPECT_THAT(body("project_id=" + std::string(256, 'x'), 9),
              HasSubstr("Failed validating 'maxLength'"));
  EXPECT_THAT(body("project_id=p&dummy=1", 9),
              HasSubstr("Additional properties are not allowed ('dummy' was unexpected)"));
  EXPECT_THAT(body("project_id=p&consumer_type=INSTANCE", 37), HasSubstr("was unexpected"));
  for (const std::string type : {"unknown2", "instance", ""}) {
    const auto answer = ask("project_id=p&consumer_type=" + type);
    EXPECT_EQ(answer.error().reason, Reason::bad_request);
    EXPECT_EQ(answer.error().detail,
              "Invalid query string parameters: '" + type +
                  "' does not match '^[A-Z0-9_]+$|^all|^unknown$'\n\nFailed validating 'pattern' "
                  "in schema['properties']['consumer_type']");
  }
}

TEST_F(Usages, OfAProjectAreForItsReadersAndThatIsCheckedFirst) {
  identity_.roles = {"reader"};
  identity_.project_id = "p";
  EXPECT_TRUE(ask("project_id=p"));
  EXPECT_EQ(ask("project_id=other").error().reason, Reason::forbidden);
  EXPECT_EQ(ask("dummy=1").error().reason, Reason::forbidden);
  EXPECT_EQ(ask("project_id=p&dummy=1").error().reason, Reason::bad_request);
}

TEST(ProviderUsages, AreOfAllItsInventories) {
  HandlerTester api("cn1 @5 VCPU=64 DISK_GB=100 used VCPU=3");
  const auto answer = api.ask(show_provider_usages, {.path = {uuid_of("cn1").str()}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body,
            R"({"resource_provider_generation": 5, "usages": {"VCPU": 3, "DISK_GB": 0}})");
  EXPECT_EQ(answer->last_modified, api.loaded);  // releases before that are not on record
  EXPECT_EQ(api.ask(show_provider_usages, {.path = {uuid_of("no").str()}}).error().reason,
            Reason::not_found);
}

TEST(ProviderUsages, ChangeWithClaimsAndReleasesAndTheGeneration) {
  HandlerTester api("cn1 @5 VCPU=64 used VCPU=3\ncn2 VCPU=4");
  const auto time_of = [&](std::string_view name) {
    return api.ask(show_provider_usages, {.path = {uuid_of(name).str()}}).value().last_modified;
  };
  ASSERT_TRUE(api.ask(delete_allocations, {.path = {uuid_of("user of cn1").str()}}));
  const auto released = api.now;
  EXPECT_EQ(time_of("cn1"), released);
  EXPECT_EQ(time_of("cn2"), api.loaded);
  api.now += std::chrono::hours(1);
  EXPECT_EQ(time_of("cn1"), released);
  ASSERT_TRUE(api.ask(replace_inventories,
                      {.path = {uuid_of("cn2").str()},
                       .body = R"({"resource_provider_generation": 0, "inventories": {}})"}));
  EXPECT_EQ(time_of("cn2"), api.now);
  EXPECT_EQ(time_of("cn1"), released);
}

}  // namespace
}  // namespace emplace::api
