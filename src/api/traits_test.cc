#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"
#include "api/like.h"

namespace emplace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::string_view some_traits =
    "cn1 @7 trait:HW_A trait:CUSTOM_A\ncn2 trait:HW_B trait:CUSTOM_B";

std::vector<std::string> names_in(const json::Value& body) {
  std::vector<std::string> names;
  for (const auto& name : body.at("traits").as_array())
    names.emplace_back(name.as_string());
  return names;
}
std::vector<std::string> listed(HandlerTester& api, std::string_view query) {
  return names_in(json_of(api.ask(list_traits, {.query = query})));
}

TEST(Like, KnowsWildcardsAndOverlooksCase) {
  EXPECT_TRUE(is_like("CUSTOM_A", "custom_%"));
  EXPECT_TRUE(is_like("CUSTOM_A", "C_STOM%A"));
  EXPECT_TRUE(is_like("aXbXc", "a%b%c"));
  EXPECT_TRUE(is_like("aaab", "%ab"));
  EXPECT_TRUE(is_like("", "%%"));
  EXPECT_FALSE(is_like("", "_"));
  EXPECT_FALSE(is_like("CUSTOM_A", "CUSTOM_"));
  EXPECT_FALSE(is_like("abc", "%b"));
}

TEST(ListTraits, FiltersByNameAndAssociation) {
  HandlerTester api(some_traits);
  ASSERT_TRUE(api.ask(create_trait, {.path = {"CUSTOM_FREE"}}));
  EXPECT_EQ(listed(api, "").size(), 5u);
  EXPECT_THAT(listed(api, "name=startswith:custom_"),
              UnorderedElementsAre("CUSTOM_A", "CUSTOM_B", "CUSTOM_FREE"));
  EXPECT_THAT(listed(api, "name=startswith:CUSTOM%25E"), ElementsAre("CUSTOM_FREE"));
  EXPECT_THAT(listed(api, "name=in:HW_A,hw_b,CUSTOM_B"), UnorderedElementsAre("HW_A", "CUSTOM_B"));
  EXPECT_THAT(listed(api, "name=in:"), IsEmpty());
  EXPECT_EQ(listed(api, "name=like:X").size(), 5u);
  EXPECT_THAT(listed(api, "associated=False"), ElementsAre("CUSTOM_FREE"));
  EXPECT_EQ(listed(api, "associated=TRUE").size(), 4u);
  EXPECT_THAT(listed(api, "associated=true&name=startswith:HW"),
              UnorderedElementsAre("HW_A", "HW_B"));
}

TEST(ListTraits, RefusesInUpstreamsWords) {
  HandlerTester api;
  EXPECT_EQ(detail_of(api.ask(list_traits, {.query = "name=in_abc"})),
            "Badly formatted name parameter. Expected name query string parameter in form: "
            "?name=[in|startswith]:[name1,name2|prefix]. Got: \"in_abc\"");
  EXPECT_EQ(detail_of(api.ask(list_traits, {.query = "associated=xyz"})),
            "The query parameter \"associated\" only accepts \"true\" or \"false\"");
  EXPECT_THAT(detail_of(api.ask(list_traits, {.query = "x=1"})),
              HasSubstr("Invalid query string parameters: Additional properties are not allowed"));
  api.settings.query_values_max = 2;
  EXPECT_EQ(detail_of(api.ask(list_traits, {.query = "name=in:A,B"})), "(no failure)");
  EXPECT_THAT(detail_of(api.ask(list_traits, {.query = "name=in:A,B,C"})),
              HasSubstr("more than 2"));
}

TEST(Traits, AListIsNotOlderThanTheLastDeletion) {
  HandlerTester api("cn1 VCPU=1");
  const auto time = [&](std::string_view query = {}) {
    return api.ask(list_traits, {.query = query}).value().last_modified;
  };
  EXPECT_EQ(time(), api.loaded);
  ASSERT_TRUE(api.ask(create_trait, {.path = {"CUSTOM_A"}}));
  EXPECT_EQ(time(), api.now);
  const auto created = api.now;
  api.now += std::chrono::hours(1);
  ASSERT_TRUE(api.ask(delete_provider, {.path = {uuid_of("cn1").str()}}));
  EXPECT_EQ(time(), created);
  EXPECT_EQ(time("associated=true"), api.now);
  api.now += std::chrono::hours(1);
  ASSERT_TRUE(api.ask(delete_trait, {.path = {"CUSTOM_A"}}));
  EXPECT_EQ(time(), api.now);
}

TEST(Trait, IsCreatedOnceAndKeepsItsTime) {
  HandlerTester api;
  const auto first = api.now;
  EXPECT_EQ(api.ask(create_trait, {.path = {"CUSTOM_A"}}).value().status, 201u);
  api.now += std::chrono::hours(1);
  const auto again = api.ask(create_trait, {.path = {"CUSTOM_A"}}).value();
  EXPECT_EQ(again.status, 204u);
  EXPECT_EQ(again.location, "/traits/CUSTOM_A");
  EXPECT_EQ(again.last_modified, first);
  EXPECT_EQ(api.ask(show_trait, {.path = {"CUSTOM_A"}}).value().last_modified, first);
  EXPECT_EQ(api.ask(delete_trait, {.path = {"CUSTOM_A"}}).value().status, 204u);
  EXPECT_EQ(detail_of(api.ask(show_trait, {.path = {"CUSTOM_A"}})), "No such trait(s): CUSTOM_A.");
}

TEST(Trait, HasACustomNameOfItsOwnCharacters) {
  HandlerTester api;
  const auto longest = "CUSTOM_" + std::string(248, 'A');
  EXPECT_TRUE(api.ask(create_trait, {.path = {longest}}));
  for (const auto& name : {std::string("CUSTOM_"), std::string("HW_A"), std::string("CUSTOM_a"),
                           std::string("CUSTOM_NL\n"), longest + "A"}) {
    EXPECT_THAT(detail_of(api.ask(create_trait, {.path = {name}})),
                HasSubstr("The trait is invalid. A valid trait must be no longer than 255"));
  }
}

TEST(ProviderTraits, AreReplacedAndAdvanceTheGenerationOnlyIfTheyChange) {
  HandlerTester api(some_traits);
  const std::vector<std::string> path{uuid_of("cn1").str()};
  const auto same = json_of(api.ask(replace_provider_traits, {.path = path, .body = R"(
      {"traits": ["CUSTOM_A", "HW_A", "HW_A"], "resource_provider_generation": 7})"}));
  EXPECT_EQ(same.at("resource_provider_generation").as_int64(), 7);
  const auto other = json_of(api.ask(replace_provider_traits, {.path = path, .body = R"(
      {"traits": ["HW_B"], "resource_provider_generation": 7})"}));
  EXPECT_EQ(other.at("resource_provider_generation").as_int64(), 8);
  EXPECT_THAT(names_in(other), ElementsAre("HW_B"));
  EXPECT_EQ(api.ask(delete_provider_traits, {.path = path}).value().status, 204u);
  EXPECT_EQ(api.ask(list_provider_traits, {.path = path}).value().body,
            R"({"traits": [], "resource_provider_generation": 9})");
}

TEST(ProviderTraits, TellThatTheBodyIsWrongBeforeThatThereIsNoProvider) {
  HandlerTester api;
  EXPECT_THAT(detail_of(api.ask(replace_provider_traits, {.path = {"junk"}, .body = "{}"})),
              HasSubstr("JSON does not validate"));
  EXPECT_EQ(detail_of(api.ask(list_provider_traits, {.path = {"junk"}})),
            "No resource provider with uuid junk found: "
            "No resource provider with uuid junk found");
}

}  // namespace
}  // namespace emplace::api
