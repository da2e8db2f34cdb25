#include "store/schema/trigger_texts.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::HasSubstr;
using testing::Not;

const Logged& logged(const std::string& table) {
  for (const auto& each : logged_tables()) {
    if (each.table == table) return each;
  }
  throw std::logic_error(table);
}

const Trigger& named(const std::vector<Trigger>& triggers, const std::string& name) {
  for (const auto& each : triggers) {
    if (each.name == name) return each;
  }
  throw std::logic_error(name);
}

TEST(TriggerTexts, CoverAllOfUpstreamsTables) {
  std::set<std::string> covered{"alembic_version"}, all;
  for (const auto& each : logged_tables())
    covered.insert(each.table);
  for (const auto& table : upstream_tables(upstream_revisions().size())) {
    all.insert(table.name);
    if (table.name == "alembic_version" || logged(table.name).key.empty()) continue;
    EXPECT_NE(table.column(logged(table.name).key), nullptr) << table.name;
  }
  EXPECT_EQ(covered, all);
}

TEST(TriggerTexts, LogAKeyThatTheDatabaseGivesWhenItIsThere) {
  const auto providers = mariadb_triggers(logged("resource_providers"));
  const auto& insert = named(providers, "emplace_resource_providers_insert");
  EXPECT_EQ(insert.timing, "AFTER");
  EXPECT_THAT(insert.body, HasSubstr("CONCAT('P', NEW.id)"));
  EXPECT_THAT(named(providers, "emplace_resource_providers_lock").body, HasSubstr("FOR UPDATE"));
  const auto allocations = mariadb_triggers(logged("allocations"));
  EXPECT_EQ(allocations.size(), 3u);
  EXPECT_EQ(named(allocations, "emplace_allocations_insert").timing, "BEFORE");
}

TEST(TriggerTexts, LogBothKeysIfAnUpdateChangesIt) {
  const auto consumers = mariadb_triggers(logged("consumers"));
  EXPECT_THAT(named(consumers, "emplace_consumers_update").body,
              HasSubstr("IF(OLD.uuid <=> NEW.uuid, CONCAT('C', NEW.uuid), "
                        "CONCAT(CONCAT('C', OLD.uuid), ' ', CONCAT('C', NEW.uuid)))"));
  EXPECT_THAT(named(postgresql_triggers(logged("consumers"), "s"), "emplace_log").body,
              HasSubstr("'C' || OLD.uuid || ' ' || words"));
}

TEST(TriggerTexts, LetNewNamesOfNobodyGoBy) {
  EXPECT_EQ(mariadb_triggers(logged("projects")).size(), 2u);
  const auto triggers = postgresql_triggers(logged("projects"), "s");
  for (const auto& trigger : triggers)
    EXPECT_EQ(trigger.events, "UPDATE OR DELETE");
  EXPECT_THAT(named(triggers, "emplace_log").body, HasSubstr("words := '*';"));
  EXPECT_THAT(named(triggers, "emplace_log").body, Not(HasSubstr("OLD.")));
}

TEST(TriggerTexts, NameTheSchemaWhereverTheyAreRun) {
  for (const auto& trigger : postgresql_triggers(logged("traits"), "\"My Schema\"")) {
    EXPECT_THAT(trigger.body, HasSubstr("\"My Schema\".emplace_clock"));
    EXPECT_THAT(trigger.make.back(), HasSubstr(" ON \"My Schema\".traits "));
    EXPECT_THAT(trigger.drop, HasSubstr(" ON \"My Schema\".traits"));
  }
}

}  // namespace
}  // namespace emplace::store
