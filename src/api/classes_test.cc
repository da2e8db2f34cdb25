#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"

namespace emplace::api {
namespace {

using testing::HasSubstr;

TEST(Classes, AreListedWithTheirLinks) {
  HandlerTester api("cn1 VCPU=1");
  EXPECT_EQ(api.ask(list_classes, {}).value().body,
            R"({"resource_classes": [{"name": "VCPU", )"
            R"("links": [{"rel": "self", "href": "/resource_classes/VCPU"}]}]})");
  EXPECT_EQ(api.ask(show_class, {.path = {"VCPU"}}).value().body,
            R"({"name": "VCPU", "links": [{"rel": "self", "href": "/resource_classes/VCPU"}]})");
  EXPECT_EQ(detail_of(api.ask(show_class, {.path = {"NONE"}})), "No such resource class NONE.");
}

TEST(CreateClass, AnswersWithItsLocation) {
  HandlerTester api;
  const Response made = api.ask(create_class, {.body = R"({"name": "CUSTOM_A"})"}).value();
  EXPECT_EQ(made.status, 201u);
  EXPECT_EQ(made.location, "/resource_classes/CUSTOM_A");
  EXPECT_TRUE(made.body.empty());
}

TEST(CreateClass, RefusesANameThatEndsInANewline) {
  HandlerTester api;
  EXPECT_THAT(detail_of(api.ask(create_class, {.body = R"({"name": "CUSTOM_A\n"})"})),
              HasSubstr("Failed validating 'pattern'"));
  EXPECT_TRUE(api.world.class_ids().empty());
}

TEST(UpdateClass, RenamesBefore1_7) {
  HandlerTester api("cn1 CUSTOM_A=1 VCPU=1");
  const auto rename = [&](std::string name, std::string_view body) {
    return api.ask(update_class, {.path = {std::move(name)}, .body = body, .minor = 6});
  };
  EXPECT_EQ(json_of(rename("CUSTOM_A", R"({"name": "CUSTOM_B"})")).at("name").as_string(),
            "CUSTOM_B");
  EXPECT_FALSE(api.world.find_class("CUSTOM_A"));
  EXPECT_TRUE(api.world.find_class("CUSTOM_B"));
  EXPECT_EQ(detail_of(rename("VCPU", R"({"name": "CUSTOM_C"})")),
            "Cannot update standard resource class VCPU");
}

TEST(UpdateClass, SeesFrom1_7ThatItExistsWhateverTheBody) {
  HandlerTester api;
  const auto put = [&](std::string name) {
    return api.ask(update_class, {.path = {std::move(name)}, .body = "junk"});
  };
  EXPECT_EQ(put("CUSTOM_A").value().status, 201u);
  EXPECT_EQ(put("CUSTOM_A").value().status, 204u);
  EXPECT_EQ(put("CUSTOM_A").value().location, "/resource_classes/CUSTOM_A");
  for (const auto name : {"VCPU", "CUSTOM_NL\n", "CUSTOM_Q\", \"name\":\"CUSTOM_B", "CUSTOM_\""}) {
    EXPECT_THAT(detail_of(put(name)), HasSubstr("JSON does not validate"));
  }
  EXPECT_EQ(api.world.class_ids().size(), 1u);
}

}  // namespace
}  // namespace emplace::api
