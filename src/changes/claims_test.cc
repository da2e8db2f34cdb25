#include "changes/claims.h"

#include <limits>

#include <gtest/gtest.h>

#include "changes/generation.h"
#include "model/world_text.h"

namespace emplace::changes {
namespace {

constexpr Time now{std::chrono::seconds(1'700'000'000)};
constexpr auto instance = "instance";

ClaimedAmount amount(std::string_view provider, std::string resource_class, std::int64_t amount) {
  return {uuid_of(provider), std::move(resource_class), amount};
}

ConsumerClaim claim(std::string_view consumer, std::vector<ClaimedAmount> amounts) {
  ConsumerClaim claim;
  claim.consumer = uuid_of(consumer);
  claim.project_id = "project";
  claim.user_id = "user";
  claim.amounts = std::move(amounts);
  return claim;
}

// The same, from 1.28: with a generation.
ConsumerClaim checked(std::string_view consumer, std::optional<std::int64_t> generation,
                      std::vector<ClaimedAmount> amounts) {
  auto checked = claim(consumer, std::move(amounts));
  checked.checks_generation = true;
  checked.generation = generation;
  return checked;
}

Result<ChangeSet> plan_all(const World& world, std::vector<ConsumerClaim> consumers) {
  return plan(world, Claims{std::move(consumers), "Unable to allocate inventory "}, now);
}

// The World after the claims. Requires: they are granted.
World after(const World& world, std::vector<ConsumerClaim> consumers) {
  const auto changes = plan_all(world, std::move(consumers));
  EXPECT_TRUE(changes) << (changes ? "" : changes.error().detail);
  return changes ? world.with(*changes) : world;
}

Failure refusal(const World& world, std::vector<ConsumerClaim> consumers) {
  const auto changes = plan_all(world, std::move(consumers));
  EXPECT_FALSE(changes) << "granted";
  return changes ? Failure{Reason::internal, "granted"} : changes.error();
}

std::int64_t generation(const World& world, std::string_view provider) {
  return (*world.find_provider(uuid_of(provider)))->generation;
}

std::int64_t used(const World& world, std::string_view provider, std::string_view name) {
  return (*world.find_provider(uuid_of(provider)))->find_inventory(*world.find_class(name))->used;
}

constexpr auto two_hosts = R"(
cn1 @7 VCPU=8/max=4 MEMORY_MB=1024/min=64/step=64
cn2 @3 VCPU=8
)";

TEST(Claims, ANewConsumerStartsAtGenerationOneAndBumpsEachProviderOnce) {
  const auto world = after(parse_world(two_hosts),
                           {checked(instance, std::nullopt,
                                    {amount("cn1", "VCPU", 2), amount("cn1", "MEMORY_MB", 128),
                                     amount("cn2", "VCPU", 1)})});
  const auto consumer = world.find_consumer(uuid_of(instance));
  ASSERT_TRUE(consumer);
  EXPECT_EQ(consumer->generation, 1);
  EXPECT_EQ(*consumer->project_id, "project");
  EXPECT_EQ(consumer->type, nullptr);
  EXPECT_EQ(consumer->allocations.size(), 3u);
  EXPECT_EQ(consumer->updated_at, now);
  EXPECT_EQ(generation(world, "cn1"), 8);
  EXPECT_EQ(generation(world, "cn2"), 4);
  EXPECT_EQ(used(world, "cn1", "VCPU"), 2);
}

TEST(Claims, AProviderThatTheConsumerLeavesForAnotherIsNotBumped) {
  auto world = after(parse_world(two_hosts), {claim(instance, {amount("cn1", "VCPU", 2)})});
  world = after(world, {claim(instance, {amount("cn2", "VCPU", 2)})});
  EXPECT_EQ(generation(world, "cn1"), 8);
  EXPECT_EQ(generation(world, "cn2"), 4);
  EXPECT_EQ(used(world, "cn1", "VCPU"), 0);
  EXPECT_EQ(world.find_consumer(uuid_of(instance))->generation, 2);
}

TEST(Claims, AnEmptyClaimDeletesTheConsumerAndBumpsWhatItLeaves) {
  auto world = after(parse_world(two_hosts), {claim(instance, {amount("cn1", "VCPU", 2)})});
  world = after(world, {checked(instance, 1, {})});
  EXPECT_FALSE(world.find_consumer(uuid_of(instance)));
  EXPECT_EQ(generation(world, "cn1"), 9);
  EXPECT_EQ(used(world, "cn1", "VCPU"), 0);
}

TEST(Claims, AnEmptyClaimOfANewConsumerChangesNothing) {
  const auto world = parse_world(two_hosts);
  const auto changes = plan_all(world, {checked(instance, std::nullopt, {})});
  ASSERT_TRUE(changes);
  EXPECT_TRUE(changes->empty());
}

TEST(Claims, AConsumerGenerationMustBeTheOneThatItHas) {
  const auto world = after(parse_world(two_hosts), {claim(instance, {amount("cn1", "VCPU", 2)})});
  const auto again = [&](std::optional<std::int64_t> generation) {
    return refusal(world, {checked(instance, generation, {amount("cn1", "VCPU", 1)})});
  };
  EXPECT_EQ(again(std::nullopt).reason, Reason::concurrent_update);
  EXPECT_EQ(again(std::nullopt).detail, "consumer generation conflict - expected 1 but got None");
  EXPECT_EQ(again(3).detail, "consumer generation conflict - expected 1 but got 3");
  EXPECT_EQ(refusal(world, {checked("other", 5, {amount("cn1", "VCPU", 1)})}).detail,
            "consumer generation conflict - expected null but got 5");
  after(world, {checked(instance, 1, {amount("cn1", "VCPU", 1)})});
}

TEST(Claims, BelowOneTwentyEightAnyGenerationWillDoAndIsBumped) {
  auto world = after(parse_world(two_hosts), {claim(instance, {amount("cn1", "VCPU", 2)})});
  world = after(world, {claim(instance, {amount("cn1", "VCPU", 3)})});
  EXPECT_EQ(world.find_consumer(uuid_of(instance))->generation, 2);
}

TEST(Claims, AConsumerThatARefusedClaimOfUpstreamLeftCountsAsNone) {
  const auto left = parse_world(two_hosts).with(
      ChangeSet{now, {PutConsumer{uuid_of(instance), "p", "u", std::nullopt, 0}}});
  after(left, {checked(instance, std::nullopt, {amount("cn1", "VCPU", 1)})});
  after(left, {checked(instance, 0, {amount("cn1", "VCPU", 1)})});
  const auto refused = refusal(left, {checked(instance, 4, {amount("cn1", "VCPU", 1)})});
  EXPECT_EQ(refused.detail, "consumer generation conflict - expected null but got 4");
  EXPECT_FALSE(after(left, {checked(instance, std::nullopt, {})}).find_consumer(uuid_of(instance)));
}

TEST(Claims, AConsumersGenerationIsCheckedBeforeProvidersAndThoseBeforeClasses) {
  const auto world = parse_world(two_hosts);
  EXPECT_EQ(refusal(world, {checked(instance, 5, {amount("nowhere", "NONE", 1)})}).reason,
            Reason::concurrent_update);
  const auto provider = refusal(world, {claim(instance, {amount("cn1", "NONE", 1)}),
                                        claim("b", {amount("nowhere", "VCPU", 1)})});
  EXPECT_EQ(provider.reason, Reason::bad_request);
  EXPECT_EQ(provider.detail, "Allocation for resource provider '" + uuid_of("nowhere").str() +
                                 "' that does not exist.");
  const auto name = refusal(world, {claim(instance, {amount("cn1", "NONE", 1)})});
  EXPECT_EQ(name.reason, Reason::bad_request);
  EXPECT_EQ(name.detail, "Unable to allocate inventory No such resource class NONE.");
}

TEST(Claims, ProjectAndUserAreReplacedAndATypeIsKeptIfNoneIsGiven) {
  auto typed = claim(instance, {amount("cn1", "VCPU", 1)});
  typed.type = "INSTANCE";
  auto world = after(parse_world(two_hosts), {typed});
  auto untyped = claim(instance, {amount("cn1", "VCPU", 1)});
  untyped.project_id = "other";
  untyped.user_id = "someone";
  world = after(world, {untyped});
  const auto consumer = world.find_consumer(uuid_of(instance));
  EXPECT_EQ(*consumer->type, "INSTANCE");
  EXPECT_EQ(*consumer->project_id, "other");
  EXPECT_EQ(*consumer->user_id, "someone");
}

TEST(Claims, AnAmountMustKeepTheBoundsOfTheInventory) {
  const auto world = parse_world(two_hosts);
  const auto refuse = [&](std::string name, std::int64_t n) {
    return refusal(world, {claim(instance, {amount("cn1", std::move(name), n)})});
  };
  EXPECT_EQ(refuse("VCPU", 5).reason, Reason::conflict);
  EXPECT_EQ(refuse("VCPU", 5).detail,
            "Unable to allocate inventory: Unable to create allocation for 'VCPU' on resource "
            "provider '" +
                uuid_of("cn1").str() +
                "'. The requested amount would violate inventory constraints.");
  EXPECT_EQ(refuse("MEMORY_MB", 32).reason, Reason::conflict);
  EXPECT_EQ(refuse("MEMORY_MB", 96).reason, Reason::conflict);
  EXPECT_EQ(refuse("VCPU", std::numeric_limits<std::int64_t>::max()).reason, Reason::conflict);
  after(world, {claim(instance, {amount("cn1", "MEMORY_MB", 128)})});
}

TEST(Claims, AClassWithoutInventoryThereIsAConflict) {
  const auto refused =
      refusal(parse_world(two_hosts), {claim(instance, {amount("cn2", "MEMORY_MB", 64)})});
  EXPECT_EQ(refused.reason, Reason::conflict);
  EXPECT_EQ(refused.detail,
            "Unable to allocate inventory: Inventory for 'MEMORY_MB' on resource "
            "provider '" +
                uuid_of("cn2").str() + "' invalid.");
}

TEST(Claims, CapacityIsForAllConsumersOfTheRequestTogether) {
  const auto world = parse_world("cn1 VCPU=4/reserved=1/ratio=2 used VCPU=1");
  after(world, {claim("a", {amount("cn1", "VCPU", 3)}), claim("b", {amount("cn1", "VCPU", 2)})});
  const auto refused = refusal(
      world, {claim("a", {amount("cn1", "VCPU", 3)}), claim("b", {amount("cn1", "VCPU", 3)})});
  EXPECT_EQ(refused.reason, Reason::conflict);
  EXPECT_EQ(refused.detail,
            "Unable to allocate inventory: Unable to create allocation for 'VCPU' on resource "
            "provider '" +
                uuid_of("cn1").str() + "'. The requested amount would exceed the capacity.");
}

TEST(Claims, WhatOneConsumerGivesBackAnotherMayHave) {
  const auto world = after(parse_world("cn1 VCPU=4"), {claim("a", {amount("cn1", "VCPU", 4)})});
  const auto swapped = after(world, {claim("b", {amount("cn1", "VCPU", 4)}), claim("a", {})});
  EXPECT_EQ(used(swapped, "cn1", "VCPU"), 4);
  EXPECT_FALSE(swapped.find_consumer(uuid_of("a")));
  EXPECT_EQ(generation(swapped, "cn1"), 2);
}

TEST(Claims, OverCapacityUsageMayStayOrFallButNotRise) {
  auto world = after(parse_world("cn1 VCPU=8"), {claim(instance, {amount("cn1", "VCPU", 4)})});
  world = world.with(ChangeSet{
      now, {PutInventory{uuid_of("cn1"), *world.find_class("VCPU"), InventoryValues{.total = 1}}}});
  world = after(world, {claim(instance, {amount("cn1", "VCPU", 4)})});
  world = after(world, {claim(instance, {amount("cn1", "VCPU", 3)})});
  EXPECT_EQ(used(world, "cn1", "VCPU"), 3);
  EXPECT_EQ(refusal(world, {claim(instance, {amount("cn1", "VCPU", 4)})}).reason, Reason::conflict);
}

TEST(Claims, ADatabasesAllocationOfAProviderThatIsGoneIsNoHindrance) {
  const auto before = parse_world(two_hosts);
  const auto world = before.with(ChangeSet{
      now,
      {PutConsumer{uuid_of(instance), "p", "u", std::nullopt, 1},
       ReplaceAllocations{uuid_of(instance), {{uuid_of("gone"), *before.find_class("VCPU"), 3}}}}});
  EXPECT_FALSE(after(world, {claim(instance, {})}).find_consumer(uuid_of(instance)));
}

TEST(Release, TakesTheConsumerAwayAndBumpsNothing) {
  const auto world = after(parse_world(two_hosts), {claim(instance, {amount("cn1", "VCPU", 2)})});
  const auto changes = plan(world, Release{uuid_of(instance), "it"}, now);
  ASSERT_TRUE(changes);
  const auto released = world.with(*changes);
  EXPECT_FALSE(released.find_consumer(uuid_of(instance)));
  EXPECT_EQ(generation(released, "cn1"), generation(world, "cn1"));
  EXPECT_EQ(used(released, "cn1", "VCPU"), 0);
}

TEST(Release, OfNothingIsNotFound) {
  const auto world = parse_world(two_hosts);
  for (const auto& uuid : {std::optional<Uuid>(), std::optional(uuid_of("nobody"))}) {
    const auto changes = plan(world, Release{uuid, "junk"}, now);
    ASSERT_FALSE(changes);
    EXPECT_EQ(changes.error().reason, Reason::not_found);
    EXPECT_EQ(changes.error().detail, "No allocations for consumer 'junk'");
  }
}

}  // namespace
}  // namespace emplace::changes
