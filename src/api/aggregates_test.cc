
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

const std::string lower = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const std::string upper = "{AAAAAAAAAAAA4AAA8AAAAAAAAAAAAAAA}";

TEST(Aggregates, AreShownInTheShapeOfEachMicroversion) {
  HandlerTester api("cn1 @7 in:rack1");
  const auto shown = [&](int minor) {
    return api.ask(list_aggregates, {.path = {uuid_of("cn1").str()}, .minor = minor}).value().body;
  };
  const std::string old = R"({"aggregates": [")" + uuid_of("rack1").str() + "\"]";
  EXPECT_EQ(shown(18), old + "}");
  EXPECT_EQ(shown(19), old + R"(, "resource_provider_generation": 7})");
}

TEST(Aggregates, AreShownInTheOrderInWhichTheyCameUp) {
  HandlerTester api("cn0 in:rack4 in:rack2\ncn1 in:rack1 in:rack2 in:rack3 in:rack4");
  std::vector<std::string> uuids;
  for (const auto* name : {"rack4", "rack2", "rack1", "rack3"})
    uuids.push_back(uuid_of(name).str());
  const auto body = json_of(api.ask(list_aggregates, {.path = {uuid_of("cn1").str()}}));
  for (std::size_t i = 0; i < uuids.size(); ++i)
    EXPECT_EQ(body.at("aggregates").at(i).as_string(), uuids[i]);
}

TEST(ReplaceAggregates, KeepsTheGenerationBefore1_19AndAdvancesItFromThen) {
  HandlerTester api("cn1 @7 in:rack1");
  const std::vector<std::string> path{uuid_of("cn1").str()};
  const auto old =
      api.ask(replace_aggregates, {.path = path, .body = "[\"" + upper + "\"]", .minor = 18});
  EXPECT_EQ(old.value().body, R"({"aggregates": [")" + lower + "\"]}");
  EXPECT_EQ(old.value().last_modified, api.now);
  const std::string body =
      R"({"aggregates": [")" + lower + R"("], "resource_provider_generation": 7})";
  EXPECT_EQ(api.ask(replace_aggregates, {.path = path, .body = body}).value().body,
            R"({"aggregates": [")" + lower + R"("], "resource_provider_generation": 8})");
  EXPECT_THAT(detail_of(api.ask(replace_aggregates, {.path = path, .body = body})),
              HasSubstr("generation already changed"));
}

TEST(ReplaceAggregates, RefusesDuplicatesInAnySpelling) {
  HandlerTester api("cn1");
  const std::vector<std::string> path{uuid_of("cn1").str()};
  const auto refusal = [&](const std::string& other) {
    const std::string list = "[\"" + lower + "\", \"" + other + "\"]";
    const std::string body =
        R"({"aggregates": )" + list + R"(, "resource_provider_generation": 0})";
    return detail_of(api.ask(replace_aggregates, {.path = path, .body = body}));
  };
  const std::string why =
      " has non-unique elements\n\nFailed validating 'uniqueItems' in "
      "schema['properties']['aggregates']\n\nOn instance['aggregates']";
  EXPECT_EQ(refusal(lower), "JSON does not validate: ['" + lower + "', '" + lower + "']" + why);
  EXPECT_EQ(refusal(upper), "JSON does not validate: ['" + lower + "', '" + upper + "']" + why);
}

}  // namespace
}  // namespace emplace::api
