// Catching up, case by case: what others did to the rows is done by SQL; see() then compares with a
// World that is loaded anew.
#include "store/shared/catch_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/shared/catch_up_testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string provider_columns =
    "INSERT INTO resource_providers (id, uuid, name, generation, root_provider_id, "
    "parent_provider_id, created_at, updated_at) VALUES ";
const std::string allocation_columns =
    "INSERT INTO allocations (consumer_id, resource_provider_id, resource_class_id, used, "
    "created_at) VALUES ";

// Row 1 is host1, with numa3 below it, row 2 is host2; vm1 uses both.
class CatchUpTest : public testing::Test {
 protected:
  CatchUpTest() {
    store_.see(
        provider_columns +
        "(1, 'aaaaaaaa-0000-4000-8000-000000000001', 'host1', 1, 1, NULL, '2026-01-01 00:00:01', "
        "NULL), (2, 'aaaaaaaa-0000-4000-8000-000000000002', 'host2', 2, 2, NULL, "
        "'2026-01-01 00:00:02', '2026-01-01 00:00:03'), "
        "(3, 'aaaaaaaa-0000-4000-8000-000000000003', 'numa3', 3, 1, 1, '2026-01-01 00:00:02', "
        "NULL);"
        "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, "
        "min_unit, max_unit, step_size, allocation_ratio, created_at) VALUES "
        "(1, 0, 8, 0, 1, 8, 1, 1.5, '2026-01-01 00:00:04'), "
        "(2, 2, 80, 0, 1, 80, 1, 1.0, '2026-01-01 00:00:05');"
        "INSERT INTO projects (id, external_id) VALUES (7, 'project');"
        "INSERT INTO users (id, external_id) VALUES (8, 'user');"
        "INSERT INTO consumer_types (id, name) VALUES (9, 'INSTANCE');"
        "INSERT INTO consumers (uuid, project_id, user_id, consumer_type_id, generation, "
        "created_at) VALUES ('" +
        vm1 + "', 7, 8, 9, 1, '2026-01-01 00:00:06');" + allocation_columns + "('" + vm1 +
        "', 1, 0, 2, '2026-01-01 00:00:07'), ('" + vm1 + "', 2, 2, 20, '2026-01-01 00:00:07')");
  }

  static Time second(int seconds) {
    return std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::seconds(seconds);
  }
  const Provider& provider(const std::string& name) const {
    return **store_.world().find_provider_by_name(name);
  }
  ConsumerPtr consumer(const std::string& uuid) const {
    return store_.world().find_consumer(*Uuid::parse(uuid));
  }

  const std::string vm1 = "bbbbbbbb-0000-4000-8000-000000000001";
  const std::string vm2 = "bbbbbbbb-0000-4000-8000-000000000002";
  CatchingUp store_;
};

TEST_F(CatchUpTest, WhatIsNewIsFoundWithTheTimesOfItsRows) {
  EXPECT_EQ(store_.world().provider_count(), 3u);
  EXPECT_EQ(provider("host1").updated_at, second(1));
  EXPECT_EQ(provider("host2").updated_at, second(3));
  EXPECT_EQ(provider("host1").inventories.at(0).updated_at, second(4));
  EXPECT_EQ(provider("host1").inventories.at(0).used, 2);
  EXPECT_EQ(provider("host1").allocations_updated_at, second(7));
  EXPECT_EQ(consumer(vm1)->updated_at, second(7));
  EXPECT_EQ(store_.rows().providers.at(provider("numa3").uuid).root, 1);
}

TEST_F(CatchUpTest, WhatDidNotChangeKeepsTheVersion) {
  const auto version = store_.world().version();
  store_.catch_up({.providers = {1, 2, 99},
                   .inventories = {1, 99},
                   .traits_of = {2},
                   .aggregates_of = {3},
                   .owners = {1},
                   .consumers = {vm1, vm2, "nonsense"},
                   .traits = {1, 9999},
                   .classes = {0, 9999},
                   .purged = true});
  EXPECT_EQ(store_.world().version(), version);
  store_.expect_as_loaded();
}

TEST_F(CatchUpTest, ParentsAndChildrenComeTogetherInAnyOrderOfTheirRows) {
  store_.see(provider_columns +
             "(4, 'aaaaaaaa-0000-4000-8000-000000000004', 'leaf', 0, 6, 5, NULL, NULL), "
             "(5, 'aaaaaaaa-0000-4000-8000-000000000005', 'middle', 0, 6, 6, NULL, NULL), "
             "(6, 'aaaaaaaa-0000-4000-8000-000000000006', 'top', 0, 6, NULL, NULL, NULL)");
  EXPECT_EQ(store_.rows().providers.at(provider("leaf").uuid).root, 6);
  EXPECT_EQ(store_.rows().last_provider, 6);
}

TEST_F(CatchUpTest, TwoSwapTheirNames) {
  store_.see(
      "UPDATE resource_providers SET name = 'x' WHERE id = 1;"
      "UPDATE resource_providers SET name = 'host1' WHERE id = 2;"
      "UPDATE resource_providers SET name = 'host2' WHERE id = 1");
  EXPECT_EQ(provider("host1").generation, 2);
}

TEST_F(CatchUpTest, SubtreesMoveAlongWhateverRootIdsSay) {
  // Row 1 moves below row 2, with its child; the roots in the rows are left as they were.
  store_.see("UPDATE resource_providers SET parent_provider_id = 2 WHERE id = 1");
  EXPECT_EQ(store_.world().find_provider_by_name("numa3")->root().name, "host2");
  EXPECT_EQ(store_.rows().providers.at(provider("numa3").uuid).root, 2);
  // They change places: 2 -> 1 -> 3 becomes 3 -> 1 -> 2.
  store_.see(
      "UPDATE resource_providers SET parent_provider_id = NULL WHERE id = 3;"
      "UPDATE resource_providers SET parent_provider_id = 3 WHERE id = 1;"
      "UPDATE resource_providers SET parent_provider_id = 1 WHERE id = 2");
  EXPECT_EQ(store_.world().find_provider_by_name("host2")->root().name, "numa3");
  store_.see("UPDATE resource_providers SET parent_provider_id = NULL WHERE id = 1");
  EXPECT_EQ(store_.world().all_trees().count(), 2u);
}

TEST_F(CatchUpTest, AChildLeavesItsParentInTheMomentThatTheParentGoes) {
  store_.see(
      "UPDATE resource_providers SET parent_provider_id = 2 WHERE id = 3;"
      "DELETE FROM allocations; DELETE FROM inventories WHERE resource_provider_id = 1;"
      "DELETE FROM resource_providers WHERE id = 1");
  EXPECT_EQ(provider("numa3").parent, provider("host2").uuid);
  EXPECT_EQ(store_.world().times().provider_removed, store_.now());
}

TEST_F(CatchUpTest, WholeTreesGo) {
  store_.see(
      "DELETE FROM allocations; DELETE FROM consumers; DELETE FROM inventories;"
      "DELETE FROM resource_providers WHERE id IN (1, 3)");
  EXPECT_EQ(store_.world().provider_count(), 1u);
  EXPECT_EQ(store_.world().times().consumer_removed, store_.now());
}

TEST_F(CatchUpTest, OneIsDeletedAndCreatedAgainInAnotherRow) {
  store_.see(
      "DELETE FROM allocations WHERE resource_provider_id = 2;"
      "DELETE FROM inventories WHERE resource_provider_id = 2;"
      "DELETE FROM resource_providers WHERE id = 2;" +
      provider_columns +
      "(9, 'aaaaaaaa-0000-4000-8000-000000000002', 'host2', 0, 9, 1, NULL, NULL)");
  EXPECT_TRUE(provider("host2").inventories.empty());
  EXPECT_FALSE(provider("host2").in_use());
  EXPECT_EQ(store_.rows().providers.at(provider("host2").uuid).id, 9);
}

TEST_F(CatchUpTest, ARowIsAnotherProvidersByNow) {
  store_.see("DELETE FROM resource_providers WHERE id = 2;" + provider_columns +
             "(2, 'aaaaaaaa-0000-4000-8000-00000000000f', 'other', 0, 2, NULL, NULL, NULL)");
  // What was kept of the row id from before counts for it.
  EXPECT_EQ(provider("other").inventories.at(0).used, 20);
}

TEST_F(CatchUpTest, AllocationsOfProvidersThatAreGoneAreLeftOut) {
  store_.see("DELETE FROM resource_providers WHERE id = 2");
  EXPECT_EQ(consumer(vm1)->allocations.size(), 1u);
}

TEST_F(CatchUpTest, InventoriesComeAndGoWhileAllocationsStand) {
  store_.see("DELETE FROM inventories WHERE resource_provider_id = 1");
  EXPECT_TRUE(provider("host1").in_use());
  store_.see(
      "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, "
      "min_unit, max_unit, step_size, allocation_ratio, created_at) VALUES "
      "(1, 0, 4, 0, 1, 4, 1, 1.0, '2026-01-01 00:00:09')");
  EXPECT_EQ(provider("host1").inventories.at(0).used, 2);
  EXPECT_EQ(provider("host1").inventories.at(0).updated_at, second(9));
  store_.see("UPDATE inventories SET total = 5 WHERE resource_provider_id = 1");
  EXPECT_EQ(provider("host1").inventories.at(0).values.total, 5);
}

TEST_F(CatchUpTest, ARatioIsExactAsLongAsItsColumnReadsAsStored) {
  store_.see("INSERT INTO emplace_exact_ratios VALUES (1, 0, '1.5', 1.25)");
  EXPECT_EQ(provider("host1").inventories.at(0).values.allocation_ratio, 1.25);
  store_.see("UPDATE inventories SET allocation_ratio = 2.5 WHERE resource_provider_id = 1");
  EXPECT_EQ(provider("host1").inventories.at(0).values.allocation_ratio, 2.5);
  EXPECT_EQ(store_.rows().exact_ratios.size(), 1u);
  store_.see("DELETE FROM emplace_exact_ratios");
  EXPECT_TRUE(store_.rows().exact_ratios.empty());
}

TEST_F(CatchUpTest, TraitsOfProviders) {
  store_.see(
      "INSERT INTO resource_provider_traits (resource_provider_id, trait_id, created_at) VALUES "
      "(1, 5, '2026-01-01 00:00:08'), (1, 6, '2026-01-01 00:00:09')");
  EXPECT_EQ(provider("host1").traits.size(), 2u);
  EXPECT_EQ(provider("host1").traits_updated_at, second(9));
  store_.see("DELETE FROM resource_provider_traits WHERE trait_id = 5");
  EXPECT_EQ(provider("host1").traits.size(), 1u);
  EXPECT_EQ(provider("host1").traits_updated_at, store_.now());
}

TEST_F(CatchUpTest, NewTraitsAreUsedAtOnceAndComeBackUnderTheirNames) {
  store_.see(
      "INSERT INTO traits (id, name) VALUES (500, 'CUSTOM_A'), (501, 'CUSTOM_B');"
      "INSERT INTO resource_provider_traits (resource_provider_id, trait_id) VALUES (1, 500), "
      "(2, 501)");
  store_.see(
      "DELETE FROM resource_provider_traits; DELETE FROM traits WHERE id IN (500, 501);"
      "INSERT INTO traits (id, name) VALUES (502, 'CUSTOM_A'), (500, 'CUSTOM_B');"
      "INSERT INTO resource_provider_traits (resource_provider_id, trait_id) VALUES (1, 500)");
  EXPECT_THAT(store_.provider("host1"), HasSubstr("traits CUSTOM_B"));
  store_.see("DELETE FROM traits WHERE id = 500");
  EXPECT_TRUE(provider("host1").traits.empty());
  EXPECT_FALSE(store_.world().find_trait("CUSTOM_B"));
  EXPECT_EQ(store_.world().times().trait_removed, store_.now());
}

TEST_F(CatchUpTest, ClassesAreCreatedRenamedAndDeletedWithTheirAllocations) {
  store_.see(
      "INSERT INTO resource_classes (id, name) VALUES (10001, 'CUSTOM_A'), (10002, 'CUSTOM_B');"
      "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, "
      "min_unit, max_unit, step_size, allocation_ratio) VALUES (1, 10001, 4, 0, 1, 4, 1, 1.0);" +
      allocation_columns + "('" + vm1 + "', 1, 10001, 1, NULL)");
  store_.see(
      "UPDATE resource_classes SET name = 'X' WHERE id = 10001;"
      "UPDATE resource_classes SET name = 'CUSTOM_A' WHERE id = 10002;"
      "UPDATE resource_classes SET name = 'CUSTOM_B' WHERE id = 10001");
  EXPECT_THAT(store_.consumer(vm1), HasSubstr("CUSTOM_B=1"));
  EXPECT_THAT(store_.provider("host1"), HasSubstr("CUSTOM_B=4"));
  // Nobody touches the inventory and the allocation, but neither counts without a class.
  store_.see("DELETE FROM resource_classes WHERE id IN (10001, 10002)");
  EXPECT_THAT(store_.consumer(vm1), Not(HasSubstr("=1")));
  EXPECT_EQ(provider("host1").inventories.size(), 1u);
  EXPECT_EQ(store_.rows().last_class, 10002);
  EXPECT_EQ(store_.world().times().class_removed, store_.now());
  store_.see("INSERT INTO resource_classes (id, name) VALUES (10001, 'CUSTOM_C')");
  EXPECT_THAT(store_.consumer(vm1), HasSubstr("CUSTOM_C=1"));
  EXPECT_THAT(store_.provider("host1"), HasSubstr("CUSTOM_C=4"));
}

TEST_F(CatchUpTest, NewAggregatesAreListedInTheOrderOfTheirRows) {
  store_.see(
      "INSERT INTO placement_aggregates (id, uuid) VALUES "
      "(1, 'cccccccc-0000-4000-8000-000000000003'), (2, 'CCCCCCCC-0000-4000-8000-000000000002'), "
      "(3, 'cccccccc-0000-4000-8000-000000000001'), (4, 'cccccccc000040008000000000000003');"
      "INSERT INTO resource_provider_aggregates (resource_provider_id, aggregate_id, created_at) "
      "VALUES (1, 4, '2026-01-01 00:00:09'), (1, 3, NULL), (1, 2, NULL)");
  const auto& aggregates = provider("host1").aggregates;
  ASSERT_EQ(aggregates.size(), 3u);
  EXPECT_EQ(store_.world().aggregate(aggregates[0]).str(), "cccccccc-0000-4000-8000-000000000003");
  EXPECT_EQ(store_.world().aggregate(aggregates[1]).str(), "cccccccc-0000-4000-8000-000000000002");
  EXPECT_EQ(provider("host1").aggregates_updated_at, second(9));
  store_.see("DELETE FROM resource_provider_aggregates WHERE aggregate_id = 4");
  EXPECT_EQ(provider("host1").aggregates.size(), 2u);
  EXPECT_EQ(provider("host1").aggregates_updated_at, store_.now());
}

TEST_F(CatchUpTest, ConsumersChangeAllThatTheyHave) {
  store_.see(
      "INSERT INTO projects (id, external_id) VALUES (70, 'another project');"
      "INSERT INTO users (id, external_id) VALUES (80, 'another user');"
      "INSERT INTO consumer_types (id, name) VALUES (90, 'MIGRATION');"
      "UPDATE consumers SET project_id = 70, user_id = 80, consumer_type_id = 90, generation = 2, "
      "updated_at = '2026-01-01 00:00:09'");
  EXPECT_THAT(store_.consumer(vm1), HasSubstr("project 'another project' user 'another user' type "
                                              "'MIGRATION' @2"));
  EXPECT_EQ(store_.rows().projects.at("another project"), 70);
  store_.see("UPDATE consumers SET consumer_type_id = NULL; DELETE FROM allocations");
  EXPECT_TRUE(consumer(vm1)->allocations.empty());
  EXPECT_EQ(consumer(vm1)->updated_at, second(9));
  EXPECT_FALSE(provider("host1").in_use());
  EXPECT_EQ(provider("host1").allocations_updated_at, store_.now());
  store_.see("DELETE FROM consumers");
  EXPECT_FALSE(consumer(vm1));
}

TEST_F(CatchUpTest, AConsumerUsesAProviderThatIsAsNewAsItself) {
  store_.see(provider_columns +
             "(4, 'aaaaaaaa-0000-4000-8000-000000000004', 'host4', 1, 4, NULL, NULL, NULL);"
             "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, "
             "min_unit, max_unit, step_size, allocation_ratio) VALUES (4, 0, 4, 0, 1, 4, 1, 1.0);"
             "INSERT INTO consumers (uuid, project_id, user_id) VALUES ('" +
             vm2 + "', 7, 8);" + allocation_columns + "('" + vm2 + "', 4, 0, 3, NULL), ('" + vm2 +
             "', 1, 0, 1, NULL)");
  EXPECT_EQ(provider("host4").inventories.at(0).used, 3);
  EXPECT_EQ(provider("host1").inventories.at(0).used, 3);
}

TEST_F(CatchUpTest, AConsumerWithoutARowIsShownWithTheIncompleteOwner) {
  store_.see(allocation_columns + "('" + vm2 + "', 1, 0, 3, '2026-01-01 00:00:09')");
  EXPECT_THAT(store_.consumer(vm2),
              HasSubstr("project '00000000-0000-0000-0000-000000000000' user "
                        "'00000000-0000-0000-0000-000000000000' type none @0"));
  EXPECT_EQ(consumer(vm2)->updated_at, second(9));
  EXPECT_TRUE(store_.rows().rowless_consumers.contains(*Uuid::parse(vm2)));
  EXPECT_EQ(provider("host1").inventories.at(0).used, 5);
  store_.see("INSERT INTO consumers (uuid, project_id, user_id, generation) VALUES ('" + vm2 +
             "', 7, 8, 4)");
  EXPECT_THAT(store_.consumer(vm2), HasSubstr("project 'project' user 'user' type none @4"));
  store_.see("DELETE FROM consumers; DELETE FROM allocations WHERE consumer_id = '" + vm2 + "'");
  EXPECT_FALSE(consumer(vm2));
  EXPECT_TRUE(store_.rows().rowless_consumers.contains(*Uuid::parse(vm1)));
}

TEST_F(CatchUpTest, OddlySpelledConsumersAreKnownByTheirSpelling) {
  const std::string odd = "BBBBBBBB-0000-4000-8000-000000000002";
  store_.see("INSERT INTO consumers (uuid, project_id, user_id) VALUES ('" + odd +
             "', 7, 8), ('junk', 7, 8);" + allocation_columns + "('" + odd +
             "', 1, 0, 1, NULL), ('junk', 1, 0, 1, NULL)");
  EXPECT_TRUE(consumer(vm2));
  EXPECT_EQ(store_.rows().consumer_spellings.at(*Uuid::parse(vm2)), odd);
  EXPECT_THAT(store_.reports(), HasSubstr("The consumer junk is taken as"));
  store_.see("UPDATE allocations SET used = 3 WHERE consumer_id = '" + odd + "'");
  EXPECT_EQ(provider("host1").inventories.at(0).used, 6);
  // One with the plain spelling has the first right to the UUID.
  store_.see("INSERT INTO consumers (uuid, project_id, user_id, generation) VALUES ('" + vm2 +
             "', 7, 8, 5)");
  EXPECT_EQ(consumer(vm2)->generation, 5);
  EXPECT_EQ(store_.world().consumer_count(), 4u);
  EXPECT_THAT(store_.reports(), HasSubstr("all is loaded anew"));
  store_.see("DELETE FROM consumers WHERE uuid = '" + vm2 + "'");
  EXPECT_EQ(consumer(vm2)->allocations.at(0).used, 3);
  store_.see("DELETE FROM allocations; DELETE FROM consumers");
  EXPECT_EQ(store_.world().consumer_count(), 0u);
}

TEST_F(CatchUpTest, OwnersCountWhileTheirProviderStands) {
  store_.see(
      "INSERT INTO emplace_provider_owners SELECT uuid, id, 'p', 'u' FROM resource_providers "
      "WHERE id = 1");
  EXPECT_THAT(store_.provider("host1"), HasSubstr("owner 'p'/'u'"));
  store_.see("UPDATE emplace_provider_owners SET project_id = 'p2'");
  EXPECT_THAT(store_.provider("host1"), HasSubstr("owner 'p2'/'u'"));
  store_.see("UPDATE emplace_provider_owners SET resource_provider_id = 2");
  EXPECT_THAT(store_.provider("host1"), HasSubstr("owner none"));
}

TEST_F(CatchUpTest, WhatWasPurgedIsForgottenAndTheWorldStaysAsItIs) {
  store_.see(
      "INSERT INTO projects (id, external_id) VALUES (70, 'unused');"
      "INSERT INTO placement_aggregates (id, uuid) VALUES "
      "(1, 'cccccccc-0000-4000-8000-000000000001'), (2, 'cccccccc-0000-4000-8000-000000000002');"
      "INSERT INTO resource_provider_aggregates (resource_provider_id, aggregate_id) VALUES "
      "(1, 1), (1, 2)");
  store_.see("DELETE FROM resource_provider_aggregates WHERE aggregate_id = 1");
  const auto version = store_.world().version();
  store_.see(
      "DELETE FROM placement_aggregates WHERE id = 1; DELETE FROM projects WHERE id = 70;"
      "INSERT INTO users (id, external_id) VALUES (80, 'seen by the way')");
  EXPECT_EQ(store_.world().version(), version);
  EXPECT_EQ(store_.rows().aggregates.size(), 1u);
  EXPECT_EQ(store_.rows().users.at("seen by the way"), 80);
}

TEST_F(CatchUpTest, CirclesAreCutAndMended) {
  store_.see(
      "UPDATE resource_providers SET parent_provider_id = 3 WHERE id = 2;"
      "UPDATE resource_providers SET parent_provider_id = 2 WHERE id = 1");
  EXPECT_EQ(store_.world().find_provider_by_name("host2")->root().name, "host1");
  EXPECT_EQ(store_.rows().cut_parents, (std::map<RowId, RowId>{{1, 2}}));
  EXPECT_THAT(store_.reports(), HasSubstr("has no ancestor that is a root"));
  // Mended elsewhere than where it was cut.
  store_.see("UPDATE resource_providers SET parent_provider_id = NULL WHERE id = 3");
  EXPECT_EQ(store_.world().find_provider_by_name("host1")->root().name, "numa3");
  EXPECT_TRUE(store_.rows().cut_parents.empty());
}

TEST_F(CatchUpTest, MoreKeysThanFitIntoAStatementOrARoundTrip) {
  std::string sql = "INSERT INTO projects (id, external_id) VALUES (70, 'x')";
  for (int i = 100; i < 1400; ++i) {
    const auto digits = std::to_string(100000 + i);
    sql += ";" + provider_columns + "(" + std::to_string(i) + ", 'dddddddd-0000-4000-8000-000000" +
           digits + "', 'many" + digits + "', 0, 1, " + (i % 10 ? "1" : "NULL") + ", NULL, NULL)";
  }
  store_.see(sql);
  EXPECT_EQ(store_.world().provider_count(), 1303u);
  Touched touched;
  for (RowId row = 0; row < 40'000; ++row)
    touched.classes.insert(row);
  store_.catch_up(touched);
  store_.expect_as_loaded();
}

}  // namespace
}  // namespace emplace::store
