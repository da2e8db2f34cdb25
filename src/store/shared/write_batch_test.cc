#include "store/shared/write_batch.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/shared/testing_batch.h"

namespace emplace::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Time at(int second) {
  return Time(std::chrono::seconds(1'700'000'000 + second));
}

// A shared database, written to batch by batch. After each, what is loaded must be the World that
// was to be written, and Rows those of loading.
class WriteBatch : public testing::Test {
 protected:
  // Each element is a step.
  std::string write(const std::vector<std::vector<Change>>& batch) {
    make_steps(batch);
    const auto before = state_.rows;
    listening_.runs = 0;
    listening_.texts.clear();
    file_.database().execute("BEGIN");
    const auto touched = writer_.write(steps_, [](const Touched&) { return nothing_more; });
    file_.database().execute("ROLLBACK");
    writer_.undo();
    EXPECT_EQ(state_.rows, before) << "undo()";
    listening_.runs = 0;
    listening_.texts.clear();
    file_.database().execute("BEGIN");
    EXPECT_EQ(writer_.write(steps_, [](const Touched&) { return nothing_more; }).text(),
              touched.text());
    file_.database().execute("COMMIT");
    writer_.keep();
    state_.world = worlds_.back();
    const auto found = file_.load();
    EXPECT_EQ(describe_exactly(found.world), describe_exactly(state_.world));
    EXPECT_EQ(describe_rows(found.world, found.rows), describe_rows(state_.world, state_.rows));
    return touched.text();
  }

  void make_steps(const std::vector<std::vector<Change>>& batch) {
    ++seconds_;
    changes_.clear();
    worlds_ = {state_.world};
    steps_.clear();
    for (const auto& changes : batch) {
      changes_.push_back({.at = at(seconds_), .changes = changes});
      worlds_.push_back(worlds_.back().with(changes_.back()));
      steps_.push_back({&changes_.back(), &worlds_[worlds_.size() - 2], &worlds_.back()});
    }
  }

  std::int64_t integer(const std::string& sql) { return file_.database().integer(sql); }
  ClassId class_id(std::string_view name) const { return *state_.world.find_class(name); }
  TraitId trait_id(std::string_view name) const { return *state_.world.find_trait(name); }
  std::string row(const Uuid& provider) const {
    return std::to_string(state_.rows.providers.at(provider).id);
  }

  static inline const std::vector<BatchWriter::Expected> nothing_more;
  SharedFile file_;
  KnownState state_ = file_.load();
  ListeningConnection listening_{file_.connection()};
  BatchWriter writer_{listening_, state_.rows};
  std::deque<ChangeSet> changes_;
  std::deque<World> worlds_;
  std::vector<Step> steps_;
  int seconds_ = 0;
  const Uuid cn1 = uuid_of("cn1"), cn2 = uuid_of("cn2"), numa = uuid_of("numa"),
             gpu = uuid_of("gpu"), vm = uuid_of("vm"), rack = uuid_of("rack"),
             row_of_racks = uuid_of("row");
  const ClassId vcpu = *state_.world.find_class("VCPU"), disk = *state_.world.find_class("DISK_GB");
  const TraitId avx = *state_.world.find_trait("HW_CPU_X86_AVX2");
};

TEST_F(WriteBatch, ProvidersComeGoAndMove) {
  EXPECT_EQ(write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{numa, "numa", cn1},
                    CreateProvider{gpu, "gpu", numa}, CreateProvider{cn2, "cn2 ' \"é?", {}}}}),
            "P1 P2 P3 P4");
  EXPECT_EQ(write({{UpdateProvider{cn2, "renamed", {}}}}), "P" + row(cn2));
  EXPECT_EQ(write({{UpdateProvider{numa, "numa", cn2}}}), "P" + row(numa) + " P" + row(gpu));
  EXPECT_EQ(integer("SELECT count(*) FROM resource_providers WHERE root_provider_id = " + row(cn2)),
            3);
  write({{UpdateProvider{numa, "new root", {}}}});
  EXPECT_EQ(write({{DeleteProvider{gpu}}}), "P3");
  EXPECT_EQ(write({{DeleteProvider{numa}, DeleteProvider{cn1}}}), "P1 P2");
  EXPECT_EQ(integer("SELECT count(*) FROM resource_providers"), 1);
}

TEST_F(WriteBatch, AProviderGetsAllItsRowsAndLeavesNone) {
  const std::string all =
      write({{CreateProvider{cn1, "cn1", {}, CreatedBy{"project", "' ?"}},
              PutInventory{cn1, vcpu, {.total = 8}}, ChangeTraits{cn1, {avx}, {}},
              ChangeAggregates{cn1, {rack}, {}}, SetGeneration{cn1, 0, 3}}});
  EXPECT_EQ(all, "P1 I1 T1 A1 O1");
  EXPECT_EQ(integer("SELECT count(*) FROM emplace_provider_owners WHERE user_id = ''' ?'"), 1);
  EXPECT_EQ(write({{DeleteProvider{cn1}}}), all);
  for (const auto* table : {"resource_providers", "inventories", "resource_provider_traits",
                            "resource_provider_aggregates", "emplace_provider_owners"}) {
    EXPECT_EQ(integer(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST_F(WriteBatch, GenerationsInventoriesTraitsAndAggregates) {
  write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{cn2, "cn2", {}}}});
  EXPECT_EQ(write({{PutInventory{cn1, vcpu, {.total = 8, .allocation_ratio = 1.1}},
                    PutInventory{cn1, disk, {.total = 2147483647}}, SetGeneration{cn1, 0, 1}},
                   {PutInventory{cn2, vcpu, {.total = 4}}, SetGeneration{cn2, 0, 7}}}),
            "P1 P2 I1 I2");
  EXPECT_EQ(write({{PutInventory{cn1, vcpu, {.total = 16, .reserved = 2, .max_unit = 3}},
                    PutInventory{cn2, vcpu, {.total = 5}}, DeleteInventory{cn1, disk}}}),
            "P1 I1 I2");
  EXPECT_EQ(write({{PutInventory{cn2, vcpu, {.total = 5}}}}), "I2") << "its time alone";
  EXPECT_EQ(write({{CreateTrait{"CUSTOM_GOLD"}}}), "t378");
  EXPECT_EQ(
      write({{ChangeTraits{cn1, {avx, trait_id("CUSTOM_GOLD")}, {}},
              ChangeAggregates{cn1, {rack, row_of_racks}, {}}, ChangeAggregates{cn2, {rack}, {}}}}),
      "T1 A1 A2");
  EXPECT_EQ(write({{ChangeTraits{cn1, {}, {avx}}}, {ChangeAggregates{cn1, {}, {rack}}}}),
            "P1 T1 A1")
      << "the time of what went is that of the provider";
  EXPECT_EQ(integer("SELECT count(*) FROM resource_provider_aggregates"), 2);
  EXPECT_EQ(integer("SELECT count(*) FROM placement_aggregates"), 2);
}

TEST_F(WriteBatch, AGenerationThatIsNotAsItWasIsAnError) {
  write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{cn2, "cn2", {}}}});
  file_.database().execute("UPDATE resource_providers SET generation = 5 WHERE name = 'cn2'");
  make_steps({{SetGeneration{cn1, 0, 1}, SetGeneration{cn2, 0, 1}}});
  const auto before = state_.rows;
  try {
    writer_.write(steps_, [](const Touched&) { return nothing_more; });
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("was changed by somebody else: one of the resource "
                                        "providers "));
    EXPECT_THAT(error.what(), HasSubstr(cn2.str()));
    EXPECT_THAT(error.what(), HasSubstr("is not there, or not as it was."));
  }
  writer_.undo();
  EXPECT_EQ(state_.rows, before);
}

TEST_F(WriteBatch, ARowThatIsNotThereIsAnError) {
  write({{CreateTrait{"CUSTOM_T"}, CreateClass{"CUSTOM_C"}, CreateProvider{cn1, "cn1", {}},
          PutInventory{cn1, vcpu, {.total = 8}}, ChangeTraits{cn1, {avx}, {}},
          PutConsumer{vm, "project", "user", {}, 1}}});
  for (const auto* table : {"traits", "resource_classes", "resource_providers", "inventories",
                            "resource_provider_traits", "consumers"}) {
    file_.database().execute(std::string("DELETE FROM ") + table);
  }
  const std::vector<Change> all{DeleteTrait{trait_id("CUSTOM_T")},
                                DeleteClass{class_id("CUSTOM_C")},
                                RenameClass{class_id("CUSTOM_C"), "CUSTOM_D"},
                                UpdateProvider{cn1, "renamed", {}},
                                SetGeneration{cn1, 0, 1},
                                DeleteInventory{cn1, vcpu},
                                PutInventory{cn1, vcpu, {.total = 9}},
                                ChangeTraits{cn1, {}, {avx}},
                                DeleteProvider{cn1},
                                PutConsumer{vm, "project", "user", {}, 2},
                                DeleteConsumer{vm}};
  for (const auto& change : all) {
    make_steps({{change}});
    EXPECT_THROW(writer_.write(steps_, [](const Touched&) { return nothing_more; }), StoreError)
        << change.index();
    writer_.undo();
  }
}

TEST_F(WriteBatch, WhatFollowsIsCheckedToo) {
  make_steps({{CreateTrait{"CUSTOM_T"}}});
  const auto fault_of = [&](std::int64_t rows) -> std::string {
    const BatchWriter::Expected delete_all{{"DELETE FROM traits WHERE name = ?", {"CUSTOM_T"}},
                                           rows};
    try {
      writer_.write(steps_, [&](const Touched&) { return std::vector{delete_all}; });
    } catch (const StoreError& error) {
      writer_.undo();
      return error.what();
    }
    writer_.undo();
    return "";
  };
  EXPECT_EQ(fault_of(1), "");
  EXPECT_THAT(fault_of(0), HasSubstr("the clock, or the log of changes,"));
  EXPECT_THAT(fault_of(2), HasSubstr("the clock, or the log of changes,"));
}

TEST_F(WriteBatch, NamesComeGoAndChange) {
  EXPECT_EQ(write({{CreateClass{"CUSTOM_A"}, CreateClass{"CUSTOM_B"}}}), "c10000 c10001");
  EXPECT_EQ(write({{RenameClass{class_id("CUSTOM_A"), "CUSTOM_C"}}}), "c10000");
  EXPECT_EQ(write({{DeleteClass{class_id("CUSTOM_B")}, CreateClass{"CUSTOM_B"}}}), "c10001 c10002");
  EXPECT_EQ(write({{RenameClass{class_id("CUSTOM_C"), "CUSTOM_D"}, CreateClass{"CUSTOM_C"}}}),
            "c10000 c10003");
  EXPECT_EQ(write({{RenameClass{class_id("CUSTOM_C"), "CUSTOM_X"}},
                   {RenameClass{class_id("CUSTOM_C"), "CUSTOM_C"}}}),
            "c10003")
      << "its time alone";
  const auto next_class = static_cast<ClassId>(state_.rows.classes.size());
  EXPECT_EQ(
      write({{CreateClass{"CUSTOM_E"}}, {DeleteClass{next_class}}, {CreateClass{"CUSTOM_F"}}}),
      "c10004");
  EXPECT_EQ(integer("SELECT count(*) FROM resource_classes WHERE id >= 10000"), 4);
}

TEST_F(WriteBatch, NamesMadeInABatchCanBeUsedInIt) {
  const auto next_class = static_cast<ClassId>(state_.rows.classes.size());
  const auto next_trait = static_cast<TraitId>(state_.rows.traits.size());
  write({{CreateClass{"CUSTOM_GONE"}, CreateTrait{"CUSTOM_GONE"}},
         {DeleteClass{next_class}, DeleteTrait{next_trait}},
         {CreateClass{"CUSTOM_A"}, CreateTrait{"CUSTOM_T"}, CreateProvider{cn1, "cn1", {}}},
         {PutInventory{
              cn1, static_cast<ClassId>(static_cast<unsigned>(next_class) + 1), {.total = 1}},
          ChangeTraits{cn1, {static_cast<TraitId>(static_cast<unsigned>(next_trait) + 1)}, {}}}});
  // The trait and the class that are made anew are others.
  write(
      {{ChangeTraits{cn1, {}, {trait_id("CUSTOM_T")}}, DeleteInventory{cn1, class_id("CUSTOM_A")}},
       {DeleteTrait{trait_id("CUSTOM_T")}, DeleteClass{class_id("CUSTOM_A")}},
       {CreateTrait{"CUSTOM_T"}, CreateClass{"CUSTOM_A"}},
       {ChangeTraits{cn1, {static_cast<TraitId>(static_cast<unsigned>(next_trait) + 2)}, {}},
        PutInventory{
            cn1, static_cast<ClassId>(static_cast<unsigned>(next_class) + 2), {.total = 2}}}});
  EXPECT_THAT(describe_provider(state_.world, cn1), HasSubstr("CUSTOM_A=2"));
}

TEST_F(WriteBatch, ConsumersAndAllocations) {
  write({{CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, vcpu, {.total = 8}},
          CreateProvider{cn2, "cn2", {}}, PutInventory{cn2, disk, {.total = 8}}}});
  const auto touched = write({{PutConsumer{vm, "project", "user", "INSTANCE", 1},
                               ReplaceAllocations{vm, {{cn2, disk, 5}, {cn1, vcpu, 2}}},
                               SetGeneration{cn1, 0, 1}, SetGeneration{cn2, 0, 1}}});
  EXPECT_EQ(touched, "P1 P2 C" + vm.str());
  EXPECT_EQ(write({{PutConsumer{vm, "project", "user", "INSTANCE", 2},
                    ReplaceAllocations{vm, {{cn1, vcpu, 3}}}, SetGeneration{cn1, 1, 2}}}),
            "P1 C" + vm.str());
  write({{PutConsumer{vm, "another project", "another user", std::nullopt, 3}}});
  write({{PutConsumer{vm, "another project", "another user", "MIGRATION", 3}}});
  write({{PutConsumer{vm, "another project", "another user", "MIGRATION", 3}}});
  write({{ReplaceAllocations{vm, {}}}});
  write({{ReplaceAllocations{vm, {{cn1, vcpu, 1}}}}});
  EXPECT_EQ(write({{DeleteConsumer{vm}},
                   {PutConsumer{vm, "project", "user", {}, 1},
                    ReplaceAllocations{vm, {{cn1, vcpu, 1}}}}}),
            "C" + vm.str());
  EXPECT_EQ(write({{DeleteConsumer{vm}}}), "C" + vm.str());
  EXPECT_EQ(integer("SELECT count(*) FROM consumers"), 0);
  EXPECT_EQ(integer("SELECT count(*) FROM allocations"), 0);
  EXPECT_EQ(integer("SELECT count(*) FROM projects"), 2);
}

TEST_F(WriteBatch, ConsumersAreFoundAsTheirRowsSpellThem) {
  write({{CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, vcpu, {.total = 8}},
          PutConsumer{vm, "project", "user", {}, 1}, ReplaceAllocations{vm, {{cn1, vcpu, 1}}}}});
  file_.database().execute(
      "UPDATE consumers SET uuid = upper(uuid);"
      "UPDATE allocations SET consumer_id = upper(consumer_id)");
  state_ = file_.load();
  const auto spelling = state_.rows.consumer_spellings.at(vm);
  EXPECT_NE(spelling, vm.str());
  EXPECT_EQ(write({{PutConsumer{vm, "project", "user", {}, 2},
                    ReplaceAllocations{vm, {{cn1, vcpu, 2}}}}}),
            "C" + spelling);
  EXPECT_EQ(write({{DeleteConsumer{vm}}}), "C" + spelling);
  EXPECT_THAT(state_.rows.consumer_spellings, IsEmpty());
  EXPECT_EQ(integer("SELECT count(*) FROM allocations"), 0);
}

TEST_F(WriteBatch, ConsumersWithoutRowGetOneOrGo) {
  write({{CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, vcpu, {.total = 8}}}});
  const auto lose_row = [&] {
    write({{PutConsumer{vm, "project", "user", "INSTANCE", 1},
            ReplaceAllocations{vm, {{cn1, vcpu, 1}}}}});
    file_.database().execute("DELETE FROM consumers");
    state_ = file_.load();
    ASSERT_THAT(state_.rows.rowless_consumers, ElementsAre(vm));
  };
  lose_row();
  write({{PutConsumer{vm, "project", "user", "INSTANCE", 1},
          ReplaceAllocations{vm, {{cn1, vcpu, 2}}}}});
  EXPECT_THAT(state_.rows.rowless_consumers, IsEmpty());
  write({{PutConsumer{vm, "project", "user", "INSTANCE", 2}}});
  lose_row();
  write({{PutConsumer{vm, *state_.world.find_consumer(vm)->project_id, "user", {}, 1}}});
  lose_row();
  write({{DeleteConsumer{vm}}});
  EXPECT_THAT(state_.rows.rowless_consumers, IsEmpty());
  EXPECT_EQ(integer("SELECT count(*) FROM allocations"), 0);
}

TEST_F(WriteBatch, CirclesAndMissingParentsAreMendedOnceSomethingMoves) {
  write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{numa, "numa", cn1},
          CreateProvider{gpu, "gpu", {}}, CreateProvider{cn2, "cn2", {}}}});
  file_.database().execute(
      "UPDATE resource_providers SET parent_provider_id = 2 WHERE id = 1;"
      "UPDATE resource_providers SET parent_provider_id = 99 WHERE id = 3");
  state_ = file_.load();
  EXPECT_THAT(state_.rows.cut_parents, testing::SizeIs(2));
  EXPECT_EQ(write({{SetGeneration{cn2, 0, 1}}}), "P4");
  EXPECT_THAT(state_.rows.cut_parents, testing::SizeIs(2));
  EXPECT_EQ(write({{UpdateProvider{numa, "numa", cn2}}}), "P1 P2 P3");
  EXPECT_THAT(state_.rows.cut_parents, IsEmpty());
}

TEST_F(WriteBatch, OwnersChangeAndGo) {
  write({{CreateProvider{cn1, "cn1", {}, CreatedBy{"project", "user"}},
          CreateProvider{cn2, "cn2", {}}}});
  EXPECT_EQ(write({{SetOwner{cn1, CreatedBy{"project", "another"}}},
                   {SetOwner{cn2, CreatedBy{"p", "u"}}}}),
            "O1 O2");
  EXPECT_EQ(write({{SetOwner{cn1, std::nullopt}}}), "O1");
  EXPECT_EQ(write({{SetOwner{cn1, CreatedBy{"p", "u"}}}, {SetOwner{cn1, std::nullopt}}}), "");
  EXPECT_EQ(integer("SELECT count(*) FROM emplace_provider_owners"), 1);
}

TEST_F(WriteBatch, AnOwnerThatUpstreamLeftBehindGivesWay) {
  file_.database().execute("INSERT INTO emplace_provider_owners VALUES ('" + cn1.str() +
                           "', 77, 'old', 'old')");
  write({{CreateProvider{cn1, "cn1", {}, CreatedBy{"project", "user"}}}});
  EXPECT_EQ(integer("SELECT count(*) FROM emplace_provider_owners"), 1);
}

TEST_F(WriteBatch, TextsAndAggregatesOfOthersAreUsed) {
  file_.database().execute(
      "INSERT INTO projects (id, external_id) VALUES (7, 'project');"
      "INSERT INTO users (id, external_id) VALUES (8, 'user');"
      "INSERT INTO consumer_types (id, name) VALUES (9, 'INSTANCE');"
      "INSERT INTO placement_aggregates (id, uuid) VALUES (10, '" +
      rack.str() + "')");
  write({{CreateProvider{cn1, "cn1", {}}, ChangeAggregates{cn1, {rack}, {}},
          PutConsumer{vm, "project", "user", "INSTANCE", 1}}});
  EXPECT_EQ(integer("SELECT count(*) FROM consumers WHERE project_id = 7 AND user_id = 8 AND "
                    "consumer_type_id = 9"),
            1);
  EXPECT_EQ(state_.rows.aggregates.at(rack), std::vector<RowId>{10});
}

// --- many steps ---------------------------------------------------------------------------------

TEST_F(WriteBatch, StepsBuildOnEachOther) {
  EXPECT_EQ(write({{CreateProvider{cn1, "cn1", {}}},
                   {CreateProvider{numa, "numa", cn1}},
                   {PutInventory{numa, vcpu, {.total = 8}}, SetGeneration{numa, 0, 1}},
                   {PutConsumer{vm, "project", "user", {}, 1},
                    ReplaceAllocations{vm, {{numa, vcpu, 2}}}, SetGeneration{numa, 1, 2}}}),
            "P1 P2 I2 C" + vm.str());
  EXPECT_EQ(write({{CreateProvider{gpu, "gpu", numa}}, {UpdateProvider{numa, "numa", {}}}}),
            "P2 P3");
  EXPECT_EQ(integer("SELECT count(*) FROM resource_providers WHERE root_provider_id = 2"), 2);
}

TEST_F(WriteBatch, WhatComesAndGoesLeavesNothing) {
  EXPECT_EQ(
      write({{CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, vcpu, {.total = 8}}},
             {PutConsumer{vm, "project", "user", {}, 1}, ReplaceAllocations{vm, {{cn1, vcpu, 1}}}},
             {DeleteConsumer{vm}},
             {DeleteProvider{cn1}}}),
      "");
  EXPECT_THAT(listening_.texts, IsEmpty());
}

TEST_F(WriteBatch, WhatIsMadeAgainKeepsItsRow) {
  write({{CreateProvider{cn1, "cn1", {}, CreatedBy{"project", "user"}},
          PutInventory{cn1, vcpu, {.total = 8}}, ChangeTraits{cn1, {avx}, {}},
          SetGeneration{cn1, 0, 4}},
         {CreateProvider{cn2, "cn2", {}}}});
  EXPECT_EQ(write({{DeleteProvider{cn1}}, {CreateProvider{cn1, "anew", cn2}}}), "P1 I1 T1 O1");
  EXPECT_EQ(integer("SELECT id FROM resource_providers WHERE name = 'anew'"), 1);
}

TEST_F(WriteBatch, NamesThatAreFreedAreTaken) {
  write({{CreateProvider{cn1, "one", {}}, CreateProvider{cn2, "two", {}}}});
  write({{UpdateProvider{cn1, "other", {}}}, {CreateProvider{numa, "one", cn1}}});
  write({{DeleteProvider{cn2}}, {CreateProvider{gpu, "two", {}}}});
}

TEST_F(WriteBatch, AParentMayGoWhenItsChildrenMove) {
  // As on a server, where a row that others name cannot go.
  file_.database().execute("PRAGMA foreign_keys = ON");
  write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{numa, "numa", cn1},
          CreateProvider{gpu, "gpu", numa}}});
  write({{CreateProvider{cn2, "cn2", {}}},
         {UpdateProvider{numa, "numa", cn2}},
         {DeleteProvider{cn1}},
         {CreateProvider{cn1, "cn1", cn2}, UpdateProvider{gpu, "gpu", cn1}},
         {DeleteProvider{numa}}});
  write({{DeleteProvider{gpu}}, {DeleteProvider{cn1}}, {DeleteProvider{cn2}}});
  EXPECT_THAT(state_.rows.providers, IsEmpty());
}

TEST_F(WriteBatch, WhatMovesThereAndBackTellsTheTime) {
  write({{CreateProvider{cn1, "cn1", {}}, CreateProvider{cn2, "cn2", {}},
          CreateProvider{numa, "numa", cn1}, CreateProvider{gpu, "gpu", numa}}});
  EXPECT_EQ(write({{UpdateProvider{numa, "numa", cn2}}, {UpdateProvider{numa, "numa", cn1}}}),
            "P" + row(numa) + " P" + row(gpu));
}

TEST_F(WriteBatch, AReshapeMovesInventoryAndClaims) {
  write({{CreateProvider{cn1, "cn1", {}}, PutInventory{cn1, vcpu, {.total = 8}},
          CreateProvider{numa, "numa", cn1}},
         {PutConsumer{vm, "project", "user", {}, 1}, ReplaceAllocations{vm, {{cn1, vcpu, 2}}}}});
  EXPECT_EQ(
      write({{PutInventory{numa, vcpu, {.total = 8}}, PutConsumer{vm, "project", "user", {}, 2},
              ReplaceAllocations{vm, {{numa, vcpu, 2}}}, DeleteInventory{cn1, vcpu},
              SetGeneration{cn1, 0, 1}, SetGeneration{numa, 0, 3}}}),
      "P1 P2 I1 I2 C" + vm.str());
}

TEST_F(WriteBatch, ManyRowsTakeSeveralStatements) {
  std::vector<Change> made, changed, gone;
  for (int i = 0; i < 1200; ++i) {
    const Uuid uuid = uuid_of("host" + std::to_string(i));
    made.emplace_back(CreateProvider{uuid, "host" + std::to_string(i), {}});
    made.emplace_back(PutInventory{uuid, vcpu, {.total = 8}});
    changed.emplace_back(SetGeneration{uuid, 0, 1 + i});
    changed.emplace_back(PutInventory{uuid, vcpu, {.total = i + 1}});
    changed.emplace_back(ChangeTraits{uuid, {avx}, {}});
    gone.emplace_back(ChangeTraits{uuid, {}, {avx}});
  }
  write({made});
  write({changed});
  write({gone});
  gone.clear();
  for (int i = 0; i < 1200; ++i)
    gone.emplace_back(DeleteProvider{uuid_of("host" + std::to_string(i))});
  write({gone});
  EXPECT_EQ(integer("SELECT count(*) FROM inventories"), 0);
}

}  // namespace
}  // namespace emplace::store
