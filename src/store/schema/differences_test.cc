// The model against the tables that SQLite gets from other hands: the migrations' own SQL.
#include "store/schema/differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/administration.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_database.h"
#include "store/sqlite_store.h"
#include "store/testing.h"

namespace emplace::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Differences : public testing::Test {
 protected:
  void execute(const std::string& sql) {
    SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write).execute(sql);
  }
  std::int64_t integer(const std::string& sql) {
    return SqliteDatabase(file_.path(), SqliteDatabase::Mode::read_write).integer(sql);
  }
  std::vector<std::string> from(const Tables& expected) {
    SqliteDatabase database(file_.path(), SqliteDatabase::Mode::read_write);
    SqliteConnection connection(database);
    return differences(expected, read_live(connection, expected), Engine::sqlite);
  }
  std::unique_ptr<Administration> administration() {
    DatabaseUrl url;
    url.path = file_.path();
    return administer(url, {});
  }

  ScratchDatabase file_;
};

TEST_F(Differences, ThereAreNoneAtAnyRevision) {
  for (const auto& revision : upstream_revisions()) {
    administration()->sync(revision);
    EXPECT_THAT(from(upstream_tables(steps_to(revision))), IsEmpty()) << revision;
    EXPECT_THAT(from(own_tables(Engine::sqlite)), IsEmpty()) << revision;
  }
}

TEST_F(Differences, TellRevisionsApart) {
  administration()->sync("b5c396305c25");
  EXPECT_THAT(
      from(upstream_tables(4)),
      ElementsAre("The table consumer_types is missing.",
                  "The table consumers has no column consumer_type_id.",
                  "The table consumers has no index consumers_consumer_type_id_idx "
                  "(consumer_type_id).",
                  "The table consumers has no foreign key from consumer_type_id to consumer_types"
                  "(id)."));
  administration()->sync("422ece571366");
  EXPECT_THAT(from(upstream_tables(5)),
              ElementsAre("The table resource_providers has an unexpected index "
                          "resource_providers_name_idx (name).",
                          "The table resource_providers has an unexpected index "
                          "resource_providers_uuid_idx (uuid).",
                          "The table inventories has an unexpected index "
                          "inventories_resource_provider_resource_class_idx (resource_provider_id, "
                          "resource_class_id).",
                          "The table placement_aggregates has an unexpected index "
                          "ix_placement_aggregates_uuid (uuid)."));
}

TEST_F(Differences, AreTheCheckOfAFile) {
  administration()->sync("");
  EXPECT_THAT(administration()->check(), IsEmpty());
  execute(
      "DROP TABLE traits; CREATE TABLE traits (created_at DATETIME, updated_at DATETIME, id "
      "INTEGER "
      "NOT NULL, name VARCHAR(200), more TEXT, PRIMARY KEY (id, name));"
      "DROP INDEX allocations_consumer_id_idx;"
      "DROP TABLE emplace_provider_owners;"
      "UPDATE alembic_version SET version_num = '422ece571366'");
  EXPECT_THAT(
      administration()->check(),
      ElementsAre("The tables are at revision 422ece571366 instead of a082b8bb98d0.",
                  "The table allocations has no index allocations_consumer_id_idx (consumer_id).",
                  "The column id of the table traits is integer, NOT NULL; expected: integer, NOT "
                  "NULL, automatic.",
                  "The column name of the table traits is varchar(200), may be NULL; expected: "
                  "varchar(255), NOT NULL.",
                  "The table traits has a column that is not expected: more.",
                  "The table traits has the primary key (id, name) instead of (id).",
                  "The table traits has no unique constraint uniq_traits0name (name).",
                  "The table emplace_provider_owners is missing."));
}

TEST_F(Differences, OfTextInMariaDbAreThoseOfComparingToo) {
  const Tables expected{
      {.name = "t", .columns = {{.name = "a", .kind = ColumnKind::text, .length = 3}}}};
  LiveSchema live{{"t",
                   {.columns = {{.name = "a", .type = "varchar(3)", .collation = "utf8mb4_bin"}},
                    .storage_engine = "MyISAM"}}};
  EXPECT_THAT(differences(expected, live, Engine::mariadb),
              ElementsAre("The column a of the table t has the collation utf8mb4_bin, which does "
                          "not compare byte by byte.",
                          "The table t is kept by the engine MyISAM, which knows no transactions, "
                          "instead of InnoDB."));
  live["t"].columns[0].collation = "utf8mb4_0900_bin";
  live["t"].storage_engine = "InnoDB";
  EXPECT_THAT(differences(expected, live, Engine::mariadb), IsEmpty());
}

TEST_F(Differences, PurgingAFileRemovesWhatNothingRefersTo) {
  administration()->sync("");
  execute(
      "INSERT INTO projects (id, external_id) VALUES (1, 'a'), (2, 'b');"
      "INSERT INTO users (id, external_id) VALUES (1, 'a'), (2, 'b'), (3, 'c');"
      "INSERT INTO consumer_types (id, name) VALUES (1, 'A');"
      "INSERT INTO consumers (id, uuid, project_id, user_id) VALUES "
      "(1, '00000000-0000-4000-8000-00000000000a', 2, 3);"
      "INSERT INTO placement_aggregates (id, uuid) VALUES "
      "(1, '00000000-0000-4000-8000-00000000000b'), (2, '00000000-0000-4000-8000-00000000000c');"
      "INSERT INTO resource_provider_aggregates (resource_provider_id, aggregate_id) VALUES (1, "
      "2)");
  const auto purged = administration()->purge();
  EXPECT_EQ(purged.projects, 1);
  EXPECT_EQ(purged.users, 2);
  EXPECT_EQ(purged.consumer_types, 1);
  EXPECT_EQ(purged.aggregates, 1);
  EXPECT_EQ(integer("SELECT group_concat(id) FROM projects"), 2);
  EXPECT_EQ(integer("SELECT group_concat(id) FROM users"), 3);
  EXPECT_EQ(integer("SELECT group_concat(id) FROM placement_aggregates"), 2);
  EXPECT_EQ(administration()->purge().users, 0);
}

TEST_F(Differences, AFileIsNotShared) {
  EXPECT_FALSE(administration()->coexists());
  EXPECT_THROW(administration()->set_coexistence(true), StoreError);
}

}  // namespace
}  // namespace emplace::store
