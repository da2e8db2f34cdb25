#include "changes/reshape.h"

#include <gtest/gtest.h>

#include "model/world_text.h"

namespace emplace::changes {
namespace {

constexpr Time now{std::chrono::seconds(1'700'000'000)};

ReshapedProvider provider(std::string_view name, std::int64_t generation,
                          std::vector<InventoryItem> items) {
  return {uuid_of(name), generation, std::move(items)};
}

InventoryItem item(std::string resource_class, std::int32_t total, std::int32_t reserved = 0) {
  return {std::move(resource_class), InventoryValues{.total = total, .reserved = reserved}};
}

ConsumerClaim claim(std::string_view consumer, std::vector<ClaimedAmount> amounts) {
  ConsumerClaim claim;
  claim.consumer = uuid_of(consumer);
  claim.project_id = "project";
  claim.user_id = "user";
  claim.amounts = std::move(amounts);
  return claim;
}

Result<ChangeSet> plan_of(const World& world, std::vector<ReshapedProvider> providers,
                          std::vector<ConsumerClaim> consumers = {}) {
  return plan(world,
              Reshape{std::move(providers), {std::move(consumers), "malformed reshaper data: "}},
              now);
}

// The World after the reshape. Requires: it is granted.
World after(const World& world, std::vector<ReshapedProvider> providers,
            std::vector<ConsumerClaim> consumers = {}) {
  const auto changes = plan_of(world, std::move(providers), std::move(consumers));
  EXPECT_TRUE(changes) << (changes ? "" : changes.error().detail);
  return changes ? world.with(*changes) : world;
}

Failure refusal(const World& world, std::vector<ReshapedProvider> providers,
                std::vector<ConsumerClaim> consumers = {}) {
  const auto changes = plan_of(world, std::move(providers), std::move(consumers));
  EXPECT_FALSE(changes) << "granted";
  return changes ? Failure{Reason::internal, "granted"} : changes.error();
}

const Provider& at(const World& world, std::string_view name) {
  const auto place = *world.find_place(uuid_of(name));
  return *world.tree(place.tree)->nodes[place.index].provider;
}

constexpr auto flat_host = R"(
cn1 @2 VCPU=8 VGPU=4 used VCPU=2 VGPU=1
  gpu0 @0
)";

std::vector<ConsumerClaim> moved_claim() {
  return {claim("user of cn1", {{uuid_of("cn1"), "VCPU", 2}, {uuid_of("gpu0"), "VGPU", 1}})};
}

TEST(Reshape, MovesAClassAndWhatIsClaimedOfItToAnotherProvider) {
  const auto world =
      after(parse_world(flat_host),
            {provider("cn1", 2, {item("VCPU", 8)}), provider("gpu0", 0, {item("VGPU", 4)})},
            moved_claim());
  const auto vgpu = *world.find_class("VGPU");
  EXPECT_EQ(at(world, "cn1").find_inventory(vgpu), nullptr);
  ASSERT_NE(at(world, "gpu0").find_inventory(vgpu), nullptr);
  EXPECT_EQ(at(world, "gpu0").find_inventory(vgpu)->used, 1);
  EXPECT_EQ(at(world, "cn1").find_inventory(*world.find_class("VCPU"))->used, 2);
}

TEST(Reshape, BumpsAProviderTwiceForItsInventoriesAndOnceMoreForAClaim) {
  const auto world =
      after(parse_world(flat_host),
            {provider("cn1", 2, {item("VCPU", 8), item("VGPU", 4)}),
             provider("gpu0", 0, {item("VGPU", 4)})},
            {claim("user of cn1", {{uuid_of("cn1"), "VCPU", 2}, {uuid_of("cn1"), "VGPU", 1}})});
  EXPECT_EQ(at(world, "cn1").generation, 5);
  EXPECT_EQ(at(world, "gpu0").generation, 2);
}

TEST(Reshape, BumpsAProviderOnceThatIsLeftWithoutInventory) {
  const auto world = after(parse_world("cn1 @4 VCPU=8"), {provider("cn1", 4, {})});
  EXPECT_EQ(at(world, "cn1").generation, 5);
  EXPECT_TRUE(at(world, "cn1").inventories.empty());
}

TEST(Reshape, RefusesToDropAnInventoryThatIsStillUsed) {
  const auto refused = refusal(parse_world(flat_host), {provider("cn1", 2, {item("VCPU", 8)})});
  EXPECT_EQ(refused.reason, Reason::inventory_in_use);
  EXPECT_EQ(refused.detail, "update conflict: Inventory for 'VGPU' on resource provider '" +
                                uuid_of("cn1").str() + "' in use.");
}

TEST(Reshape, RefusesAClaimOfAnInventoryThatItTakesAway) {
  const auto refused = refusal(parse_world("cn1 @2 VCPU=8"), {provider("cn1", 2, {})},
                               {claim("instance", {{uuid_of("cn1"), "VCPU", 1}})});
  EXPECT_EQ(refused.reason, Reason::inventory_in_use);
}

TEST(Reshape, AnUnknownProviderInInventoriesGoesBeforeAll) {
  const auto refused = refusal(parse_world(flat_host), {provider("nowhere", 0, {})},
                               {claim("a", {{uuid_of("nowhere too"), "VCPU", 1}})});
  const auto name = uuid_of("nowhere").str();
  EXPECT_EQ(refused.reason, Reason::unknown_provider);
  EXPECT_EQ(refused.detail, "Resource provider " + name +
                                " in inventories not found: No resource provider with uuid " +
                                name + " found");
}

TEST(Reshape, AProvidersGenerationMustBeTheOneThatItHas) {
  const auto refused = refusal(parse_world(flat_host), {provider("cn1", 1, {})});
  EXPECT_EQ(refused.reason, Reason::concurrent_update);
  EXPECT_EQ(refused.detail, "resource provider generation conflict for provider " +
                                uuid_of("cn1").str() + ": actual: 2, given: 1");
}

TEST(Reshape, HoldsInventoriesToTheRuleOfAllInventories) {
  const auto refused = refusal(parse_world(flat_host), {provider("gpu0", 0, {item("VCPU", 1, 5)})});
  EXPECT_EQ(refused.reason, Reason::bad_request);
  EXPECT_NE(refused.detail.find("The reserved value is greater than total."), std::string::npos)
      << refused.detail;
  after(parse_world(flat_host), {provider("gpu0", 0, {item("VCPU", 5, 5)})});
}

TEST(Reshape, UnknownClassesAreNamed) {
  EXPECT_EQ(refusal(parse_world(flat_host), {provider("gpu0", 0, {item("NONE", 1)})}).detail,
            "malformed reshaper data: No such resource class NONE.");
  EXPECT_EQ(refusal(parse_world(flat_host), {provider("gpu0", 0, {})},
                    {claim("a", {{uuid_of("cn1"), "NONE", 1}})})
                .detail,
            "malformed reshaper data: No such resource class NONE.");
}

TEST(Reshape, AClaimMustFitTheNewInventoryNotTheOld) {
  const auto world = parse_world("cn1 @2 VCPU=8");
  const auto of = [](std::int64_t n) {
    return std::vector{claim("a", {{uuid_of("cn1"), "VCPU", n}})};
  };
  EXPECT_EQ(refusal(world, {provider("cn1", 2, {item("VCPU", 4)})}, of(5)).reason,
            Reason::conflict);
  after(world, {provider("cn1", 2, {item("VCPU", 16)})}, of(12));
}

TEST(Reshape, OverCapacityUsageMayStay) {
  const auto world =
      after(parse_world("cn1 @2 VCPU=8 used VCPU=6"), {provider("cn1", 2, {item("VCPU", 4)})},
            {claim("user of cn1", {{uuid_of("cn1"), "VCPU", 6}})});
  EXPECT_EQ(at(world, "cn1").inventories[0].used, 6);
  EXPECT_EQ(at(world, "cn1").inventories[0].values.total, 4);
}

TEST(Reshape, AnUnchangedInventoryKeepsItsTime) {
  const auto before = parse_world("cn1 @2 VCPU=8");
  const auto world = after(before, {provider("cn1", 2, {item("VCPU", 8)})});
  EXPECT_EQ(at(world, "cn1").inventories[0].updated_at,
            at(before, "cn1").inventories[0].updated_at);
  EXPECT_NE(at(before, "cn1").inventories[0].updated_at, now);
}

}  // namespace
}  // namespace emplace::changes
