#include "store/sqlite_store.h"

#include <csignal>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "model/world_text.h"
#include "store/sqlite_database.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

Time at(int second) {
  return Time(std::chrono::seconds(1'700'000'000 + second));
}

// A store with a World, written to step by step. After each step it is closed and opened again, and
// what it then loads must be the World that was committed.
class RoundTrip : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_.reset();
    store_ = open_sqlite({.path = file_.path()});
    world_ = store_->load();
  }

  void commit(std::vector<Change> changes) {
    const ChangeSet set{.at = at(++seconds_), .changes = std::move(changes)};
    const World after = world_.with(set);
    store_->commit({Step{&set, &world_, &after}});
    const auto expected = describe_world(after);
    open();
    EXPECT_EQ(describe_world(world_), expected);
  }

  SqliteDatabase raw() {
    store_.reset();
    return SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write);
  }

  ClassId class_id(std::string_view name) const { return *world_.find_class(name); }
  TraitId trait_id(std::string_view name) const { return *world_.find_trait(name); }
  std::string provider(std::string_view name) const {
    return describe_provider(world_, uuid_of(name));
  }

  ScratchDatabase file_;
  std::unique_ptr<Store> store_;
  World world_;
  int seconds_ = 0;
  const Uuid cn1 = uuid_of("cn1"), cn2 = uuid_of("cn2"), numa = uuid_of("numa"),
             gpu = uuid_of("gpu"), vm = uuid_of("vm"), rack = uuid_of("rack");
};

TEST_F(RoundTrip, AFreshDatabaseHasTheStandardNames) {
  EXPECT_EQ(world_.class_ids().size(), 21u);
  EXPECT_EQ(world_.trait_ids().size(), 377u);
  EXPECT_TRUE(world_.find_class("NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC"));
  EXPECT_TRUE(world_.sharing_trait());
  EXPECT_NE(world_.resource_class(class_id("VCPU")).updated_at, Time{});
  auto database = raw();
  EXPECT_EQ(database.integer("SELECT id FROM resource_classes WHERE name = 'VCPU'"), 0);
  EXPECT_EQ(database.integer("SELECT id FROM resource_classes WHERE name = 'PGPU'"), 17);
  EXPECT_EQ(database.integer("SELECT count(*) FROM traits WHERE created_at IS NULL"), 0);
}

TEST_F(RoundTrip, ATimeOfRemovedAggregatesOutlivesThem) {
  commit({CreateProvider{cn1, "cn1", {}}});
  commit({ChangeAggregates{cn1, {rack}, {}}});
  commit({ChangeAggregates{cn1, {}, {rack}}});
  EXPECT_EQ((*world_.find_provider(cn1))->aggregates_updated_at, at(seconds_));
}

TEST_F(RoundTrip, ProvidersComeGoAndMove) {
  commit({CreateProvider{cn1, "cn1", {}}, CreateProvider{numa, "numa", cn1},
          CreateProvider{gpu, "gpu", numa}, CreateProvider{cn2, "cn2 ' \"é", {}}});
  EXPECT_EQ(world_.find_provider(gpu)->root().uuid, cn1);
  commit({UpdateProvider{cn2, "renamed", {}}});
  commit({UpdateProvider{numa, "numa", cn2}});
  EXPECT_EQ(world_.find_provider(gpu)->root().uuid, cn2);
  EXPECT_EQ((*world_.find_provider(gpu))->updated_at, at(seconds_));
  commit({UpdateProvider{numa, "numa", {}}});
  {
    auto database = raw();
    EXPECT_EQ(
        database.integer("SELECT count(*) FROM resource_providers AS child "
                         "JOIN resource_providers AS root ON root.id = child.root_provider_id "
                         "WHERE root.name = 'numa' AND child.name IN ('numa', 'gpu')"),
        2);
    EXPECT_EQ(database.integer("SELECT count(*) FROM resource_providers "
                               "WHERE parent_provider_id IS NULL"),
              3);
  }
  open();
  commit({DeleteProvider{gpu}});
  commit({DeleteProvider{numa}, DeleteProvider{cn1}});
  EXPECT_EQ(world_.provider_count(), 1u);
}

TEST_F(RoundTrip, AProviderMadeInTheStepThatMovesItsParentHasTheNewRoot) {
  commit({CreateProvider{cn1, "cn1", {}}, CreateProvider{cn2, "cn2", {}}});
  commit({UpdateProvider{cn1, "cn1", cn2}, CreateProvider{numa, "numa", cn1}});
  auto database = raw();
  EXPECT_EQ(database.integer("SELECT count(*) FROM resource_providers WHERE root_provider_id = "
                             "(SELECT id FROM resource_providers WHERE name = 'cn2')"),
            3);
}

TEST_F(RoundTrip, ADeletedProviderLeavesNoRows) {
  commit({CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, class_id("VCPU"), {.total = 8}},
          ChangeTraits{cn1, {trait_id("HW_CPU_X86_AVX2")}, {}}, ChangeAggregates{cn1, {rack}, {}}});
  commit({DeleteProvider{cn1}});
  auto database = raw();
  for (const auto* table : {"resource_providers", "inventories", "resource_provider_traits",
                            "resource_provider_aggregates"}) {
    EXPECT_EQ(database.integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST_F(RoundTrip, InventoriesAndGenerations) {
  commit({CreateProvider{cn1, "cn1", {}}});
  commit({PutInventory{cn1,
                       class_id("VCPU"),
                       {.total = 8,
                        .reserved = 1,
                        .min_unit = 2,
                        .max_unit = 6,
                        .step_size = 2,
                        .allocation_ratio = 1.1}},
          PutInventory{cn1, class_id("DISK_GB"), {.total = 2147483647}}, SetGeneration{cn1, 0, 1}});
  EXPECT_THAT(provider("cn1"), HasSubstr("VCPU=8/1/2/6/2/1.1"));
  commit({PutInventory{cn1, class_id("VCPU"), {.total = 16}}, SetGeneration{cn1, 1, 2}});
  commit({DeleteInventory{cn1, class_id("DISK_GB")}, SetGeneration{cn1, 2, 3}});
  EXPECT_EQ((*world_.find_provider(cn1))->generation, 3);
}

TEST_F(RoundTrip, TraitsAndAggregates) {
  commit({CreateProvider{cn1, "cn1", {}}, CreateProvider{cn2, "cn2", {}}});
  commit({CreateTrait{"CUSTOM_GOLD"}});
  commit({ChangeTraits{cn1, {trait_id("HW_CPU_X86_AVX2"), trait_id("CUSTOM_GOLD")}, {}},
          ChangeAggregates{cn1, {rack, uuid_of("row")}, {}}, ChangeAggregates{cn2, {rack}, {}}});
  EXPECT_EQ(world_.trees_with(*world_.find_aggregate(rack)).count(), 2u);
  commit({ChangeTraits{cn1, {}, {trait_id("CUSTOM_GOLD")}}, ChangeAggregates{cn1, {}, {rack}},
          SetGeneration{cn1, 0, 1}});
  commit({DeleteTrait{trait_id("CUSTOM_GOLD")}});
  EXPECT_FALSE(world_.find_trait("CUSTOM_GOLD"));
}

TEST_F(RoundTrip, ClassesOfUsersHaveIdsFromTenThousand) {
  commit({CreateClass{"CUSTOM_A"}, CreateClass{"CUSTOM_B"}});
  commit({RenameClass{class_id("CUSTOM_A"), "CUSTOM_C"}});
  commit({DeleteClass{class_id("CUSTOM_B")}});
  commit({CreateClass{"CUSTOM_D"}, CreateProvider{cn1, "cn1", {}}});
  commit({PutInventory{cn1, class_id("CUSTOM_C"), {.total = 1}}});
  auto database = raw();
  EXPECT_EQ(database.integer("SELECT id FROM resource_classes WHERE name = 'CUSTOM_C'"), 10000);
  EXPECT_EQ(database.integer("SELECT id FROM resource_classes WHERE name = 'CUSTOM_D'"), 10001);
}

TEST_F(RoundTrip, NamesMadeInAStepCanBeUsedInIt) {
  const auto next_class = static_cast<ClassId>(world_.class_ids().size());
  const auto next_trait = static_cast<TraitId>(world_.trait_ids().size());
  commit({CreateClass{"CUSTOM_A"}, CreateTrait{"CUSTOM_T"}, CreateProvider{cn1, "cn1", {}},
          PutInventory{cn1, next_class, {.total = 1}}, ChangeTraits{cn1, {next_trait}, {}}});
  EXPECT_THAT(provider("cn1"), HasSubstr("CUSTOM_A=1"));
  EXPECT_THAT(provider("cn1"), HasSubstr("traits CUSTOM_T"));
}

TEST_F(RoundTrip, ConsumersAndAllocations) {
  commit({CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, class_id("VCPU"), {.total = 8}},
          CreateProvider{cn2, "cn2", {}}, PutInventory{cn2, class_id("DISK_GB"), {.total = 8}}});
  commit({PutConsumer{vm, "project", "user", "INSTANCE", 1},
          ReplaceAllocations{vm, {{cn2, class_id("DISK_GB"), 5}, {cn1, class_id("VCPU"), 2}}},
          SetGeneration{cn1, 0, 1}, SetGeneration{cn2, 0, 1}});
  EXPECT_THAT(provider("cn1"), HasSubstr("used 2"));
  commit({PutConsumer{vm, "project", "user", "INSTANCE", 2},
          ReplaceAllocations{vm, {{cn1, class_id("VCPU"), 3}}}, SetGeneration{cn1, 1, 2}});
  EXPECT_FALSE((*world_.find_provider(cn2))->in_use());
  commit({PutConsumer{vm, "another project", "another user", std::nullopt, 3}});
  commit({PutConsumer{vm, "another project", "another user", "MIGRATION", 4}});
  commit({DeleteConsumer{vm}, PutConsumer{vm, "another project", "another user", "MIGRATION", 0},
          ReplaceAllocations{vm, {{cn1, class_id("VCPU"), 1}}}});
  commit({DeleteConsumer{vm}});
  auto database = raw();
  EXPECT_EQ(database.integer("SELECT count(*) FROM consumers"), 0);
  EXPECT_EQ(database.integer("SELECT count(*) FROM allocations"), 0);
  EXPECT_EQ(database.integer("SELECT count(*) FROM projects"), 2);
  EXPECT_EQ(database.text("SELECT created_at FROM projects ORDER BY id"),
            "2023-11-14 22:13:22.000000");
}

TEST_F(RoundTrip, ABatchIsWrittenWholeOrNotAtAll) {
  commit({CreateProvider{cn1, "cn1", {}}});
  const ChangeSet good{.at = at(50), .changes = {CreateProvider{cn2, "cn2", {}}}};
  const ChangeSet bad{.at = at(50), .changes = {SetGeneration{cn1, 7, 8}}};
  const World middle = world_.with(good), after = middle.with(bad);
  EXPECT_THROW(store_->commit({Step{&good, &world_, &middle}, Step{&bad, &middle, &after}}),
               StoreError);
  // It must be loaded again first; then it works as before.
  EXPECT_THROW(store_->commit({Step{&good, &world_, &middle}}), StoreError);
  world_ = store_->load();
  EXPECT_FALSE(world_.find_provider(cn2));
  commit({CreateProvider{cn2, "cn2", {}}, SetGeneration{cn1, 0, 1}});
}

TEST_F(RoundTrip, StepsOfABatchBuildOnEachOther) {
  const ChangeSet first{.at = at(1), .changes = {CreateProvider{cn1, "cn1", {}}}};
  const World middle = world_.with(first);
  const ChangeSet second{.at = at(2),
                         .changes = {SetGeneration{cn1, 0, 1}, CreateProvider{numa, "numa", cn1}}};
  const World after = middle.with(second);
  store_->commit({Step{&first, &world_, &middle}, Step{&second, &middle, &after}});
  open();
  EXPECT_EQ(describe_world(world_), describe_world(after));
}

// While it lives, no file may grow beyond a size: as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(std::size_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);  // the write is to fail, not the process to end
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST_F(RoundTrip, AFullDiskLosesNothingThatWasStoredAndStoresNothingElse) {
  commit({CreateProvider{cn1, "cn1", {}}});
  const auto stored = describe_world(world_);
  ChangeSet many{.at = at(5), .changes = {}};
  for (int i = 0; i < 2000; ++i) {
    const auto name = "host" + std::to_string(i);
    many.add(CreateProvider{uuid_of(name), name, {}});
  }
  const World after = world_.with(many);
  {
    const FullDisk full(64 << 10);
    EXPECT_THROW(store_->commit({Step{&many, &world_, &after}}), StoreError);
    // Whether it can be read before there is room again is not said; but it must not be wrong.
    try {
      EXPECT_EQ(describe_world(store_->load()), stored);
    } catch (const StoreError&) {
    }
  }
  world_ = store_->load();
  EXPECT_EQ(describe_world(world_), stored);
  commit(many.changes);
  EXPECT_EQ(world_.provider_count(), 2001u);
}

}  // namespace
}  // namespace emplace::store
