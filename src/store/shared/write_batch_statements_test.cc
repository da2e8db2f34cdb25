// How much a batch says to a database, and what is said to MariaDB alone.
#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/shared/testing_batch.h"

namespace emplace::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr Time now{std::chrono::seconds(1'795'383'482)};

std::vector<BatchWriter::Expected> clock_and_log(const Touched& touched) {
  return {
      {{"UPDATE emplace_clock SET tick = ? WHERE id IN (?)", {std::int64_t{8}, std::int64_t{1}}},
       1},
      {{"INSERT INTO emplace_changes (tick, batch, touched) VALUES (?, ?, ?)",
        {std::int64_t{8}, "0b9e0f8e-5a0e-4f0c-9a51-0e5bd3b8c9a1", touched.text()}},
       1}};
}

// Claims on a cloud that is there, one a step.
class Claims : public testing::Test {
 protected:
  Claims() {
    state_ = file_.load();
    file_.database().execute(
        "CREATE TABLE emplace_clock (id INTEGER PRIMARY KEY, tick BIGINT);"
        "INSERT INTO emplace_clock VALUES (1, 7);"
        "CREATE TABLE emplace_changes (tick BIGINT, batch TEXT, touched TEXT)");
    ChangeSet cloud{.at = now, .changes = {}};
    for (int i = 0; i < 8; ++i) {
      const auto uuid = uuid_of("cn" + std::to_string(i));
      cloud.add(CreateProvider{uuid, "cn" + std::to_string(i), {}});
      for (const auto* name : {"VCPU", "MEMORY_MB", "DISK_GB"})
        cloud.add(PutInventory{uuid, *state_.world.find_class(name), {.total = 1000}});
      cloud.add(SetGeneration{uuid, 0, i + 1});
    }
    // The project and the user are known.
    cloud.add(PutConsumer{uuid_of("first"), "project", "user", "INSTANCE", 1});
    write(file_.connection(), {cloud});
  }

  void write(SqlConnection& connection, const std::vector<ChangeSet>& batch) {
    BatchWriter writer(connection, state_.rows);
    std::deque<World> worlds{state_.world};
    std::vector<Step> steps;
    for (const auto& changes : batch) {
      worlds.push_back(worlds.back().with(changes));
      steps.push_back({&changes, &worlds[worlds.size() - 2], &worlds.back()});
    }
    writer.write(steps, clock_and_log);
    state_.world = worlds.back();
  }

  std::vector<ChangeSet> claims(int count, const std::string& user = "user") {
    std::vector<ChangeSet> batch;
    World tip = state_.world;
    for (int i = 0; i < count; ++i) {
      changes::ConsumerClaim claim;
      claim.consumer = uuid_of("vm" + std::to_string(i));
      claim.project_id = "project";
      claim.user_id = user;
      claim.type = "INSTANCE";
      const auto provider = uuid_of("cn" + std::to_string(i));
      claim.amounts = {
          {provider, "VCPU", 2}, {provider, "MEMORY_MB", 512}, {provider, "DISK_GB", 20}};
      batch.push_back(*plan(tip, changes::Claims{{claim}, ""}, now));
      tip = tip.with(batch.back());
    }
    return batch;
  }

  SharedFile file_;
  KnownState state_;
};

TEST_F(Claims, TakeOneRoundTripAndTheStatementsOfOne) {
  for (const int count : {1, 8}) {
    ListeningConnection listening(file_.connection());
    file_.database().execute("BEGIN");
    const auto before = state_;
    write(listening, claims(count));
    file_.database().execute("ROLLBACK");
    state_.world = before.world;
    EXPECT_EQ(listening.runs, 1);
    EXPECT_THAT(
        listening.texts,
        ElementsAre(StartsWith("INSERT INTO consumers "), StartsWith("INSERT INTO allocations "),
                    StartsWith("UPDATE resource_providers SET updated_at = ?, generation"),
                    StartsWith("UPDATE emplace_clock "),
                    StartsWith("INSERT INTO emplace_changes ")));
  }
}

TEST_F(Claims, OfConsumersThatAreThereReplaceTheirAllocations) {
  write(file_.connection(), claims(8));
  ListeningConnection listening(file_.connection());
  write(listening, claims(8));
  EXPECT_EQ(listening.runs, 1);
  EXPECT_THAT(
      listening.texts,
      ElementsAre(StartsWith("DELETE FROM allocations "), StartsWith("INSERT INTO allocations "),
                  // All alike: from generation 1 to 2.
                  "UPDATE consumers SET updated_at = ?, generation = ? "
                  "WHERE uuid IN (?, ?, ?, ?, ?, ?, ?, ?)",
                  StartsWith("UPDATE resource_providers "), StartsWith("UPDATE emplace_clock "),
                  StartsWith("INSERT INTO emplace_changes ")));
}

TEST_F(Claims, OfANewUserTakeASecondRoundTrip) {
  ListeningConnection listening(file_.connection());
  write(listening, claims(8, "newcomer"));
  EXPECT_EQ(listening.runs, 2);
  EXPECT_THAT(listening.texts.front(), StartsWith("INSERT INTO users "));
  EXPECT_THAT(listening.texts, SizeIs(6));
}

// --- MariaDB ------------------------------------------------------------------------------------

TEST_F(Claims, OnMariadbAreOneRoundTripToo) {
  CredulousMariadb mariadb;
  write(mariadb, claims(8));
  ASSERT_THAT(mariadb.runs, SizeIs(1));
  ASSERT_THAT(mariadb.runs[0], SizeIs(5));
  EXPECT_THAT(mariadb.runs[0][0].values, SizeIs(8 * 6));
  EXPECT_EQ(mariadb.runs[0][0].values[0], SqlValue("2026-11-22 21:38:02"));
  EXPECT_THAT(mariadb.runs[0][1].values, SizeIs(24 * 5));
  EXPECT_THAT(mariadb.runs[0][2].text, HasSubstr("generation = CASE id WHEN ? THEN ? WHEN"));
  EXPECT_THAT(mariadb.runs[0][2].text, HasSubstr("AND coalesce(generation, 0) = CASE id WHEN"));
}

TEST_F(Claims, OnMariadbEachNewIdIsThatOfAStatement) {
  CredulousMariadb mariadb;
  const auto parent = uuid_of("parent"), child = uuid_of("child"), rack = uuid_of("rack");
  write(mariadb, {ChangeSet{.at = now,
                            .changes = {CreateProvider{parent, "parent", {}},
                                        CreateProvider{child, "child", parent},
                                        ChangeAggregates{child, {rack}, {}},
                                        PutConsumer{uuid_of("vm"), "new", "new", "NEW", 1}}}});
  ASSERT_THAT(mariadb.runs, SizeIs(2));
  std::vector<std::string> texts;
  for (const auto& each : mariadb.runs[0])
    texts.push_back(each.text);
  const std::string found = " ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)";
  const std::string provider =
      "INSERT INTO resource_providers (created_at, uuid, name, generation, root_provider_id, "
      "parent_provider_id) VALUES (?, ?, ?, ?, ?, ?)";
  EXPECT_THAT(
      texts,
      ElementsAre("INSERT INTO projects (created_at, external_id) VALUES (?, ?)" + found,
                  "INSERT INTO users (created_at, external_id) VALUES (?, ?)" + found,
                  "INSERT INTO consumer_types (created_at, name) VALUES (?, ?)" + found,
                  "INSERT INTO placement_aggregates (created_at, uuid) VALUES (?, ?)" + found,
                  provider, provider));
  EXPECT_EQ(state_.rows.projects.at("new"), 1001);
  EXPECT_EQ(state_.rows.aggregates.at(rack), std::vector<RowId>{1004});
  EXPECT_EQ(state_.rows.providers.at(parent), (ProviderRow{1005, 1005}));
  EXPECT_EQ(state_.rows.providers.at(child), (ProviderRow{1006, 1005}));
}

// InnoDB deletes no row that names itself as its root.
TEST_F(Claims, OnMariadbARootLetsGoOfItselfBeforeItGoes) {
  CredulousMariadb mariadb;
  write(mariadb, {ChangeSet{.at = now, .changes = {DeleteProvider{uuid_of("cn7")}}}});
  std::vector<std::string> texts;
  for (const auto& each : mariadb.runs.at(0))
    texts.push_back(each.text);
  EXPECT_THAT(texts, ElementsAre("DELETE FROM inventories WHERE resource_provider_id IN (?)",
                                 StartsWith("DELETE FROM resource_provider_traits "),
                                 StartsWith("DELETE FROM resource_provider_aggregates "),
                                 "UPDATE resource_providers SET updated_at = ?, "
                                 "parent_provider_id = ?, root_provider_id = ? WHERE id IN (?)",
                                 "DELETE FROM resource_providers WHERE id IN (?)",
                                 StartsWith("UPDATE emplace_clock "),
                                 StartsWith("INSERT INTO emplace_changes ")));
}

class ExactRatios : public Claims {
 protected:
  // The statements about exact ratios that follow from one more ratio for cn0.
  std::vector<SqlStatement> put(double ratio) {
    return send(PutInventory{cn0_, vcpu_, {.total = 1000, .allocation_ratio = ratio}});
  }
  std::vector<SqlStatement> send(const Change& change) {
    CredulousMariadb mariadb;
    write(mariadb, {ChangeSet{.at = now, .changes = {change}}});
    std::vector<SqlStatement> all;
    for (const auto& each : mariadb.runs.at(0))
      if (each.text.find("exact_ratios") != std::string::npos) all.push_back(each);
    return all;
  }

  const Uuid cn0_ = uuid_of("cn0");
  const ClassId vcpu_ = *state_.world.find_class("VCPU");
  const std::pair<RowId, RowId> key_{state_.rows.providers.at(cn0_).id, 0};
};

TEST_F(ExactRatios, AreKeptWhereTheColumnCannot) {
  EXPECT_THAT(put(1.1), IsEmpty());
  EXPECT_THAT(state_.rows.exact_ratios, IsEmpty());
  const auto put_exactly = put(1.0 / 3);
  ASSERT_THAT(put_exactly, SizeIs(1));
  EXPECT_EQ(put_exactly[0].text,
            "INSERT INTO emplace_exact_ratios (resource_provider_id, resource_class_id, stored, "
            "exact) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE stored = VALUES(stored), exact = "
            "VALUES(exact)");
  EXPECT_THAT(put_exactly[0].values, ElementsAre(SqlValue(key_.first), SqlValue(key_.second),
                                                 SqlValue("0.333333"), SqlValue(1.0 / 3)));
  EXPECT_THAT(state_.rows.exact_ratios, ElementsAre(key_));
  EXPECT_THAT(put(1.0 / 3), IsEmpty());
  EXPECT_THAT(put(1.0 / 7), SizeIs(1));
}

TEST_F(ExactRatios, GoWhenTheColumnCan) {
  put(1.0 / 3);
  const auto gone = put(2.5);
  ASSERT_THAT(gone, SizeIs(1));
  EXPECT_EQ(gone[0].text,
            "DELETE FROM emplace_exact_ratios WHERE (resource_provider_id = ? AND "
            "resource_class_id IN (?))");
  EXPECT_THAT(state_.rows.exact_ratios, IsEmpty());
}

TEST_F(ExactRatios, GoWithTheInventoryAndWithTheProvider) {
  put(1.0 / 3);
  EXPECT_THAT(send(DeleteInventory{cn0_, vcpu_}), SizeIs(1));
  EXPECT_THAT(state_.rows.exact_ratios, IsEmpty());
  put(1.0 / 3);
  EXPECT_THAT(send(DeleteProvider{cn0_}), SizeIs(1));
  EXPECT_THAT(state_.rows.exact_ratios, IsEmpty());
}

TEST_F(ExactRatios, AreNotForOtherDatabases) {
  write(file_.connection(),
        {ChangeSet{
            .at = now,
            .changes = {PutInventory{cn0_, vcpu_, {.total = 1000, .allocation_ratio = 1.0 / 3}}}}});
  EXPECT_THAT(state_.rows.exact_ratios, IsEmpty());
}

}  // namespace
}  // namespace emplace::store
