#include "changes/providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "changes/generation.h"
#include "model/world_builder.h"
#include "model/world_text.h"

namespace emplace::changes {
namespace {

using testing::HasSubstr;

constexpr Time now{std::chrono::seconds(2'000'000'000)};

template <class Command>
Reason reason_of(const World& world, const Command& command) {
  const auto planned = plan(world, command, now);
  EXPECT_FALSE(planned.has_value());
  return planned ? Reason::internal : planned.error().reason;
}
template <class Command>
std::string detail_of(const World& world, const Command& command) {
  const auto planned = plan(world, command, now);
  return planned ? "(no failure)" : planned.error().detail;
}
template <class Command>
World after(const World& world, const Command& command) {
  return world.with(plan(world, command, now).value());
}

TEST(Generation, IsNeverZeroAndNeverNegativeAgain) {
  EXPECT_EQ(next_generation(0), 1);
  EXPECT_EQ(next_generation(2147483646), 2147483647);
  EXPECT_EQ(next_generation(2147483647), 1);
  EXPECT_EQ(next_generation(-5), 1);
}

TEST(AddProvider, StandsBelowItsParent) {
  const auto world = after(parse_world("cn1"), AddProvider{uuid_of("n"), "n", uuid_of("cn1")});
  const auto provider = *world.find_provider(uuid_of("n"));
  EXPECT_EQ(provider.root().uuid, uuid_of("cn1"));
  EXPECT_EQ(provider->generation, 0);
  EXPECT_EQ(provider->updated_at, now);
}

TEST(AddProvider, RefusesAUuidOrANameThatIsTaken) {
  const auto world = parse_world("cn1\ncn2");
  const AddProvider same_name{uuid_of("n"), "cn1", {}}, same_uuid{uuid_of("cn1"), "n", {}};
  EXPECT_EQ(detail_of(world, same_name), "Conflicting resource provider name: cn1 already exists.");
  EXPECT_EQ(detail_of(world, same_uuid),
            "Conflicting resource provider uuid: " + uuid_of("cn1").str() + " already exists.");
  EXPECT_EQ(reason_of(world, same_name), Reason::duplicate_name);
  EXPECT_EQ(reason_of(world, same_uuid), Reason::duplicate_name);
}

TEST(AddProvider, RefusesAParentThatIsItselfOrNobody) {
  const auto world = parse_world("cn1");
  const auto begin = "Unable to create resource provider \"n\", " + uuid_of("n").str() +
                     ": Object action create failed because: parent provider UUID ";
  EXPECT_EQ(detail_of(world, AddProvider{uuid_of("n"), "n", uuid_of("n")}),
            begin +
                "cannot be same as UUID. Please set parent provider UUID to None if there is "
                "no parent.");
  EXPECT_EQ(detail_of(world, AddProvider{uuid_of("n"), "n", uuid_of("x")}),
            begin + "does not exist.");
}

TEST(EditProvider, ChangesNameWithoutGenerationOrParent) {
  const auto world =
      after(parse_world("cn1\n  n @3"), EditProvider{.uuid = uuid_of("n"), .name = "m"});
  const auto provider = *world.find_provider(uuid_of("n"));
  EXPECT_EQ(provider->name, "m");
  EXPECT_EQ(provider->generation, 3);
  EXPECT_EQ(provider->parent, uuid_of("cn1"));
  EXPECT_EQ(provider->updated_at, now);
}

TEST(EditProvider, ChangesNothingWhereNothingIsNew) {
  const auto world = parse_world("cn1\n  n");
  const EditProvider same{uuid_of("n"), "n", false, uuid_of("cn1"), false};
  EXPECT_TRUE(plan(world, same, now).value().empty());
}

TEST(EditProvider, RefusesANameThatIsTaken) {
  const auto world = parse_world("cn1\ncn2");
  const EditProvider command{.uuid = uuid_of("cn1"), .name = "cn2"};
  EXPECT_EQ(detail_of(world, command), "Conflicting resource provider cn2 already exists.");
  EXPECT_EQ(reason_of(world, command), Reason::duplicate_name);
}

struct Move {
  std::string_view provider, parent;  // no parent: to become a root
  bool may_reparent;
};
EditProvider command_for(const Move& move) {
  EditProvider command{
      uuid_of(move.provider), std::string(move.provider), false, {}, move.may_reparent};
  if (!move.parent.empty()) command.parent = uuid_of(move.parent);
  return command;
}

TEST(EditProvider, LeavesAParentOnlyIfItMay) {
  const auto world = parse_world("cn1\n  n\n    leaf\ncn2");
  EXPECT_THAT(
      detail_of(world, command_for({"n", "cn2", false})),
      HasSubstr("update failed because: re-parenting a provider is not currently allowed."));
  EXPECT_THAT(
      detail_of(world, command_for({"n", "", false})),
      HasSubstr("update failed because: un-parenting a provider is not currently allowed."));
  EXPECT_THAT(detail_of(world, command_for({"cn2", "", false})), "(no failure)");
  EXPECT_THAT(detail_of(world, command_for({"cn2", "n", false})), "(no failure)");
  const auto moved = after(world, command_for({"n", "cn2", true}));
  EXPECT_EQ(moved.find_provider(uuid_of("leaf"))->root().uuid, uuid_of("cn2"));
  const auto freed = after(world, command_for({"n", "", true}));
  EXPECT_EQ(freed.find_provider(uuid_of("leaf"))->root().uuid, uuid_of("n"));
}

TEST(EditProvider, MakesNoLoop) {
  const auto world = parse_world("cn1\n  n\n    leaf\n  sibling");
  for (const auto parent : {"n", "leaf"}) {
    EXPECT_THAT(detail_of(world, command_for({"n", parent, true})),
                HasSubstr("creating loop in the provider tree is not allowed."));
  }
  EXPECT_THAT(detail_of(world, command_for({"cn1", "sibling", true})), HasSubstr("creating loop"));
  EXPECT_EQ(detail_of(world, command_for({"n", "sibling", true})), "(no failure)");
}

TEST(EditProvider, RefusesAParentThatThereIsNot) {
  EXPECT_EQ(detail_of(parse_world("cn1"), command_for({"cn1", "x", true})),
            "Unable to save resource provider " + uuid_of("cn1").str() +
                ": Object action create failed because: parent provider UUID does not exist.");
}

World that_keeps_no_owners(std::string_view text) {
  WorldBuilder builder(parse_world(text));
  builder.set_keeps_owners(false);
  return builder.finish();
}

TEST(AddProvider, RemembersWhoCreatedItWhereThatIsKept) {
  const AddProvider command{uuid_of("n"), "n", {}, CreatedBy{"p", "u"}};
  const auto kept = *after(parse_world(""), command).find_provider(uuid_of("n"));
  EXPECT_EQ(*kept->owner->project_id, "p");
  EXPECT_EQ(*kept->owner->user_id, "u");
  const auto dropped = *after(that_keeps_no_owners(""), command).find_provider(uuid_of("n"));
  EXPECT_EQ(dropped->owner, nullptr);
}

TEST(ChangeOwner, ChangesThatOfTheRootAlone) {
  const auto world = parse_world("cn1 owner:p1/alice\n  n owner:p2/bob\ncn2");
  const auto changed = after(world, ChangeOwner{uuid_of("n"), CreatedBy{"p3", "carol"}});
  EXPECT_EQ(*(*changed.find_provider(uuid_of("cn1")))->owner->project_id, "p3");
  EXPECT_EQ(*(*changed.find_provider(uuid_of("cn1")))->owner->user_id, "carol");
  EXPECT_EQ(*(*changed.find_provider(uuid_of("n")))->owner->project_id, "p2");
  EXPECT_EQ((*changed.find_provider(uuid_of("cn2")))->owner, nullptr);
  const auto freed = after(world, ChangeOwner{uuid_of("n"), std::nullopt});
  EXPECT_EQ((*freed.find_provider(uuid_of("cn1")))->owner, nullptr);
}

TEST(ChangeOwner, ChangesNothingWhereNothingIsNew) {
  const auto world = parse_world("cn1 owner:p1/alice\ncn2");
  EXPECT_TRUE(plan(world, ChangeOwner{uuid_of("cn1"), CreatedBy{"p1", "alice"}}, now)->empty());
  EXPECT_TRUE(plan(world, ChangeOwner{uuid_of("cn2"), std::nullopt}, now)->empty());
  EXPECT_FALSE(plan(world, ChangeOwner{uuid_of("cn1"), CreatedBy{"p1", "bob"}}, now)->empty());
}

TEST(ChangeOwner, NeedsAProviderAndAPlaceForOwners) {
  const ChangeOwner nowhere{uuid_of("x"), std::nullopt}, somewhere{uuid_of("cn1"), std::nullopt};
  EXPECT_EQ(detail_of(parse_world("cn1"), nowhere),
            "No resource provider with uuid " + uuid_of("x").str() + " found");
  EXPECT_EQ(reason_of(parse_world("cn1"), nowhere), Reason::no_such_resource);
  EXPECT_EQ(reason_of(that_keeps_no_owners("cn1"), somewhere), Reason::unavailable);
}

TEST(RemoveProvider, ChecksChildrenBeforeAllocations) {
  const auto world = parse_world("cn1 VCPU=8 used VCPU=1\n  n VCPU=8 used VCPU=1\ncn2");
  EXPECT_EQ(detail_of(world, RemoveProvider{uuid_of("cn1")}),
            "Unable to delete parent resource provider " + uuid_of("cn1").str() +
                ": It has child resource providers.");
  EXPECT_EQ(reason_of(world, RemoveProvider{uuid_of("cn1")}), Reason::cannot_delete_parent);
  EXPECT_EQ(detail_of(world, RemoveProvider{uuid_of("n")}),
            "Unable to delete resource provider " + uuid_of("n").str() +
                ": Resource provider has allocations.");
  EXPECT_EQ(reason_of(world, RemoveProvider{uuid_of("n")}), Reason::provider_in_use);
  EXPECT_FALSE(after(world, RemoveProvider{uuid_of("cn2")}).find_provider(uuid_of("cn2")));
  EXPECT_EQ(reason_of(world, RemoveProvider{uuid_of("x")}), Reason::not_found);
}

}  // namespace
}  // namespace emplace::changes
