#include "api/access.h"

#include <gtest/gtest.h>

#include "model/world_text.h"

namespace emplace::api {
namespace {

constexpr auto rule = "placement:allocations:update";

Access access(const std::string& check, const std::string& user = "ann",
              const std::string& project = "red") {
  Identity identity;
  identity.user_id = user;
  identity.project_id = project;
  identity.roles = {"member"};
  auto rules = policy::RuleSet::make({{rule, check}}, {});
  EXPECT_TRUE(rules);
  return {std::make_shared<policy::RuleSet>(std::move(*rules)), identity, rule};
}

// Two hosts of two owners, and one that nobody owns.
World hosts() {
  return parse_world(
      "anns VCPU=8 in:rack1 trait:CUSTOM_GOLD owner:red/ann\n"
      "  anns-numa VCPU=4\n"
      "bobs VCPU=8 in:rack2 owner:blue/bob\n"
      "old VCPU=8\n");
}

bool sees(const Access& who, const World& world, std::string_view name) {
  const auto provider = *world.find_provider(uuid_of(name));
  return who.sees(world, *provider.tree, provider.place.index);
}

World with_consumer(const World& world, const std::string& name, const std::string& project,
                    const std::string& user, std::string_view provider) {
  return world.with(ChangeSet{
      Time{},
      {PutConsumer{uuid_of(name), project, user, "INSTANCE", 1},
       ReplaceAllocations{uuid_of(name), {{uuid_of(provider), *world.find_class("VCPU"), 1}}}}});
}

bool may_claim(const Access& who, const World& world, const Touched& touched) {
  return !who.narrowed_for_claims(world, touched);
}

TEST(Access, ToProvidersGoesByTheirOwnAttributes) {
  const World world = hosts();
  const auto numa = uuid_of("anns-numa").str(), anns = uuid_of("anns").str();
  const auto only = [&](const std::string& check, std::vector<std::string> expected) {
    std::vector<std::string> seen;
    for (const std::string name : {"anns", "anns-numa", "bobs", "old"}) {
      if (sees(access(check), world, name)) seen.push_back(name);
    }
    EXPECT_EQ(seen, expected) << check;
  };
  only("user_id:%(resource_provider.owner_user_id)s", {"anns", "anns-numa"});
  only("project_id:%(resource_provider.owner_project_id)s", {"anns", "anns-numa"});
  only("'" + numa + "':%(resource_provider.uuid)s", {"anns-numa"});
  only("'" + anns + "':%(resource_provider.root_provider_uuid)s", {"anns", "anns-numa"});
  only("'bobs':%(resource_provider.name)s", {"bobs"});
  only("'CUSTOM_GOLD':%(resource_provider.traits)s", {"anns"});
  only("'" + uuid_of("rack2").str() + "':%(resource_provider.aggregates)s", {"bobs"});
  // A provider has no project: the natural rule lets nobody see any.
  only("project_id:%(project_id)s", {});
  only("user_id:%(user_id)s", {});
}

TEST(Access, ToANewRootIsItsMakers) {
  EXPECT_TRUE(access("user_id:%(resource_provider.owner_user_id)s").may_make_root());
  EXPECT_FALSE(access("'bob':%(resource_provider.owner_user_id)s").may_make_root());
}

TEST(Access, HidesWhatIsNotSeenFromAWorld) {
  const World world = hosts();
  const auto who = access("user_id:%(resource_provider.owner_user_id)s");
  EXPECT_FALSE(who.narrowed(world, {uuid_of("anns"), uuid_of("nothing")}));
  const auto known = who.narrowed(world, {uuid_of("anns"), uuid_of("bobs")});
  ASSERT_TRUE(known);
  EXPECT_TRUE(known->world.find_provider(uuid_of("anns")));
  EXPECT_FALSE(known->world.find_provider(uuid_of("bobs")));
  EXPECT_FALSE(known->world.find_provider_by_name("bobs"));
  EXPECT_TRUE(world.find_provider(uuid_of("bobs")));
}

TEST(AccessToClaims, HoldsForEveryProviderThatIsNamed) {
  const World world = hosts();
  const auto who = access("user_id:%(resource_provider.owner_user_id)s");
  const auto consumer = uuid_of("new");
  EXPECT_TRUE(may_claim(who, world, {{uuid_of("anns"), uuid_of("anns-numa")}, {consumer}}));
  EXPECT_FALSE(may_claim(who, world, {{uuid_of("anns"), uuid_of("bobs")}, {consumer}}));
  EXPECT_FALSE(may_claim(who, world, {{uuid_of("old")}, {consumer}}));
}

TEST(AccessToClaims, HoldsForEveryProviderThatAConsumerWouldLeave) {
  const World world = with_consumer(hosts(), "vm", "green", "eve", "bobs");
  const auto who = access("user_id:%(resource_provider.owner_user_id)s");
  EXPECT_FALSE(may_claim(who, world, {{uuid_of("anns")}, {uuid_of("vm")}}));
  EXPECT_FALSE(may_claim(who, world, {{}, {uuid_of("vm")}}));
}

TEST(AccessToClaims, HoldsForTheConsumer) {
  const World world = with_consumer(with_consumer(hosts(), "hers", "red", "ann", "bobs"), "his",
                                    "blue", "bob", "bobs");
  for (const auto* check : {"project_id:%(project_id)s", "project_id:%(consumer.project_id)s",
                            "user_id:%(consumer.user_id)s", "user_id:%(user_id)s"}) {
    EXPECT_TRUE(may_claim(access(check), world, {{uuid_of("bobs")}, {uuid_of("hers")}})) << check;
    EXPECT_FALSE(may_claim(access(check), world, {{uuid_of("bobs")}, {uuid_of("his")}})) << check;
    // Whose it will be is what the body says: that counts for nothing.
    EXPECT_FALSE(may_claim(access(check), world, {{uuid_of("bobs")}, {uuid_of("new")}})) << check;
  }
}

TEST(AccessToClaims, IsNotBoughtWithAnotherObject) {
  const World world = with_consumer(hosts(), "hers", "red", "ann", "anns");
  const auto who =
      access("user_id:%(resource_provider.owner_user_id)s or user_id:%(consumer.user_id)s");
  EXPECT_TRUE(may_claim(who, world, {{uuid_of("anns")}, {uuid_of("hers")}}));
  EXPECT_FALSE(may_claim(who, world, {{uuid_of("bobs")}, {uuid_of("hers")}}));
  EXPECT_FALSE(may_claim(who, world, {{uuid_of("anns")}, {uuid_of("new")}}));
}

TEST(AccessToUsages, IsToTheProjectAskedAboutOrToSomeOfItsConsumers) {
  const World world = with_consumer(with_consumer(hosts(), "hers", "red", "ann", "bobs"), "his",
                                    "red", "bob", "bobs");
  const Access::UsageTarget red{"red", std::nullopt}, blue{"blue", std::nullopt};
  const auto by_project = access("project_id:%(project_id)s");
  EXPECT_TRUE(by_project.sees_all_usage(red));
  EXPECT_FALSE(by_project.may_see_usage(blue));
  EXPECT_FALSE(by_project.may_see_usage({}));
  const auto by_user = access("user_id:%(consumer.user_id)s");
  EXPECT_FALSE(by_user.sees_all_usage(red));
  EXPECT_TRUE(by_user.may_see_usage(red));
  EXPECT_TRUE(by_user.sees_usage(red, *world.find_consumer(uuid_of("hers"))));
  EXPECT_FALSE(by_user.sees_usage(red, *world.find_consumer(uuid_of("his"))));
}

}  // namespace
}  // namespace emplace::api
