#include "changes/inventories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/world_text.h"

namespace emplace::changes {
namespace {

using testing::HasSubstr;

constexpr Time now{std::chrono::seconds(2'000'000'000)};
const Uuid cn1 = uuid_of("cn1");

template <class Command>
Failure failure_of(const World& world, const Command& command) {
  const auto planned = plan(world, command, now);
  EXPECT_FALSE(planned.has_value());
  return planned ? Failure{Reason::internal, "(no failure)"} : planned.error();
}
template <class Command>
World after(const World& world, const Command& command) {
  return world.with(plan(world, command, now).value());
}

InventoryItem item(std::string name, std::int32_t total, std::int32_t reserved = 0) {
  return {std::move(name), {.total = total, .reserved = reserved}};
}

std::string in_use_text(const std::string& classes) {
  return "Inventory for '" + classes + "' on resource provider '" + cn1.str() + "' in use.";
}

TEST(ReplaceInventories, AddsChangesAndDeletes) {
  const auto world = after(parse_world("cn1 @7 VCPU=8 MEMORY_MB=4\nother DISK_GB=1"),
                           ReplaceInventories{cn1, 7, {item("VCPU", 9), item("DISK_GB", 5)}});
  const auto provider = *world.find_provider(cn1);
  EXPECT_EQ(provider->generation, 8);
  EXPECT_EQ(provider->inventories.size(), 2u);
  EXPECT_EQ(provider->find_inventory(*world.find_class("VCPU"))->values.total, 9);
  EXPECT_EQ(provider->find_inventory(*world.find_class("DISK_GB"))->values.total, 5);
}

TEST(ReplaceInventories, AdvancesTheGenerationEvenIfNothingChanges) {
  const auto before = parse_world("cn1 @2147483647 VCPU=8");
  const auto world = after(before, ReplaceInventories{cn1, 2147483647, {item("VCPU", 8)}});
  const auto provider = *world.find_provider(cn1);
  EXPECT_EQ(provider->generation, 1);
  EXPECT_LT(provider->inventories[0].updated_at, now);
}

TEST(ReplaceInventories, RefusesAnotherGeneration) {
  const auto failure = failure_of(parse_world("cn1 @7"), ReplaceInventories{cn1, 6, {}});
  EXPECT_EQ(failure.reason, Reason::concurrent_update);
  EXPECT_EQ(failure.detail, "resource provider generation conflict");
}

TEST(ReplaceInventories, RefusesToDropWhatIsInUse) {
  const auto world = parse_world("cn1 VCPU=8 MEMORY_MB=4 DISK_GB=1 used VCPU=2 MEMORY_MB=1");
  const auto failure = failure_of(world, ReplaceInventories{cn1, 0, {item("DISK_GB", 1)}});
  EXPECT_EQ(failure.reason, Reason::inventory_in_use);
  EXPECT_EQ(failure.detail, "update conflict: " + in_use_text("VCPU, MEMORY_MB"));
}

TEST(ReplaceInventories, LetsAnInventoryShrinkBelowItsUse) {
  const auto world = parse_world("cn1 VCPU=8 used VCPU=4");
  const auto shrunk = after(world, ReplaceInventories{cn1, 0, {item("VCPU", 1)}});
  EXPECT_EQ((*shrunk.find_provider(cn1))->inventories[0].used, 4);
}

TEST(ReplaceInventories, RefusesAClassThatThereIsNot) {
  const auto failure = failure_of(parse_world("cn1"), ReplaceInventories{cn1, 0, {item("X", 1)}});
  EXPECT_EQ(failure.reason, Reason::bad_request);
  EXPECT_EQ(failure.detail, "Unknown resource class in inventory for resource provider " +
                                cn1.str() + ": No such resource class X.");
}

TEST(CheckCapacity, AsksThatReservedFitsTotal) {
  const auto told = [](const InventoryItem& it, bool may_reserve_all) {
    const auto checked = check_capacity(it, cn1, may_reserve_all);
    return checked ? "(fits)" : checked.error().detail;
  };
  EXPECT_EQ(told(item("VCPU", 4, 3), false), "(fits)");
  EXPECT_THAT(told(item("VCPU", 4, 4), false), HasSubstr("greater than or equal to total."));
  EXPECT_EQ(told(item("VCPU", 4, 4), true), "(fits)");
  EXPECT_EQ(told(item("VCPU", 4, 5), true), "Invalid inventory for 'VCPU' on resource provider '" +
                                                cn1.str() +
                                                "'. The reserved value is greater than total.");
  InventoryItem tiny = item("VCPU", 4);
  tiny.values.allocation_ratio = 0.1;
  EXPECT_THAT(told(tiny, false), HasSubstr("greater than or equal to total."));
  EXPECT_EQ(told(tiny, true), "(fits)");
}

TEST(RemoveInventories, AdvancesTheGenerationAndRefusesWhatIsInUse) {
  const auto world = parse_world("cn1 @1 VCPU=8");
  EXPECT_EQ((*after(world, RemoveInventories{cn1}).find_provider(cn1))->generation, 2);
  const auto failure = failure_of(parse_world("cn1 VCPU=8 used VCPU=1"), RemoveInventories{cn1});
  EXPECT_EQ(failure.reason, Reason::inventory_in_use);
  EXPECT_EQ(failure.detail, in_use_text("VCPU"));
}

TEST(AddInventory, RefusesWhatIsThereOrUnknownOrTooSmall) {
  const auto world = parse_world("cn1 VCPU=8");
  const auto begin = "Unable to create inventory for resource provider " + cn1.str() + ": ";
  const auto twice = failure_of(world, AddInventory{cn1, item("VCPU", 1)});
  EXPECT_EQ(twice.reason, Reason::concurrent_update);
  EXPECT_THAT(twice.detail, HasSubstr("Update conflict"));
  EXPECT_EQ(failure_of(world, AddInventory{cn1, item("X", 1)}).detail,
            begin + "No such resource class X.");
  EXPECT_THAT(failure_of(world, AddInventory{cn1, item("X", 1, 2)}).detail,
              HasSubstr(begin + "Invalid inventory for 'X'"));
}

TEST(EditInventory, TellsUnknownClassesFromMissingInventories) {
  const auto world = parse_world("cn1 VCPU=8\nother DISK_GB=1");
  const auto unknown = failure_of(world, EditInventory{cn1, 0, item("X", 1)});
  EXPECT_EQ(unknown.reason, Reason::no_such_resource);
  EXPECT_EQ(unknown.detail, "No such resource class X.");
  const auto missing = failure_of(world, EditInventory{cn1, 0, item("DISK_GB", 1)});
  EXPECT_EQ(missing.reason, Reason::bad_request);
  EXPECT_EQ(missing.detail, "No inventory record with resource class for resource provider " +
                                cn1.str() + ": No inventory of class DISK_GB found.");
  EXPECT_EQ(failure_of(world, EditInventory{cn1, 1, item("X", 1)}).reason,
            Reason::concurrent_update);
  EXPECT_EQ((*after(world, EditInventory{cn1, 0, item("VCPU", 9)}).find_provider(cn1))->generation,
            1);
}

TEST(RemoveInventory, IsAConcurrentUpdateIfInUse) {
  const auto world = parse_world("cn1 VCPU=8 MEMORY_MB=1 used VCPU=1\nother DISK_GB=1");
  const auto used = failure_of(world, RemoveInventory{cn1, "VCPU"});
  EXPECT_EQ(used.reason, Reason::concurrent_update);
  EXPECT_EQ(used.detail, "Unable to delete inventory of class VCPU: " + in_use_text("VCPU"));
  EXPECT_EQ(failure_of(world, RemoveInventory{cn1, "DISK_GB"}).detail,
            "No inventory of class DISK_GB found for delete: "
            "No inventory of class DISK_GB found for delete");
  EXPECT_EQ(failure_of(world, RemoveInventory{cn1, "X"}).detail,
            "No inventory of class X found for delete: No such resource class X.");
  const auto gone = after(world, RemoveInventory{cn1, "MEMORY_MB"});
  EXPECT_EQ((*gone.find_provider(cn1))->inventories.size(), 1u);
  EXPECT_EQ((*gone.find_provider(cn1))->generation, 1);
}

TEST(Planners, RefuseAProviderThatThereIsNot) {
  const auto world = parse_world("cn2");
  const auto told = "No resource provider with uuid " + cn1.str() + " found";
  EXPECT_EQ(failure_of(world, ReplaceInventories{cn1, 0, {}}).detail, told);
  EXPECT_EQ(failure_of(world, RemoveInventories{cn1}).detail, told);
  EXPECT_EQ(failure_of(world, AddInventory{cn1, item("VCPU", 1)}).detail, told);
  EXPECT_EQ(failure_of(world, EditInventory{cn1, 0, item("VCPU", 1)}).detail, told);
  EXPECT_EQ(failure_of(world, RemoveInventory{cn1, "VCPU"}).reason, Reason::no_such_resource);
}

}  // namespace
}  // namespace emplace::changes
