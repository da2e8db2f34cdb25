// What loading takes from odd data, beyond what stores of one process show (sqlite_open_test.cc).
#include "store/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/shared/sound_world.h"
#include "store/spelling.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

class Loading : public testing::Test {
 protected:
  Loading() {
    sqlite_sync(file_.path());
    database_.emplace(file_.path(), SqliteDatabase::Mode::read_write);
    insert_standard_names(*database_);
    database_->execute(
        "INSERT INTO resource_providers (id, uuid, name, root_provider_id) VALUES "
        "(1, '00000000-0000-4000-8000-000000000001', 'cn1', 1);"
        "INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, "
        "min_unit, max_unit, step_size, allocation_ratio) VALUES (1, 0, 8, 0, 1, 8, 1, 1.5);");
  }
  Loaded load(const LoadOptions& options) {
    SqliteConnection connection(*database_);
    auto loaded = load_world(connection, options);
    expect_sound(loaded.world);
    return loaded;
  }
  static double ratio(const Loaded& loaded) {
    return (*loaded.world.find_provider_by_name("cn1"))->inventories.at(0).values.allocation_ratio;
  }

  ScratchDatabase file_;
  std::optional<SqliteDatabase> database_;
};

TEST_F(Loading, ReverseMapsLeadBack) {
  database_->execute(
      "INSERT INTO placement_aggregates (id, uuid) VALUES "
      "(3, '00000000-0000-4000-8000-00000000000a')");
  EXPECT_TRUE(load({}).rows.provider_uuids.empty());
  EXPECT_TRUE(load({}).rows.class_ids.empty());
  const auto rows = load({.reverse_maps = true}).rows;
  EXPECT_EQ(rows.providers.at(rows.provider_uuids.at(1)).id, 1);
  EXPECT_EQ(rows.aggregates.at(rows.aggregate_uuids.at(3)), std::vector<RowId>{3});
  EXPECT_EQ(rows.last_aggregate, 3);
  EXPECT_EQ(rows.classes.at(static_cast<std::size_t>(rows.class_ids.at(2))), 2);
  EXPECT_EQ(rows.traits.at(static_cast<std::size_t>(rows.trait_ids.at(7))), 7);
}

TEST_F(Loading, AnExactRatioCountsAsLongAsTheColumnReadsAsStored) {
  database_->execute(
      "CREATE TABLE emplace_exact_ratios (resource_provider_id INT, resource_class_id INT, "
      "stored VARCHAR(32), exact DOUBLE);"
      "INSERT INTO emplace_exact_ratios VALUES (1, 0, '1.5', 1.4999999), (77, 0, '1.5', 2.0)");
  EXPECT_EQ(ratio(load({})), 1.5);
  const LoadOptions options{.has_exact_ratios = true};
  EXPECT_EQ(ratio(load(options)), 1.4999999);
  database_->execute("UPDATE inventories SET allocation_ratio = 1.75");
  EXPECT_EQ(ratio(load(options)), 1.75);
  // The rows are there all the same.
  const std::set<std::pair<RowId, RowId>> both{{1, 0}, {77, 0}};
  EXPECT_EQ(load(options).rows.exact_ratios, both);
}

TEST_F(Loading, WhatOthersLeaveIncompleteIsShownOrToBeMended) {
  database_->execute(
      "UPDATE resource_providers SET root_provider_id = NULL;"
      "INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used, "
      "created_at) VALUES (1, 'AAAAAAAA-0000-4000-8000-000000000000', 0, 1, NULL), "
      "(1, 'aaaaaaaa-0000-4000-8000-000000000000', 0, 2, '2026-01-01 00:00:00')");
  EXPECT_TRUE(load({}).to_be_mended);
  EXPECT_EQ(load({}).world.consumer_count(), 0u);

  std::string reports;
  const auto loaded =
      load({.incomplete_owner = {.project_id = "p", .user_id = "u"},
            .report = [&](const std::string& sentence) { reports += sentence + "\n"; },
            .shows_incomplete = true});
  EXPECT_FALSE(loaded.to_be_mended);
  EXPECT_EQ(loaded.rows.rowless_consumers.size(), 2u);
  const auto plain = *Uuid::parse("aaaaaaaa-0000-4000-8000-000000000000");
  EXPECT_THAT(describe_consumer(loaded.world, plain), HasSubstr("project 'p' user 'u' type none"));
  EXPECT_EQ(loaded.world.find_consumer(plain)->allocations.at(0).used, 2);
  EXPECT_EQ(loaded.world.find_consumer(plain)->updated_at, Time(std::chrono::seconds(1767225600)));
  const auto odd = derived_uuid("AAAAAAAA-0000-4000-8000-000000000000");
  EXPECT_EQ(loaded.rows.consumer_spellings.at(odd), "AAAAAAAA-0000-4000-8000-000000000000");
  EXPECT_TRUE(loaded.rows.contested.contains(plain));
  EXPECT_THAT(reports, HasSubstr("2 consumers have allocations, but no row"));
  EXPECT_EQ((*loaded.world.find_provider_by_name("cn1"))->inventories.at(0).used, 3);
}

TEST_F(Loading, ACircleIsCutAtItsFirstRow) {
  database_->execute(
      "INSERT INTO resource_providers (id, uuid, name, parent_provider_id) VALUES "
      "(2, '00000000-0000-4000-8000-000000000002', 'below', 4), "
      "(3, '00000000-0000-4000-8000-000000000003', 'first', 5), "
      "(4, '00000000-0000-4000-8000-000000000004', 'second', 3), "
      "(5, '00000000-0000-4000-8000-000000000005', 'third', 4), "
      "(6, '00000000-0000-4000-8000-000000000006', 'lost', 66)");
  const auto loaded = load({});
  EXPECT_EQ(loaded.world.find_provider_by_name("below")->root().name, "first");
  EXPECT_EQ(loaded.rows.cut_parents, (std::map<RowId, RowId>{{3, 5}, {6, 66}}));
}

}  // namespace
}  // namespace emplace::store
