#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/handler_testing.h"
#include "api/handlers.h"
#include "api/pieces.h"

namespace emplace::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view two_trees = R"(
cn1 @7 VCPU=8/reserved=2/min=2/max=4/step=2 trait:HW_A in:rack1 used VCPU=2
  numa0 MEMORY_MB=4 trait:HW_B trait:HW_A
cn2 VCPU=8 trait:HW_B in:rack2
bare)";

std::set<std::string> listed(HandlerTester& api, std::string_view query) {
  std::set<std::string> names;
  const auto body = json_of(api.ask(list_providers, {.query = query}));
  for (const auto& provider : body.at("resource_providers").as_array()) {
    names.emplace(provider.at("name").as_string());
  }
  return names;
}
using Names = std::set<std::string>;

std::string list_error(HandlerTester& api, std::string_view query, int minor = newest.minor) {
  return detail_of(api.ask(list_providers, {.query = query, .minor = minor}));
}

std::string undashed(std::string_view name) {
  auto text = uuid_of(name).str();
  std::erase(text, '-');
  std::transform(text.begin(), text.end(), text.begin(), ::toupper);
  return text;
}

TEST(ListProviders, FiltersByEachParameter) {
  HandlerTester api(two_trees);
  EXPECT_EQ(listed(api, ""), (Names{"cn1", "numa0", "cn2", "bare"}));
  EXPECT_EQ(listed(api, "name="), (Names{"cn1", "numa0", "cn2", "bare"}));
  EXPECT_EQ(listed(api, "name=cn2&name=cn1"), Names{"cn1"});
  EXPECT_EQ(listed(api, "name=CN1"), Names{});
  EXPECT_EQ(listed(api, "uuid=" + undashed("numa0")), Names{"numa0"});
  EXPECT_EQ(listed(api, "uuid=" + undashed("nobody")), Names{});
  EXPECT_EQ(listed(api, "in_tree=" + undashed("numa0")), (Names{"cn1", "numa0"}));
  EXPECT_EQ(listed(api, "in_tree=" + undashed("nobody")), Names{});
  EXPECT_EQ(listed(api, "required=HW_B"), (Names{"numa0", "cn2"}));
  EXPECT_EQ(listed(api, "required=HW_B&required=HW_A"), Names{"numa0"});
  EXPECT_EQ(listed(api, "required=in:HW_A,HW_B&required=!HW_A"), Names{"cn2"});
  EXPECT_EQ(listed(api, "required=!HW_B"), (Names{"cn1", "bare"}));
  EXPECT_EQ(listed(api, "member_of=" + undashed("rack1")), Names{"cn1"});
  EXPECT_EQ(listed(api, "member_of=in:" + undashed("rack1") + "," + undashed("rack2")),
            (Names{"cn1", "cn2"}));
  EXPECT_EQ(listed(api, "member_of=!" + undashed("rack1")), (Names{"numa0", "cn2", "bare"}));
  EXPECT_EQ(listed(api, "in_tree=" + undashed("cn1") + "&name=cn2"), Names{});
}

TEST(ListProviders, FiltersByWhatFitsIntoEachProviderAlone) {
  HandlerTester api(two_trees);
  EXPECT_EQ(listed(api, "resources=VCPU:2"), (Names{"cn1", "cn2"}));
  EXPECT_EQ(listed(api, "resources=VCPU:4"), (Names{"cn1", "cn2"}));
  EXPECT_EQ(listed(api, "resources=VCPU:3"), Names{"cn2"});  // step
  EXPECT_EQ(listed(api, "resources=VCPU:1"), Names{"cn2"});  // min
  EXPECT_EQ(listed(api, "resources=VCPU:6"), Names{"cn2"});  // max and room
  EXPECT_EQ(listed(api, "resources=VCPU:2,MEMORY_MB:1"), Names{});
  EXPECT_EQ(listed(api, "resources=VCPU:9223372036854775807"), Names{});
}

TEST(ListProviders, DoesNotLookUpNamesOnceNothingCanMatch) {
  HandlerTester api(two_trees);
  const std::string unknown_trait =
      "Invalid trait(s) in \"required\" parameter: No such trait(s): HW_X.";
  const std::string unknown_class =
      "Invalid resource class in resources parameter: No such resource class NONE.";
  EXPECT_EQ(list_error(api, "required=HW_X"), unknown_trait);
  EXPECT_EQ(list_error(api, "required=HW_A,!HW_X"), unknown_trait);
  EXPECT_EQ(list_error(api, "resources=NONE:1"), unknown_class);
  EXPECT_EQ(list_error(api, "resources=NONE:1&name=nobody"), unknown_class);
  EXPECT_EQ(listed(api, "required=HW_X&in_tree=" + undashed("nobody")), Names{});
  EXPECT_EQ(listed(api, "resources=NONE:1&member_of=" + undashed("rack9")), Names{});
  // Both traits exist, and in one tree, but on no one provider with that aggregate.
  EXPECT_EQ(list_error(api, "required=HW_A&member_of=" + undashed("rack2") + "&resources=NONE:1"),
            unknown_class);
  EXPECT_EQ(listed(api, "required=HW_A,!HW_A"), Names{});
}

TEST(ListProviders, KnowsAParameterOnlyFromItsMicroversion) {
  HandlerTester api(two_trees);
  EXPECT_THAT(list_error(api, "required=HW_A", 17),
              HasSubstr("Additional properties are not allowed ('required' was unexpected)"));
  EXPECT_THAT(list_error(api, "in_tree=" + undashed("cn1"), 13), HasSubstr("'in_tree'"));
  EXPECT_THAT(list_error(api, "resources=VCPU:1", 3), HasSubstr("'resources'"));
  EXPECT_THAT(list_error(api, "member_of=" + undashed("rack1"), 2), HasSubstr("'member_of'"));
  EXPECT_EQ(list_error(api, "required=HW_A", 18), "(no failure)");
  EXPECT_THAT(list_error(api, "uuid=spameggs"), HasSubstr("'spameggs' is not a 'uuid'"));
  EXPECT_THAT(list_error(api, "spam=eggs", 0), HasSubstr("Invalid query string parameters"));
}

TEST(ShowProvider, HasTheShapeOfEachMicroversion) {
  HandlerTester api(two_trees);
  const auto show = [&](int minor) {
    return json_of(api.ask(show_provider, {.path = {undashed("numa0")}, .minor = minor}));
  };
  const auto rels = [](const json::Value& provider) {
    std::vector<std::string> names;
    for (const auto& link : provider.at("links").as_array()) {
      names.emplace_back(link.at("rel").as_string());
    }
    return names;
  };
  EXPECT_THAT(rels(show(0)), ElementsAre("self", "inventories", "usages"));
  EXPECT_THAT(rels(show(1)), ElementsAre("self", "inventories", "usages", "aggregates"));
  EXPECT_THAT(rels(show(11)),
              ElementsAre("self", "inventories", "usages", "aggregates", "traits", "allocations"));
  EXPECT_FALSE(show(13).as_object().contains("root_provider_uuid"));
  EXPECT_EQ(show(14).at("root_provider_uuid").as_string(), uuid_of("cn1").str());
  EXPECT_EQ(show(14).at("parent_provider_uuid").as_string(), uuid_of("cn1").str());
}

TEST(ListProviders, ShowsEachAsShowDoesAtEveryMicroversion) {
  HandlerTester api("cn1 @7");
  for (int minor = 0; minor <= newest.minor; ++minor) {
    const auto list = json_of(api.ask(list_providers, {.minor = minor}));
    EXPECT_EQ(list.at("resource_providers").at(0),
              json_of(api.ask(show_provider, {.path = {undashed("cn1")}, .minor = minor})));
  }
}

TEST(CreateProvider, MakesOneAndShowsItFrom1_20) {
  HandlerTester api("cn1");
  const std::string body = R"({"name": "n", "uuid": "{)" + undashed("n") +
                           R"(}", "parent_provider_uuid": ")" + undashed("cn1") + "\"}";
  const auto made = api.ask(create_provider, {.body = body});
  EXPECT_EQ(made.value().status, 200u);
  EXPECT_EQ(made.value().location, "/resource_providers/" + uuid_of("n").str());
  EXPECT_EQ(made.value().last_modified, api.now);
  EXPECT_EQ(json_of(made).at("root_provider_uuid").as_string(), uuid_of("cn1").str());
  const auto old = api.ask(create_provider, {.body = R"({"name": "m"})", .minor = 19});
  EXPECT_EQ(old.value().status, 201u);
  EXPECT_TRUE(old.value().body.empty());
  EXPECT_EQ(old.value().location,
            "/resource_providers/" + (*api.world.find_provider_by_name("m"))->uuid.str());
}

TEST(CreateProvider, RefusesNamesThatHeadersAndLogsCannotHold) {
  HandlerTester api;
  EXPECT_THAT(detail_of(api.ask(create_provider, {.body = R"({"name": "a\nb"})"})),
              HasSubstr("control characters"));
  EXPECT_THAT(detail_of(api.ask(create_provider, {.body = R"({"name": ""})"})),
              HasSubstr("JSON does not validate: '' is too short"));
  EXPECT_EQ(api.world.provider_count(), 0u);
}

TEST(UpdateProvider, ShowsTheNewNameAndTime) {
  HandlerTester api(two_trees);
  const auto updated =
      api.ask(update_provider, {.path = {undashed("numa0")}, .body = R"({"name": "x"})"});
  EXPECT_EQ(updated.value().last_modified, api.now);
  EXPECT_EQ(json_of(updated).at("name").as_string(), "x");
  EXPECT_EQ(json_of(updated).at("generation").as_int64(), 0);
  EXPECT_EQ(json_of(updated).at("parent_provider_uuid").as_string(), uuid_of("cn1").str());
}

TEST(UpdateProvider, MovesOnlyFrom1_37) {
  HandlerTester api(two_trees);
  const std::string_view orphan = R"({"name": "numa0", "parent_provider_uuid": null})";
  const std::vector<std::string> path{undashed("numa0")};
  EXPECT_THAT(detail_of(api.ask(update_provider, {.path = path, .body = orphan, .minor = 36})),
              HasSubstr("un-parenting a provider is not currently allowed"));
  // Pieces that were made before must not outlive the move.
  EXPECT_EQ(listed(api, "in_tree=" + undashed("cn1")), (Names{"cn1", "numa0"}));
  EXPECT_TRUE(api.ask(update_provider, {.path = path, .body = orphan}).has_value());
  EXPECT_EQ(listed(api, "in_tree=" + undashed("cn1")), Names{"cn1"});
  const auto list = json_of(api.ask(list_providers, {.query = "name=numa0"}));
  EXPECT_EQ(list.at("resource_providers").at(0).at("root_provider_uuid").as_string(),
            uuid_of("numa0").str());
}

TEST(UpdateProvider, TellsThatThereIsNoneBeforeThatTheBodyIsWrong) {
  HandlerTester api;
  EXPECT_THAT(detail_of(api.ask(update_provider, {.path = {undashed("x")}, .body = "{"})),
              HasSubstr("No resource provider with uuid " + uuid_of("x").str() + " found"));
}

TEST(DeleteProvider, TellsThatThereIsNoneInWordsOfItsOwn) {
  HandlerTester api("cn1");
  EXPECT_EQ(detail_of(api.ask(delete_provider, {.path = {"junk"}})),
            "No resource provider with uuid junk found for delete");
  EXPECT_EQ(api.ask(delete_provider, {.path = {undashed("cn1")}}).value().status, 204u);
  EXPECT_EQ(api.world.provider_count(), 0u);
}

TEST(Pieces, HoldASummaryOfCapacityAndUse) {
  const World world = parse_world(two_trees);
  const auto provider = *world.find_provider(uuid_of("cn1"));
  const auto& pieces = pieces_of(world, *provider.tree, provider.place.index);
  const auto summary = json::parse("{" + pieces.summary + "}").value();
  EXPECT_EQ(summary, json::parse(R"({")" + uuid_of("cn1").str() + R"(": {
      "resources": {"VCPU": {"capacity": 6, "used": 2}}, "traits": ["HW_A"],
      "parent_provider_uuid": null, "root_provider_uuid": ")" +
                                 uuid_of("cn1").str() + R"("}})")
                         .value());
}

TEST(Root, ListsTheOneVersion) {
  HandlerTester api;
  EXPECT_EQ(api.ask(show_root, {}).value().body,
            R"({"versions": [{"id": "v1.0", "max_version": "1.39", "min_version": "1.0", )"
            R"("status": "CURRENT", "links": [{"rel": "self", "href": ""}]}]})");
}

}  // namespace
}  // namespace emplace::api
