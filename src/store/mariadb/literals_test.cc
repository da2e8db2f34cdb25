#include "store/mariadb/literals.h"

#include <limits>

#include <gtest/gtest.h>

namespace emplace::store {
namespace {

std::string literal(const SqlValue& value) {
  return with_literals({"?", {value}});
}

TEST(MariadbLiterals, StandWhereTheQuestionMarksStood) {
  EXPECT_EQ(with_literals({"INSERT INTO t VALUES (?, ?,?)", {std::int64_t{7}, nullptr, "a"}}),
            "INSERT INTO t VALUES (7, NULL,'a')");
  EXPECT_EQ(with_literals({"SELECT '?'"}), "SELECT '?'");
}

TEST(MariadbLiterals, OfIntegersReachBothEnds) {
  EXPECT_EQ(literal(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(literal(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
}

TEST(MariadbLiterals, OfDoublesAreDoublesAndKeepAllDigits) {
  EXPECT_EQ(literal(0.1), "1e-01");
  EXPECT_EQ(literal(1e308), "1e+308");
  EXPECT_EQ(literal(-2.0), "-2e+00");
  EXPECT_EQ(literal(1.0 / 3), "3.333333333333333e-01");
  EXPECT_EQ(literal(std::numeric_limits<double>::denorm_min()), "5e-324");
}

TEST(MariadbLiterals, DoNotExistForInfinityAndNaN) {
  for (const double value :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    try {
      literal(value);
      ADD_FAILURE() << value;
    } catch (const SqlError& error) {
      EXPECT_EQ(error.fault, SqlFault::refused);
    }
  }
}

TEST(MariadbLiterals, OfTextsDoubleQuotesAndNeedNoBackslash) {
  EXPECT_EQ(literal(std::string()), "''");
  EXPECT_EQ(literal("it's \"?\" \xf0\x9f\x90\x8d %_\n"), "'it''s \"?\" \xf0\x9f\x90\x8d %_\n'");
  EXPECT_EQ(literal("\\' OR 1 -- "), "_utf8mb4 X'5c27204f522031202d2d20'");
  EXPECT_EQ(literal(std::string("a\0b", 3)), "_utf8mb4 X'610062'");
}

TEST(MariadbLiterals, OfWhatIsNoUtf8AreBinary) {
  EXPECT_EQ(literal("\xff'"), "X'ff27'");
  EXPECT_EQ(literal("\xed\xa0\x80"), "X'eda080'");
}

TEST(MariadbLiterals, AreAsManyAsTheQuestionMarks) {
  EXPECT_THROW(with_literals({"? ?", {nullptr}}), SqlError);
  EXPECT_THROW(with_literals({"?", {nullptr, nullptr}}), SqlError);
}

}  // namespace
}  // namespace emplace::store
