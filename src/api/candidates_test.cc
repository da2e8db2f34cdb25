#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/candidates_answer.h"
#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

constexpr std::string_view two_hosts = R"(
cn1 VCPU=8/ratio=2 DISK_GB=100 trait:HW_X used VCPU=3
  numa0 VGPU=4 trait:HW_Y
)";

std::string quoted(std::string_view name) {
  return '"' + uuid_of(name).str() + '"';
}

std::string body(HandlerTester& api, std::string_view query, int minor) {
  const auto answer = api.ask(list_candidates, {.query = query, .minor = minor});
  return answer ? answer->body : answer.error().detail;
}

TEST(Candidates, HaveTheShapeOfTheirMicroversion) {
  HandlerTester api(two_hosts);
  const auto cn1 = quoted("cn1");
  const auto list = R"({"allocation_requests": [{"allocations": [{"resource_provider": {"uuid": )" +
                    cn1 + R"(}, "resources": {"VCPU": 1}}]}], "provider_summaries": {)" + cn1;
  const auto object = R"({"allocation_requests": [{"allocations": {)" + cn1 +
                      R"(: {"resources": {"VCPU": 1}}}}], "provider_summaries": {)" + cn1;
  const auto mapped = R"({"allocation_requests": [{"allocations": {)" + cn1 +
                      R"(: {"resources": {"VCPU": 1}}}, "mappings": {"": [)" + cn1 +
                      R"(]}}], "provider_summaries": {)" + cn1;
  const std::string vcpu = R"("VCPU": {"capacity": 16, "used": 3})";
  const std::string disk = R"(, "DISK_GB": {"capacity": 100, "used": 0})";
  const std::string traits = R"(, "traits": ["HW_X"])";
  const auto tail = R"(, "parent_provider_uuid": null, "root_provider_uuid": )" + cn1 + "}, " +
                    quoted("numa0") +
                    R"(: {"resources": {"VGPU": {"capacity": 4, "used": 0}}, "traits": ["HW_Y"], )"
                    R"("parent_provider_uuid": )" +
                    cn1 + R"(, "root_provider_uuid": )" + cn1 + "}}}";
  const auto ask = [&](int minor) { return body(api, "resources=VCPU:1", minor); };
  EXPECT_EQ(ask(11), list + R"(: {"resources": {)" + vcpu + "}}}}");
  EXPECT_EQ(ask(12), object + R"(: {"resources": {)" + vcpu + "}}}}");
  EXPECT_EQ(ask(17), object + R"(: {"resources": {)" + vcpu + "}" + traits + "}}}");
  EXPECT_EQ(ask(27), object + R"(: {"resources": {)" + vcpu + disk + "}" + traits + "}}}");
  EXPECT_EQ(ask(29), object + R"(: {"resources": {)" + vcpu + disk + "}" + traits + tail);
  EXPECT_EQ(ask(34), mapped + R"(: {"resources": {)" + vcpu + disk + "}" + traits + tail);
}

TEST(Candidates, AreAsOldAsTheLastWrite) {
  HandlerTester api(two_hosts);
  const auto answer = api.ask(list_candidates, {.query = "resources=VCPU:1"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->last_modified, api.loaded);
  ASSERT_TRUE(api.ask(create_trait, {.path = {"CUSTOM_A"}}));
  const auto later = api.ask(list_candidates, {.query = "resources=VCPU:1"});
  EXPECT_EQ(later.value().last_modified, api.now);
}

TEST(Candidates, WithoutResultAreEmptyLists) {
  HandlerTester api(two_hosts);
  EXPECT_EQ(body(api, "resources=VCPU:99", newest.minor),
            R"({"allocation_requests": [], "provider_summaries": {}})");
}

// Parts and mappings may come in any order: each provider and each group stands there once.
TEST(CandidatesJson, GathersWhatBelongsToOneProviderAndOneGroup) {
  HandlerTester api(two_hosts);
  const auto cn1 = *api.world.find_place(uuid_of("cn1"));
  const auto numa0 = *api.world.find_place(uuid_of("numa0"));
  const auto vcpu = *api.world.find_class("VCPU"), disk = *api.world.find_class("DISK_GB");
  const auto vgpu = *api.world.find_class("VGPU");
  candidates::Query query;
  query.groups.resize(2);
  query.groups[1].suffix = "_G";
  candidates::Found found;
  found.parts = {{cn1, vcpu, 1}, {numa0, vgpu, 2}, {cn1, disk, 3}};
  found.mappings = {{1, numa0}, {0, cn1}, {1, cn1}};
  found.candidates = {{0, 3, 0, 3}, {0, 1, 1, 2}};
  const Request request;
  const Identity identity;
  const Call call{.request = request,
                  .version = newest,
                  .identity = identity,
                  .world = api.world,
                  .settings = api.settings,
                  .now = Time{},
                  .rule = "",
                  .path = {},
                  .query_text = ""};
  EXPECT_EQ(candidates_json(call, query, found),
            R"({"allocation_requests": [{"allocations": {)" + quoted("cn1") +
                R"(: {"resources": {"VCPU": 1, "DISK_GB": 3}}, )" + quoted("numa0") +
                R"(: {"resources": {"VGPU": 2}}}, "mappings": {"": [)" + quoted("cn1") +
                R"(], "_G": [)" + quoted("numa0") + ", " + quoted("cn1") +
                R"(]}}, {"allocations": {)" + quoted("cn1") +
                R"(: {"resources": {"VCPU": 1}}}, "mappings": {"": [)" + quoted("cn1") +
                R"(]}}], "provider_summaries": {}})");
}

}  // namespace
}  // namespace emplace::api
