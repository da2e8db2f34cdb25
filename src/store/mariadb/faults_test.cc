#include "store/mariadb/faults.h"

#include <gtest/gtest.h>

namespace emplace::store {
namespace {

void expect(SqlFault fault, const std::vector<unsigned>& numbers) {
  for (const auto number : numbers)
    EXPECT_EQ(mariadb_fault(number), fault) << number;
}

TEST(MariadbFaults, ThatOnlyNeedAnotherTryAreConflicts) {
  expect(SqlFault::conflict, {1213, 1205, 1020, 1317});
}

TEST(MariadbFaults, OfTheConnectionAndTheNetworkLoseIt) {
  expect(SqlFault::lost, {2002, 2003, 2005, 2006, 2013, 2055, 1053, 1927, 1152, 1160, 4031, 2998});
}

TEST(MariadbFaults, OfAServerThatCanNotMakeItUnavailable) {
  expect(SqlFault::unavailable,
         {1040, 1203, 1290, 1836, 1792, 1114, 1021, 1026, 1030, 1041, 1037, 1047, 1049});
}

TEST(MariadbFaults, OfValuesAndConstraintsAreRefusals) {
  expect(SqlFault::refused,
         {1062, 1048, 1364, 1366, 1406, 1264, 1292, 1265, 1451, 1452, 1690, 1300});
}

TEST(MariadbFaults, OfPasswordsPrivilegesAndSqlAreOthers) {
  expect(SqlFault::other, {1045, 1044, 1698, 1064, 1146, 1054, 1142, 2026, 2059, 0, 65535});
}

}  // namespace
}  // namespace emplace::store
