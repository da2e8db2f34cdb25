#include "store/postgresql/statements.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SqlFault fault_of(const SqlStatement& statement) {
  try {
    with_numbers(statement);
  } catch (const SqlError& error) {
    return error.fault;
  }
  ADD_FAILURE() << statement.text << " was taken";
  return SqlFault::lost;
}

TEST(PostgresqlStatements, NumberTheirValues) {
  EXPECT_EQ(with_numbers({"UPDATE t SET a = ?, b=? WHERE c = ?", {nullptr, nullptr, nullptr}}),
            "UPDATE t SET a = $1, b=$2 WHERE c = $3");
  EXPECT_EQ(with_numbers({"SELECT '?'"}), "SELECT '?'");
}

TEST(PostgresqlStatements, CannotHoldANul) {
  EXPECT_EQ(fault_of({"?", {std::string("a\0b", 3)}}), SqlFault::refused);
  EXPECT_EQ(fault_of({std::string("a\0b", 3)}), SqlFault::refused);
}

TEST(PostgresqlStatements, HaveAsManyValuesAsQuestionMarks) {
  EXPECT_EQ(fault_of({"? ?", {nullptr}}), SqlFault::other);
  EXPECT_EQ(fault_of({"?", {nullptr, nullptr}}), SqlFault::other);
  EXPECT_EQ(fault_of({std::string(65536, '?'), std::vector<SqlValue>(65536)}), SqlFault::other);
}

TEST(PostgresqlStatements, SendValuesAsTextThatKeepsAllDigits) {
  EXPECT_THAT(as_parameters({nullptr, std::numeric_limits<std::int64_t>::min(), 0.1, 1e308, "x"}),
              ElementsAre(std::nullopt, "-9223372036854775808", "0.1", "1e+308", "x"));
}

TEST(PreparedStatements, AreFoundByTheirText) {
  PreparedStatements prepared(2);
  EXPECT_EQ(prepared.find("a"), std::nullopt);
  const auto name = prepared.new_name();
  EXPECT_NE(name, prepared.new_name());
  prepared.add("a", name);
  EXPECT_EQ(prepared.find("a"), name);
}

TEST(PreparedStatements, DropTheOneThatWasNotUsedForLongest) {
  PreparedStatements prepared(2);
  prepared.add("a", "1");
  prepared.add("b", "2");
  EXPECT_EQ(prepared.find("a"), "1");
  EXPECT_THAT(prepared.dropped(), IsEmpty());
  prepared.add("c", "3");
  prepared.add("d", "4");
  EXPECT_EQ(prepared.find("b"), std::nullopt);
  EXPECT_EQ(prepared.find("a"), std::nullopt);
  EXPECT_EQ(prepared.find("c"), "3");
  EXPECT_THAT(prepared.dropped(), ElementsAre("2", "1"));
  prepared.forget_dropped(1);
  EXPECT_THAT(prepared.dropped(), ElementsAre("1"));
}

}  // namespace
}  // namespace emplace::store
