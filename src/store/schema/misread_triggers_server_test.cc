#include <string>

#include <gtest/gtest.h>

#include "store/administration.h"
#include "store/schema/misread_triggers.h"
#include "store/schema/sql_text.h"
#include "store/server_testing.h"

namespace emplace::store {
namespace {

TEST(MisreadTriggers, WhoUsesATableIsWaitedForShortlyAndTheSessionsOwnLimitStays) {
  if (test_database().engine != Engine::mariadb) GTEST_SKIP() << "it concerns MariaDB alone";
  administer(test_database(), {})->sync({});
  const auto other = connect_to_test_database({.autocommit = false});
  number_of(*other, "SELECT count(*) FROM projects");
  const auto mender = connect_to_test_database();
  const auto limit_s = number_of(*mender, "SELECT @@lock_wait_timeout");
  ASSERT_GT(limit_s, 1);
  // For longer than the answer's time, if it were not for a limit of its own.
  EXPECT_NO_THROW(read_triggers_again(*mender));
  EXPECT_EQ(number_of(*mender, "SELECT @@lock_wait_timeout"), limit_s);
  other->run_one({"ROLLBACK"});
  EXPECT_NO_THROW(read_triggers_again(*mender));
}

TEST(MisreadTriggers, AreKnownByTheCodeWhateverTheServersLanguage) {
  EXPECT_TRUE(is_misread_trigger({SqlFault::other, "1064", "Déclencheur inconnu"}));
  EXPECT_FALSE(is_misread_trigger({SqlFault::conflict, "1213", "Deadlock found"}));
}

}  // namespace
}  // namespace emplace::store
