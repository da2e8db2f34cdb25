#include "model/world.h"

#include <gtest/gtest.h>

#include "model/world_builder.h"
#include "model/world_text.h"

namespace emplace {
namespace {

const auto rack = R"(
cn1 @3 VCPU=8/ratio=2 MEMORY_MB=1024/reserved=24 trait:CUSTOM_X in:rack1 used VCPU=2 MEMORY_MB=100
  numa0 VCPU=4 trait:CUSTOM_NUMA
    gpu0 VGPU=1
  numa1 VCPU=4
cn2 VCPU=8 in:rack1
)";

std::int64_t used(const World& world, std::string_view provider, std::string_view resource_class) {
  return (*world.find_provider(uuid_of(provider)))
      ->find_inventory(*world.find_class(resource_class))
      ->used;
}

World with(const World& world, Change change) {
  return world.with(ChangeSet{.at = Time(std::chrono::seconds(5)), .changes = {std::move(change)}});
}

TEST(World, FindsWhatItHolds) {
  const auto world = parse_world(rack);
  const auto cn1 = world.find_provider(uuid_of("cn1"));
  ASSERT_TRUE(cn1);
  EXPECT_EQ((*cn1)->generation, 3);
  EXPECT_EQ((*cn1)->find_inventory(*world.find_class("VCPU"))->values.capacity(), 16);
  EXPECT_EQ((*cn1)->find_inventory(*world.find_class("MEMORY_MB"))->values.capacity(), 1000);
  EXPECT_EQ(used(world, "cn1", "VCPU"), 2);
  EXPECT_TRUE((*cn1)->in_use());
  EXPECT_EQ(world.find_provider(uuid_of("gpu0"))->root().name, "cn1");
  EXPECT_EQ((*world.find_provider_by_name("numa1"))->parent, uuid_of("cn1"));
  EXPECT_EQ(world.trees_with(*world.find_class("VGPU")).members(),
            std::vector{world.find_place(uuid_of("cn1"))->tree});
  EXPECT_EQ(world.trees_with(*world.find_aggregate(uuid_of("rack1"))).count(), 2u);
  EXPECT_FALSE(world.find_provider(uuid_of("nowhere")));
}

TEST(World, KeepsTheTimesOfWhatLeavesNoRecord) {
  const Time loaded{std::chrono::seconds(3)}, later{std::chrono::seconds(5)};
  const auto before = parse_world(rack).taken_at(loaded);
  EXPECT_EQ(before.times().taken, loaded);
  EXPECT_EQ(before.times().changed, loaded);
  const auto released = with(before, DeleteConsumer{uuid_of("user of cn1")});
  EXPECT_EQ(released.times().taken, loaded);
  EXPECT_EQ(released.times().changed, later);
  EXPECT_EQ(released.times().consumer_removed, later);
  EXPECT_EQ(released.times().provider_removed, loaded);
  EXPECT_EQ((*released.find_provider(uuid_of("cn1")))->allocations_updated_at, later);
  EXPECT_EQ(with(before, DeleteProvider{uuid_of("cn2")}).times().provider_removed, later);
  EXPECT_EQ(with(before, DeleteTrait{*before.find_trait("CUSTOM_X")}).times().trait_removed, later);
  EXPECT_EQ(with(before, DeleteClass{*before.find_class("VGPU")}).times().class_removed, later);
  EXPECT_EQ(with(before, CreateTrait{"CUSTOM_NEW"}).times().trait_removed, loaded);
}

TEST(World, ANewRootIsAChangeOfAllBelow) {
  const Time later{std::chrono::seconds(5)};
  const auto before = parse_world(rack);
  const auto time_of = [](const World& world, std::string_view name) {
    return (*world.find_provider(uuid_of(name)))->updated_at;
  };
  const auto numa0 = uuid_of("numa0");
  const auto moved = with(before, UpdateProvider{numa0, "numa0", uuid_of("cn2")});
  EXPECT_EQ(time_of(moved, "numa0"), later);
  EXPECT_EQ(time_of(moved, "gpu0"), later);
  EXPECT_EQ(time_of(moved, "numa1"), time_of(before, "numa1"));
  const auto within = with(before, UpdateProvider{numa0, "numa0", uuid_of("numa1")});
  EXPECT_EQ(time_of(within, "numa0"), later);
  EXPECT_EQ(time_of(within, "gpu0"), time_of(before, "gpu0"));
}

TEST(World, AnOldWorldStaysAsItWas) {
  const auto before = parse_world(rack);
  const auto consumer = uuid_of("user of cn1");
  const auto after = with(before, DeleteConsumer{consumer});
  EXPECT_EQ(used(after, "cn1", "VCPU"), 0);
  EXPECT_FALSE((*after.find_provider(uuid_of("cn1")))->in_use());
  EXPECT_EQ(after.consumers_of_project("project"), nullptr);
  EXPECT_EQ(used(before, "cn1", "VCPU"), 2);
  EXPECT_TRUE(before.find_consumer(consumer));
  EXPECT_TRUE(before.consumers_of_project("project")->contains(consumer));
}

TEST(World, MovingAllocationsMovesUsage) {
  auto world = parse_world(rack);
  const auto vcpu = *world.find_class("VCPU");
  const auto consumer = uuid_of("user of cn1");
  world = with(world, ReplaceAllocations{consumer, {{uuid_of("cn2"), vcpu, 3}}});
  EXPECT_EQ(used(world, "cn1", "VCPU"), 0);
  EXPECT_EQ(used(world, "cn2", "VCPU"), 3);
  EXPECT_FALSE((*world.find_provider(uuid_of("cn1")))->in_use());
  EXPECT_TRUE((*world.find_provider(uuid_of("cn2")))->in_use());
}

TEST(World, UnparentingTakesTheSubtreeAlong) {
  auto world = parse_world(rack);
  const auto vgpu = *world.find_class("VGPU");
  world = with(world, UpdateProvider{uuid_of("numa0"), "numa0", std::nullopt});
  const auto gpu0 = *world.find_provider(uuid_of("gpu0"));
  EXPECT_EQ(gpu0.root().name, "numa0");
  EXPECT_EQ(gpu0.tree->nodes.size(), 2u);
  EXPECT_EQ(world.find_provider(uuid_of("numa1"))->root().name, "cn1");
  EXPECT_EQ(world.find_provider(uuid_of("numa1"))->tree->nodes.size(), 2u);
  EXPECT_EQ(world.trees_with(vgpu).members(), std::vector{gpu0.place.tree});
  EXPECT_EQ(world.all_trees().count(), 3u);

  world = with(world, UpdateProvider{uuid_of("numa0"), "numa0", uuid_of("cn2")});
  EXPECT_EQ(world.find_provider(uuid_of("gpu0"))->root().name, "cn2");
  EXPECT_EQ(world.all_trees().count(), 2u);

  world = with(world, UpdateProvider{uuid_of("gpu0"), "renamed", uuid_of("cn2")});
  const auto moved = *world.find_provider_by_name("renamed");
  EXPECT_EQ(moved.tree->nodes[moved.place.index].parent, 0);
  EXPECT_FALSE(world.find_provider_by_name("gpu0"));
}

TEST(World, DeletingTheLastProviderLeavesNoTree) {
  auto world = parse_world(rack);
  const auto place = *world.find_place(uuid_of("cn2"));
  world = with(world, DeleteProvider{uuid_of("cn2")});
  EXPECT_EQ(world.tree(place.tree), nullptr);
  EXPECT_FALSE(world.all_trees().contains(place.tree));
  EXPECT_FALSE(world.find_provider_by_name("cn2"));
  EXPECT_EQ(world.trees_with(*world.find_aggregate(uuid_of("rack1"))).count(), 1u);
}

TEST(World, ANewInventoryCountsWhatIsAllocatedAlready) {
  auto world = parse_world("cn1 VCPU=8 used VCPU=2 DISK_GB=5");
  const auto disk = *world.find_class("DISK_GB");
  world = with(world, PutInventory{uuid_of("cn1"), disk, {.total = 10}});
  EXPECT_EQ(used(world, "cn1", "DISK_GB"), 5);
}

TEST(World, AProviderKeepsItsOwnerWhereverItStands) {
  auto world = parse_world("cn1 owner:p1/alice\n  numa owner:p2/bob/x\ncn2");
  const auto owner_of = [&](std::string_view name) {
    return (*world.find_provider(uuid_of(name)))->owner;
  };
  EXPECT_EQ(*owner_of("cn1")->project_id, "p1");
  EXPECT_EQ(*owner_of("cn1")->user_id, "alice");
  EXPECT_EQ(*owner_of("numa")->user_id, "bob/x");
  EXPECT_EQ(owner_of("cn2"), nullptr);
  world = with(world, UpdateProvider{uuid_of("numa"), "numa", uuid_of("cn2")});
  EXPECT_EQ(*owner_of("numa")->project_id, "p2");
  EXPECT_EQ(world.find_provider(uuid_of("numa"))->root().owner, nullptr);
  world = with(world, CreateProvider{uuid_of("gpu"), "gpu", {}, CreatedBy{"p1", "bob"}});
  EXPECT_EQ(*owner_of("gpu")->user_id, "bob");
  EXPECT_EQ(owner_of("gpu")->project_id, owner_of("cn1")->project_id) << "one text for all";
}

TEST(World, ANewOwnerMovesNoGenerationAndNoTime) {
  const auto before = parse_world("cn1 @3 VCPU=8 owner:p1/alice");
  const auto after = with(before, SetOwner{uuid_of("cn1"), CreatedBy{"p2", "bob"}});
  const auto was = *before.find_provider(uuid_of("cn1")), is = *after.find_provider(uuid_of("cn1"));
  EXPECT_EQ(*is->owner->project_id, "p2");
  EXPECT_EQ(*was->owner->project_id, "p1");
  EXPECT_EQ(is->generation, 3);
  EXPECT_EQ(is->updated_at, was->updated_at);
  EXPECT_EQ((*with(after, SetOwner{uuid_of("cn1"), {}}).find_provider(uuid_of("cn1")))->owner,
            nullptr);
}

TEST(World, ARenamedClassKeepsItsInventories) {
  auto world = parse_world("cn1 CUSTOM_OLD=8");
  const auto id = *world.find_class("CUSTOM_OLD");
  world = with(world, RenameClass{id, "CUSTOM_NEW"});
  EXPECT_FALSE(world.find_class("CUSTOM_OLD"));
  EXPECT_EQ(world.find_class("CUSTOM_NEW"), id);
  EXPECT_EQ(world.resource_class(id).name, "CUSTOM_NEW");
}

TEST(World, ABuilderLetsTwoSwapTheirNames) {
  WorldBuilder builder(parse_world("a\nb\n"));
  builder.set_name(uuid_of("a"), "b");
  builder.set_name(uuid_of("b"), "a");
  const World after = builder.finish();
  EXPECT_EQ((*after.find_provider_by_name("a"))->uuid, uuid_of("b"));
  EXPECT_EQ((*after.find_provider_by_name("b"))->uuid, uuid_of("a"));
}

TEST(World, ABuilderMovesSubtreesAndChangesNoTime) {
  const auto before = parse_world("a\n  b\n    c\nd\n");
  WorldBuilder builder(before);
  builder.set_parent(uuid_of("b"), uuid_of("d"));
  const World after = builder.finish();
  EXPECT_EQ(after.find_provider(uuid_of("c"))->root().uuid, uuid_of("d"));
  EXPECT_EQ((*after.find_provider(uuid_of("b")))->updated_at,
            (*before.find_provider(uuid_of("b")))->updated_at);
}

TEST(World, PuttingAConsumerNeverMakesAProvidersTimeAnEarlierOne) {
  const auto before = parse_world("cn1 VCPU=8\n");
  const auto vcpu = *before.find_class("VCPU");
  WorldBuilder builder(before);
  const auto put = [&](const char* name, int second, std::int64_t used) {
    Consumer consumer;
    consumer.uuid = uuid_of(name);
    consumer.project_id = builder.intern("p");
    consumer.user_id = builder.intern("u");
    consumer.updated_at = Time(std::chrono::seconds(second));
    consumer.allocations = {{uuid_of("cn1"), vcpu, used}};
    builder.put(std::make_shared<const Consumer>(consumer), consumer.updated_at);
  };
  put("late", 2'000'000'005, 1);
  put("early", 2'000'000'003, 2);
  put("late", 2'000'000'004, 3);
  const World after = builder.finish();
  const auto provider = *after.find_provider(uuid_of("cn1"));
  EXPECT_EQ(provider->allocations_updated_at, Time(std::chrono::seconds(2'000'000'005)));
  EXPECT_EQ(provider->inventories.at(0).used, 5);
  EXPECT_TRUE(after.consumers_of_project("p")->contains(uuid_of("early")));
}

TEST(World, OneThatSucceedsAnotherHasAGreaterVersion) {
  const auto before = parse_world("a\nb\n"), other = parse_world("a\n");
  EXPECT_GT(other.succeeding(before).version(), before.version());
}

}  // namespace
}  // namespace emplace
