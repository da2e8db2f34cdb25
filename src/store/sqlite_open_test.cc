// What is found on opening a file: other holders, other revisions, odd data.
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/world_text.h"
#include "store/spelling.h"
#include "store/sqlite_database.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using testing::HasSubstr;

// The one sentence with which something is refused; empty if it is not.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error.what();
  }
  return {};
}

// White space as one blank, and none beside parentheses or before commas.
std::string normalised(const std::string& sql) {
  std::string text;
  for (const char c : sql) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (blank && (text.empty() || text.back() == ' ' || text.back() == '(')) continue;
    if ((c == ')' || c == ',') && !text.empty() && text.back() == ' ') text.pop_back();
    text += blank ? ' ' : c;
  }
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

// Of all tables but our own.
std::multiset<std::string> schema_of(SqliteDatabase& database) {
  std::multiset<std::string> schema;
  SqliteStatement row(database,
                      "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL "
                      "AND tbl_name NOT GLOB 'emplace_*'");
  while (row.next())
    schema.insert(normalised(std::string(row.text(0))));
  return schema;
}

std::multiset<std::string> upstream_schema() {
  const std::string here = __FILE__;
  std::ifstream file(here.substr(0, here.rfind('/')) + "/upstream_schema.txt");
  std::multiset<std::string> schema;
  for (std::string line; std::getline(file, line);)
    schema.insert(normalised(line));
  return schema;
}

class OpeningAFile : public testing::Test {
 protected:
  std::unique_ptr<Store> open(bool create = true) {
    return open_sqlite({.path = file_.path(), .create = create, .report = [this](const auto& text) {
                          reports_ += text + "\n";
                        }});
  }
  void execute(const std::string& sql) {
    SqliteDatabase(file_.path(), SqliteDatabase::Mode::create).execute(sql);
  }
  std::int64_t integer(const std::string& sql) {
    return SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write).integer(sql);
  }

  ScratchDatabase file_;
  std::string reports_;
};

TEST_F(OpeningAFile, TheTablesAreUpstreams) {
  sqlite_sync(file_.path());
  SqliteDatabase database(file_.path(), SqliteDatabase::Mode::read_write);
  const auto expected = upstream_schema();
  ASSERT_EQ(expected.size(), 25u);
  EXPECT_EQ(schema_of(database), expected);
  EXPECT_EQ(revision_of(database), "a082b8bb98d0");
  EXPECT_EQ(database.text("SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' "
                          "AND name GLOB 'emplace_*'"),
            "emplace_provider_owners");
}

TEST_F(OpeningAFile, EveryRevisionLeadsToTheNewest) {
  for (const auto& revision : upstream_revisions()) {
    ScratchDatabase file;
    sqlite_sync(file.path(), revision);
    EXPECT_EQ(sqlite_revision(file.path()), revision);
    sqlite_sync(file.path());
    sqlite_sync(file.path(), "head");
    SqliteDatabase database(file.path(), SqliteDatabase::Mode::read_write);
    EXPECT_EQ(schema_of(database), upstream_schema()) << revision;
  }
}

TEST_F(OpeningAFile, MigratingKeepsAndMendsTheRows) {
  sqlite_sync(file_.path(), "b4ed3a175331");
  execute(R"(
    INSERT INTO projects (id, external_id) VALUES (5, 'p');
    INSERT INTO users (id, external_id) VALUES (6, 'u');
    INSERT INTO consumers (created_at, id, uuid, project_id, user_id, generation)
      VALUES ('2020-01-02 03:04:05.678901', 7, '00000000-0000-4000-8000-00000000000a', 5, 6, 9);
    INSERT INTO resource_providers (id, uuid, name, generation, parent_provider_id) VALUES
      (3, '00000000-0000-4000-8000-000000000001', 'child', NULL, 4),
      (4, '00000000-0000-4000-8000-000000000002', 'root', 2, NULL);
    INSERT INTO resource_classes (id, name) VALUES (0, 'VCPU');
    INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit,
      max_unit, step_size, allocation_ratio) VALUES (3, 0, 8, 0, 1, 8, 1, 1.5);
    INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used) VALUES
      (3, '00000000-0000-4000-8000-00000000000a', 0, 2),
      (3, '00000000-0000-4000-8000-00000000000b', 0, 1),
      (3, '00000000-0000-4000-8000-00000000000b', 0, 1);)");
  EXPECT_EQ(sqlite_upgrade_check(file_.path()).providers_without_root, 2);
  EXPECT_EQ(sqlite_upgrade_check(file_.path()).incomplete_consumers, 1);
  const World world = open()->load();
  const auto child = Uuid::parse("00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(world.find_provider(*child)->root().name, "root");
  EXPECT_EQ((*world.find_provider(*child))->generation, 0);
  EXPECT_EQ((*world.find_provider(*child))->inventories.at(0).used, 4);
  const auto known = world.find_consumer(*Uuid::parse("00000000-0000-4000-8000-00000000000a"));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->generation, 9);
  EXPECT_EQ(*known->user_id, "u");
  EXPECT_EQ(known->updated_at, Time(std::chrono::seconds(1577934245)));
  const auto made = world.find_consumer(*Uuid::parse("00000000-0000-4000-8000-00000000000b"));
  ASSERT_TRUE(made);
  EXPECT_EQ(*made->project_id, "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(made->allocations.size(), 2u);
  EXPECT_EQ(integer("SELECT count(*) FROM resource_providers WHERE root_provider_id = 4"), 2);
}

TEST_F(OpeningAFile, MendingKeepsToItsLimit) {
  sqlite_sync(file_.path());
  execute(R"(
    INSERT INTO resource_providers (id, uuid, name) VALUES (1, 'a', 'a'), (2, 'b', 'b'),
      (3, 'c', 'c');
    INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used)
      VALUES (1, 'x', 0, 1), (1, 'y', 0, 1);)");
  EXPECT_EQ(sqlite_mend(file_.path(), 2).providers_without_root, 2);
  const auto second = sqlite_mend(file_.path(), 2);
  EXPECT_EQ(second.providers_without_root, 1);
  EXPECT_EQ(second.incomplete_consumers, 1);
  EXPECT_EQ(sqlite_mend(file_.path()).incomplete_consumers, 1);
  EXPECT_EQ(sqlite_mend(file_.path()).incomplete_consumers, 0);
}

TEST_F(OpeningAFile, WithoutLeaveToCreateOnlyTheNewestTablesWillDo) {
  EXPECT_THAT(refusal([&] { open(false); }), HasSubstr("does not exist"));
  execute("CREATE TABLE other (a)");
  EXPECT_THAT(refusal([&] { open(false); }), HasSubstr("has no tables yet"));
  sqlite_sync(file_.path(), "422ece571366");
  EXPECT_THAT(refusal([&] { open(false); }), HasSubstr("old revision 422ece571366"));
  sqlite_sync(file_.path());
  EXPECT_EQ(refusal([&] { open(false); }), "");
}

TEST_F(OpeningAFile, AnUnknownRevisionIsRefused) {
  sqlite_sync(file_.path());
  execute("UPDATE alembic_version SET version_num = 'fedcba987654'");
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("fedcba987654, which this version"));
  EXPECT_THAT(refusal([&] { open(false); }), HasSubstr("fedcba987654, which this version"));
  EXPECT_THAT(refusal([&] { sqlite_stamp(file_.path(), "nonsense"); }), HasSubstr("nonsense"));
  sqlite_stamp(file_.path(), "head");
  EXPECT_EQ(sqlite_revision(file_.path()), "a082b8bb98d0");
  EXPECT_THAT(refusal([&] { sqlite_sync(file_.path(), "422ece571366"); }),
              HasSubstr("no way back"));
}

TEST_F(OpeningAFile, TablesWithoutARevisionAreLeftAlone) {
  sqlite_sync(file_.path());
  execute("DROP TABLE alembic_version");
  EXPECT_THAT(refusal([&] { sqlite_sync(file_.path()); }), HasSubstr("db stamp"));
}

TEST_F(OpeningAFile, AFileThatIsNoDatabaseIsRefused) {
  std::ofstream(file_.path()) << std::string(4096, 'x');
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("is not an SQLite database"));
}

TEST_F(OpeningAFile, ASecondHolderIsRefused) {
  const auto first = open();
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("is in use by another process"));
  EXPECT_THAT(refusal([&] { sqlite_sync(file_.path()); }), HasSubstr("is in use"));
  EXPECT_THAT(refusal([&] { sqlite_revision(file_.path()); }), HasSubstr("is in use"));
}

TEST_F(OpeningAFile, ASecondProcessIsRefused) {
  open();
  int ready[2], over[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(over), 0);
  const pid_t child = fork();
  if (child == 0) {
    // The other process: holds the file until the parent closes its end.
    close(over[1]);
    const auto held = open();
    char byte = 'r';
    if (write(ready[1], &byte, 1) == 1 && read(over[0], &byte, 1) == 0) _exit(0);
    _exit(1);
  }
  close(over[0]);
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("is in use by another process"));
  close(over[1]);
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(refusal([&] { open(); }), "");
}

TEST_F(OpeningAFile, OddSpellingsAreOneConsumerEach) {
  sqlite_sync(file_.path());
  open();  // the standard classes
  execute(R"(
    INSERT INTO resource_providers (id, uuid, name, root_provider_id) VALUES
      (1, '00000000-0000-4000-8000-000000000001', 'cn1', 1);
    INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit,
      max_unit, step_size, allocation_ratio) VALUES (1, 0, 8, 0, 1, 8, 1, 1.0);
    INSERT INTO projects (id, external_id) VALUES (1, 'project');
    INSERT INTO users (id, external_id) VALUES (1, 'user');
    INSERT INTO consumers (uuid, project_id, user_id) VALUES
      ('AAAAAAAA-0000-4000-8000-000000000000', 1, 1),
      ('aaaaaaaa-0000-4000-8000-000000000000', 1, 1),
      ('------------------------------------', 1, 1),
      ('BBBBBBBB-0000-4000-8000-000000000000', 1, 1);
    INSERT INTO allocations (resource_provider_id, consumer_id, resource_class_id, used)
      SELECT 1, uuid, 0, 1 FROM consumers;)");
  auto store = open();
  World world = store->load();
  EXPECT_EQ(world.consumer_count(), 4u);
  EXPECT_EQ((*world.find_provider_by_name("cn1"))->inventories.at(0).used, 4);
  const auto upper = *Uuid::parse("bbbbbbbb-0000-4000-8000-000000000000");
  const auto junk = derived_uuid("------------------------------------");
  ASSERT_TRUE(world.find_consumer(upper));
  ASSERT_TRUE(world.find_consumer(junk));
  EXPECT_THAT(reports_, HasSubstr("The consumer BBBBBBBB"));

  const ChangeSet changes{.changes = {DeleteConsumer{junk},
                                      PutConsumer{upper, "project", "user", std::nullopt, 5},
                                      ReplaceAllocations{upper, {}}}};
  const World after = world.with(changes);
  store->commit({Step{&changes, &world, &after}});
  store.reset();
  EXPECT_EQ(integer("SELECT count(*) FROM consumers"), 3);
  EXPECT_EQ(integer("SELECT count(*) FROM allocations"), 2);
  EXPECT_EQ(integer("SELECT generation FROM consumers WHERE uuid LIKE 'BBBB%'"), 5);
  EXPECT_EQ(describe_world(open()->load()), describe_world(after));
}

TEST_F(OpeningAFile, AggregatesThatDifferOnlyInSpellingAreOne) {
  sqlite_sync(file_.path());
  execute(R"(
    INSERT INTO resource_providers (id, uuid, name, root_provider_id) VALUES
      (1, '00000000-0000-4000-8000-000000000001', 'cn1', 1);
    INSERT INTO placement_aggregates (id, uuid) VALUES
      (1, 'aaaaaaaa-0000-4000-8000-000000000000'), (2, 'AAAAAAAA00004000800000000000000'),
      (3, 'AAAAAAAA-0000-4000-8000-000000000000');
    INSERT INTO resource_provider_aggregates (resource_provider_id, aggregate_id)
      VALUES (1, 1), (1, 3);)");
  auto store = open();
  World world = store->load();
  const auto cn1 = *Uuid::parse("00000000-0000-4000-8000-000000000001");
  const auto aggregate = *Uuid::parse("aaaaaaaa-0000-4000-8000-000000000000");
  EXPECT_EQ((*world.find_provider(cn1))->aggregates.size(), 1u);
  const ChangeSet changes{.changes = {ChangeAggregates{cn1, {}, {aggregate}}}};
  const World after = world.with(changes);
  store->commit({Step{&changes, &world, &after}});
  store.reset();
  EXPECT_EQ(integer("SELECT count(*) FROM resource_provider_aggregates"), 0);
}

TEST_F(OpeningAFile, CyclesAndLostParentsDoNotHideProviders) {
  sqlite_sync(file_.path());
  execute(R"(
    INSERT INTO resource_providers (id, uuid, name, root_provider_id, parent_provider_id) VALUES
      (1, '00000000-0000-4000-8000-000000000001', 'a', 1, 2),
      (2, '00000000-0000-4000-8000-000000000002', 'b', 1, 1),
      (3, '00000000-0000-4000-8000-000000000003', 'c', 1, 2),
      (4, '00000000-0000-4000-8000-000000000004', 'd', 9, 9),
      (5, '00000000-0000-4000-8000-000000000005', 'e', 9, 4);
    INSERT INTO inventories (resource_provider_id, resource_class_id, total, reserved, min_unit,
      max_unit, step_size, allocation_ratio) VALUES (77, 0, 8, 0, 1, 8, 1, 1.0),
      (1, 12345, 8, 0, 1, 8, 1, 1.0);)");
  const World world = open()->load();
  EXPECT_EQ(world.provider_count(), 5u);
  EXPECT_EQ(world.all_trees().count(), 2u);
  EXPECT_EQ(world.find_provider_by_name("e")->root().name, "d");
  EXPECT_THAT(reports_, HasSubstr("has no ancestor that is a root"));
  EXPECT_THAT(reports_, HasSubstr("1 rows belong to resource providers that do not exist"));
  EXPECT_THAT(reports_, HasSubstr("1 rows are of resource classes that do not exist"));
}

}  // namespace
}  // namespace emplace::store
