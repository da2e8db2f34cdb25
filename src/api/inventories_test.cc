#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

std::vector<std::string> path(std::string_view name, std::string_view resource_class = "") {
  if (resource_class.empty()) return {uuid_of(name).str()};
  return {uuid_of(name).str(), std::string(resource_class)};
}

TEST(Inventories, AreShownWithTheGeneration) {
  HandlerTester api("cn1 @7 VCPU=8/ratio=16 MEMORY_MB=4/reserved=1/min=2/max=3/step=2");
  EXPECT_EQ(json_of(api.ask(list_inventories, {.path = path("cn1")})), json::parse(R"(
      {"resource_provider_generation": 7, "inventories": {
        "VCPU": {"total": 8, "reserved": 0, "min_unit": 1, "max_unit": 2147483647, "step_size": 1,
                 "allocation_ratio": 16.0},
        "MEMORY_MB": {"total": 4, "reserved": 1, "min_unit": 2, "max_unit": 3, "step_size": 2,
                      "allocation_ratio": 1.0}}})")
                                                                           .value());
  const auto one = json_of(api.ask(show_inventory, {.path = path("cn1", "VCPU")}));
  EXPECT_EQ(one.at("allocation_ratio").as_double(), 16.0);
  EXPECT_EQ(one.at("resource_provider_generation").as_int64(), 7);
}

TEST(Inventories, HaveNoTimeWhenThereAreNone) {
  HandlerTester api("cn1\ncn2 VCPU=1");
  EXPECT_FALSE(api.ask(list_inventories, {.path = path("cn1")}).value().last_modified);
  EXPECT_TRUE(api.ask(list_inventories, {.path = path("cn2")}).value().last_modified);
}

TEST(Inventories, AreMissedInWordsOfTheirOwn) {
  HandlerTester api("cn1 VCPU=1");
  EXPECT_EQ(detail_of(api.ask(show_inventory, {.path = path("cn1", "HOUSE")})),
            "No inventory of class HOUSE for " + uuid_of("cn1").str());
  const auto none = api.ask(list_inventories, {.path = {"junk"}});
  EXPECT_EQ(none.error().detail,
            "No resource provider with uuid junk found : "
            "No resource provider with uuid junk found");
  EXPECT_EQ(none.error().reason, Reason::not_found);
}

TEST(ReplaceInventories, TakesWholeNumbersHoweverTheyAreWritten) {
  HandlerTester api("cn1 @7 VCPU=8\nother MEMORY_MB=1");
  const auto replaced = api.ask(replace_inventories, {.path = path("cn1"), .body = R"(
      {"resource_provider_generation": 7.0,
       "inventories": {"MEMORY_MB": {"total": 4.0, "allocation_ratio": 2}}})"});
  const auto body = json_of(replaced);
  EXPECT_EQ(body.at("resource_provider_generation").as_int64(), 8);
  EXPECT_EQ(body.at("inventories").at("MEMORY_MB").at("total").as_int64(), 4);
  EXPECT_EQ(body.at("inventories").at("MEMORY_MB").at("allocation_ratio").as_double(), 2.0);
  EXPECT_FALSE(body.at("inventories").as_object().contains("VCPU"));
  EXPECT_EQ(replaced.value().last_modified, api.now);
}

TEST(ReplaceInventories, TakesNoGenerationButTheOneThereIs) {
  HandlerTester api("cn1 @7 VCPU=8");
  for (const std::string generation :
       {"6", "7.5", "1e300", "18446744073709551615", "true", "\"7\""}) {
    const auto refused = api.ask(
        replace_inventories,
        {.path = path("cn1"),
         .body = R"({"resource_provider_generation": )" + generation + R"(, "inventories": {}})"});
    EXPECT_FALSE(refused.has_value()) << generation;
  }
  EXPECT_EQ((*api.world.find_provider(uuid_of("cn1")))->generation, 7);
}

TEST(ReplaceInventories, MayReserveAllOnlyFrom1_26) {
  HandlerTester api("cn1 VCPU=8");
  const std::string_view body = R"({"resource_provider_generation": 0,
                                    "inventories": {"VCPU": {"total": 4, "reserved": 4}}})";
  EXPECT_THAT(
      detail_of(api.ask(replace_inventories, {.path = path("cn1"), .body = body, .minor = 25})),
      HasSubstr("greater than or equal to total"));
  EXPECT_TRUE(api.ask(replace_inventories, {.path = path("cn1"), .body = body, .minor = 26}));
}

TEST(ReplaceInventories, RefusesNamesThatAreNoClasses) {
  HandlerTester api("cn1 VCPU=8");
  const auto refused = api.ask(replace_inventories, {.path = path("cn1"), .body = R"(
      {"resource_provider_generation": 0, "inventories": {"vcpu": 5}})"});
  EXPECT_THAT(detail_of(refused), HasSubstr("JSON does not validate: 'vcpu' does not match any of "
                                            "the regexes"));
}

TEST(CreateInventory, AnswersWithItsLocationAndIgnoresTheGeneration) {
  HandlerTester api("cn1 @7\nother VCPU=1");
  const auto created = api.ask(create_inventory, {.path = path("cn1"), .body = R"(
      {"resource_class": "VCPU", "total": 4, "resource_provider_generation": 99})"});
  EXPECT_EQ(created.value().status, 201u);
  EXPECT_EQ(created.value().location,
            "/resource_providers/" + uuid_of("cn1").str() + "/inventories/VCPU");
  EXPECT_EQ(json_of(created).at("resource_provider_generation").as_int64(), 8);
}

TEST(UpdateInventory, ReplacesAllFieldsAndGoesByTheGeneration) {
  HandlerTester api("cn1 @7 VCPU=8/ratio=16");
  const std::string_view body = R"({"total": 4, "resource_provider_generation": 7})";
  const auto updated = api.ask(update_inventory, {.path = path("cn1", "VCPU"), .body = body});
  EXPECT_EQ(json_of(updated).at("allocation_ratio").as_double(), 1.0);
  EXPECT_EQ(json_of(updated).at("resource_provider_generation").as_int64(), 8);
  EXPECT_EQ(updated.value().last_modified, api.now);
  EXPECT_EQ(detail_of(api.ask(update_inventory, {.path = path("cn1", "VCPU"), .body = body})),
            "resource provider generation conflict");
}

TEST(DeleteInventories, TakesOneOrAll) {
  HandlerTester api("cn1 VCPU=8 MEMORY_MB=1 DISK_GB=1");
  EXPECT_EQ(api.ask(delete_inventory, {.path = path("cn1", "VCPU")}).value().status, 204u);
  EXPECT_EQ((*api.world.find_provider(uuid_of("cn1")))->inventories.size(), 2u);
  EXPECT_EQ(api.ask(delete_inventories, {.path = path("cn1")}).value().status, 204u);
  EXPECT_EQ((*api.world.find_provider(uuid_of("cn1")))->inventories.size(), 0u);
}

TEST(Inventories, AreNotOlderThanTheNameOfTheirClass) {
  HandlerTester api("cn1 @5 CUSTOM_OLD=4");
  const auto time = [&] {
    return api.ask(list_inventories, {.path = {uuid_of("cn1").str()}}).value().last_modified;
  };
  const auto before = time();
  ASSERT_TRUE(api.ask(update_class,
                      {.path = {"CUSTOM_OLD"}, .body = R"({"name": "CUSTOM_NEW"})", .minor = 6}));
  EXPECT_LT(before, api.now);
  EXPECT_EQ(time(), api.now);
}

}  // namespace
}  // namespace emplace::api
