#include "config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseBoolean, TakesTheFourPairsInAnyCase) {
  for (const auto* text : {"true", "True", "1", "on", "YES"}) {
    EXPECT_EQ(parse_boolean(text), true) << text;
  }
  for (const auto* text : {"false", "FALSE", "0", "Off", "no"}) {
    EXPECT_EQ(parse_boolean(text), false) << text;
  }
}

TEST(ParseBoolean, RefusesAllElse) {
  for (const auto* text : {"", "t", "y", "2", "enabled", " true", "true ", "insecure"}) {
    EXPECT_EQ(parse_boolean(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseInteger, ReadsWhatPythonReads) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-17"), -17);
  EXPECT_EQ(parse_integer("+5"), 5);
  EXPECT_EQ(parse_integer(" 5\t"), 5);
  EXPECT_EQ(parse_integer("007"), 7);
  EXPECT_EQ(parse_integer("1_000_000"), 1'000'000);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
}

TEST(ParseInteger, RefusesAllElse) {
  for (const auto* text : {"", " ", "+", "-", "+-5", "1.0", "0x10", "5s", "1 2", "_1", "1_", "1__0",
                           "9223372036854775808"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseReal, ReadsDecimalAndExponent) {
  EXPECT_EQ(parse_real("0.25"), 0.25);
  EXPECT_EQ(parse_real("-1e3"), -1000.0);
  EXPECT_EQ(parse_real(" 60 "), 60.0);
  EXPECT_EQ(parse_real(""), std::nullopt);
  EXPECT_EQ(parse_real("nan"), std::nullopt);
  EXPECT_EQ(parse_real("inf"), std::nullopt);
  EXPECT_EQ(parse_real("1.0x"), std::nullopt);
}

TEST(ParseList, PartsByCommasAndStrips) {
  EXPECT_THAT(parse_list("a, b ,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(parse_list("a\n,b,\nc"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(parse_list("a"), ElementsAre("a"));
}

TEST(ParseList, DropsTrailingCommasButNoEmptyItemWithin) {
  EXPECT_THAT(parse_list("a,b,,"), ElementsAre("a", "b"));
  EXPECT_THAT(parse_list("a,,b"), ElementsAre("a", "", "b"));
  EXPECT_THAT(parse_list(",a"), ElementsAre("", "a"));
  EXPECT_THAT(parse_list(""), IsEmpty());
  EXPECT_THAT(parse_list(" , "), IsEmpty());
}

TEST(ParseList, KeepsQuotesAsPartOfItems) {
  EXPECT_THAT(parse_list("\"a,b\",c"), ElementsAre("\"a", "b\"", "c"));
}

TEST(MaskPasswords, HidesThePasswordOfAUrlAndNothingElse) {
  EXPECT_EQ(mask_passwords("mysql+pymysql://placement:secret@db/placement?charset=utf8"),
            "mysql+pymysql://placement:***@db/placement?charset=utf8");
  EXPECT_EQ(mask_passwords("mysql://user@db:3306/placement"), "mysql://user@db:3306/placement");
  EXPECT_EQ(mask_passwords("sqlite:////var/lib/placement.db"), "sqlite:////var/lib/placement.db");
  EXPECT_EQ(mask_passwords("plain: text @ all"), "plain: text @ all");
}

TEST(MaskPasswords, LeavesNoPartOfAPasswordThatHoldsSeparators) {
  EXPECT_EQ(mask_passwords("mysql://u:a@b:c/d?e@db/p"), "mysql://u:***@db/p");
  EXPECT_EQ(mask_passwords("mysql://:secret@db/p"), "mysql://:***@db/p");
}

TEST(MaskPasswords, HidesPasswordsInTheQuery) {
  EXPECT_EQ(mask_passwords("postgresql://db/p?user=u&password=secret&sslmode=require"),
            "postgresql://db/p?user=u&password=***&sslmode=require");
  EXPECT_EQ(mask_passwords("mysql://db/p?passwd=secret"), "mysql://db/p?passwd=***");
}

TEST(SplitWords, PartsBySpaces) {
  EXPECT_THAT(split_words(" a  b c "), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_words(""), IsEmpty());
}

}  // namespace
}  // namespace emplace::config
