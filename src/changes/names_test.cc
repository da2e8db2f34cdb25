// The planners of what has a name or a UUID alone: aggregates, traits, classes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "changes/aggregates.h"
#include "changes/classes.h"
#include "changes/traits.h"
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

TEST(ReplaceAggregates, ChangesOnlyWhatDiffers) {
  const auto world = parse_world("cn1 @7 in:a in:b");
  const auto planned =
      plan(world, ReplaceAggregates{cn1, std::nullopt, {uuid_of("b"), uuid_of("c")}}, now).value();
  ASSERT_EQ(planned.changes.size(), 1u);
  const auto& change = std::get<ChangeAggregates>(planned.changes[0]);
  EXPECT_EQ(change.added, std::vector{uuid_of("c")});
  EXPECT_EQ(change.removed, std::vector{uuid_of("a")});
}

TEST(ReplaceAggregates, AdvancesTheGenerationWheneverItIsGiven) {
  const auto world = parse_world("cn1 @7 in:a");
  EXPECT_EQ(
      (*after(world, ReplaceAggregates{cn1, 7, {uuid_of("a")}}).find_provider(cn1))->generation, 8);
  EXPECT_TRUE(plan(world, ReplaceAggregates{cn1, std::nullopt, {uuid_of("a")}}, now)->empty());
  EXPECT_EQ(failure_of(world, ReplaceAggregates{cn1, 6, {}}).reason, Reason::concurrent_update);
}

TEST(ReplaceTraits, ChecksTheGenerationBeforeTheNames) {
  const auto world = parse_world("cn1 @7 trait:HW_A");
  EXPECT_EQ(failure_of(world, ReplaceTraits{cn1, 6, {"HW_X"}}).reason, Reason::concurrent_update);
  const auto unknown = failure_of(world, ReplaceTraits{cn1, 7, {"HW_X", "HW_A", "HW_Y", "HW_X"}});
  EXPECT_EQ(unknown.reason, Reason::bad_request);
  EXPECT_EQ(unknown.detail, "No such trait HW_X, HW_Y");
}

TEST(ReplaceTraits, AdvancesTheGenerationOnlyIfTheSetChanges) {
  const auto world = parse_world("cn1 @7 trait:HW_A trait:HW_B");
  EXPECT_TRUE(plan(world, ReplaceTraits{cn1, 7, {"HW_B", "HW_A", "HW_A"}}, now)->empty());
  const auto changed = after(world, ReplaceTraits{cn1, 7, {"HW_B"}});
  EXPECT_EQ((*changed.find_provider(cn1))->generation, 8);
  EXPECT_EQ((*changed.find_provider(cn1))->traits.size(), 1u);
  const auto removed = after(changed, RemoveTraits{cn1});
  EXPECT_EQ((*removed.find_provider(cn1))->generation, 9);
  EXPECT_TRUE(plan(removed, RemoveTraits{cn1}, now)->empty());
}

TEST(RemoveTrait, RefusesWhatIsStandardOrInUseOrNotThere) {
  const auto world = parse_world("cn1 trait:HW_A trait:CUSTOM_A");
  EXPECT_EQ(failure_of(world, RemoveTrait{"HW_A"}).detail, "Cannot delete standard trait HW_A.");
  EXPECT_EQ(failure_of(world, RemoveTrait{"CUSTOM_A"}).detail,
            "The trait CUSTOM_A is in use by a resource provider.");
  EXPECT_EQ(failure_of(world, RemoveTrait{"CUSTOM_A"}).reason, Reason::conflict);
  EXPECT_EQ(failure_of(world, RemoveTrait{"HW_X"}).reason, Reason::not_found);
}

TEST(RemoveTrait, TakesWhatNobodyHasAnyMore) {
  const auto freed = after(parse_world("cn1 trait:CUSTOM_A"), RemoveTraits{cn1});
  EXPECT_FALSE(after(freed, RemoveTrait{"CUSTOM_A"}).find_trait("CUSTOM_A"));
}

TEST(Traits, AreAddedOnce) {
  const auto world = after(parse_world(""), AddTrait{"CUSTOM_A"});
  EXPECT_TRUE(world.find_trait("CUSTOM_A"));
  EXPECT_TRUE(plan(world, AddTrait{"CUSTOM_A"}, now)->empty());
}

TEST(Classes, AreAddedOnce) {
  const auto world = after(parse_world(""), EnsureClass{"CUSTOM_A"});
  EXPECT_TRUE(plan(world, EnsureClass{"CUSTOM_A"}, now)->empty());
  EXPECT_EQ(failure_of(world, AddClass{"CUSTOM_A"}).detail,
            "Conflicting resource class already exists: CUSTOM_A");
  EXPECT_TRUE(after(world, AddClass{"CUSTOM_B"}).find_class("CUSTOM_B"));
}

TEST(EditClass, RefusesANameThatIsTakenAndStandardOnes) {
  const auto world = parse_world("cn1 CUSTOM_A=1 CUSTOM_B=1 VCPU=1");
  EXPECT_EQ(failure_of(world, EditClass{"CUSTOM_A", "CUSTOM_B"}).detail,
            "Resource class already exists: CUSTOM_B");
  EXPECT_EQ(failure_of(world, EditClass{"VCPU", "CUSTOM_C"}).detail,
            "Cannot update standard resource class VCPU");
  EXPECT_EQ(failure_of(world, EditClass{"CUSTOM_X", "CUSTOM_C"}).reason, Reason::no_such_resource);
  EXPECT_TRUE(plan(world, EditClass{"CUSTOM_A", "CUSTOM_A"}, now)->empty());
  EXPECT_TRUE(after(world, EditClass{"CUSTOM_A", "CUSTOM_C"}).find_class("CUSTOM_C"));
}

TEST(RemoveClass, RefusesWhatIsStandardOrInUseOrNotThere) {
  const auto world = parse_world("cn1 CUSTOM_A=1 VCPU=1");
  EXPECT_THAT(failure_of(world, RemoveClass{"VCPU"}).detail,
              HasSubstr("Cannot delete standard resource class VCPU."));
  const auto used = failure_of(world, RemoveClass{"CUSTOM_A"});
  EXPECT_EQ(used.reason, Reason::conflict);
  EXPECT_THAT(used.detail, HasSubstr("Class is in use in inventory."));
  EXPECT_EQ(failure_of(world, RemoveClass{"CUSTOM_X"}).detail, "No such resource class CUSTOM_X.");
  const auto free = after(parse_world(""), AddClass{"CUSTOM_A"});
  EXPECT_FALSE(after(free, RemoveClass{"CUSTOM_A"}).find_class("CUSTOM_A"));
}

}  // namespace
}  // namespace emplace::changes
