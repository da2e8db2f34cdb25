#include "store/schema/ddl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::ElementsAre;

const Dialect mariadb{Engine::mariadb, "utf8mb4_nopad_bin"};
const Dialect postgresql{Engine::postgresql, ""};

const Table things{
    .name = "things",
    .columns = {{.name = "id", .automatic = true},
                {.name = "name", .kind = ColumnKind::text, .length = 9, .nullable = true},
                {.name = "size", .kind = ColumnKind::real, .default_value = "0"},
                {.name = "parent_id", .nullable = true}},
    .primary_key = {"id"},
    .indexes = {{"uniq_things", {"name", "size"}, true}, {"things_idx", {"parent_id"}}},
    .foreign_keys = {{"", "parent_id", "things"}}};

TEST(Ddl, MakesATableInOneStatementOnMariaDb) {
  EXPECT_THAT(create_table(things, mariadb),
              ElementsAre("CREATE TABLE IF NOT EXISTS things (id int NOT NULL AUTO_INCREMENT, "
                          "name varchar(9), size float DEFAULT 0 NOT NULL, parent_id int, "
                          "PRIMARY KEY (id), CONSTRAINT uniq_things UNIQUE (name, size), "
                          "INDEX things_idx (parent_id), "
                          "FOREIGN KEY (parent_id) REFERENCES things (id)) "
                          "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 "
                          "COLLATE utf8mb4_nopad_bin"));
}

TEST(Ddl, MakesATableAndItsIndexesOnPostgresql) {
  EXPECT_THAT(create_table(things, postgresql),
              ElementsAre("CREATE TABLE IF NOT EXISTS things (id SERIAL NOT NULL, "
                          "name character varying(9), size double precision DEFAULT 0 NOT NULL, "
                          "parent_id integer, PRIMARY KEY (id), "
                          "CONSTRAINT uniq_things UNIQUE (name, size), "
                          "FOREIGN KEY (parent_id) REFERENCES things (id))",
                          "CREATE INDEX IF NOT EXISTS things_idx ON things (parent_id)"));
}

TEST(Ddl, AddsWhatATableLacks) {
  EXPECT_EQ(add_column(things, things.columns[1], mariadb),
            "ALTER TABLE things ADD COLUMN name varchar(9)");
  EXPECT_EQ(add_index(things, things.indexes[0], postgresql),
            "ALTER TABLE things ADD CONSTRAINT uniq_things UNIQUE (name, size)");
  EXPECT_EQ(
      add_foreign_key(things, {"named", "parent_id", "others"}),
      "ALTER TABLE things ADD CONSTRAINT named FOREIGN KEY (parent_id) REFERENCES others (id)");
  EXPECT_EQ(drop_index({"things", "i"}, mariadb), "DROP INDEX i ON things");
  EXPECT_EQ(drop_index({"things", "i"}, postgresql), "DROP INDEX IF EXISTS i");
}

}  // namespace
}  // namespace emplace::store
