#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace emplace::config {
namespace {

using testing::ElementsAre;

Raw parsed(std::string_view text) {
  Raw raw;
  const auto result = parse_ini(text, "a.conf", raw);
  EXPECT_TRUE(result) << result.error().detail;
  return raw;
}

std::string error_of(std::string_view text) {
  Raw raw;
  const auto result = parse_ini(text, "a.conf", raw);
  EXPECT_FALSE(result);
  return result ? "" : result.error().detail;
}

std::string one(std::string_view text) {
  auto raw = parsed("[g]\n" + std::string(text));
  EXPECT_EQ(raw["g"]["x"].size(), 1u);
  return raw["g"]["x"].empty() ? "" : raw["g"]["x"].front();
}

TEST(ParseIni, TakesTheFirstOfEqualsAndColon) {
  EXPECT_EQ(one("x = a:b=c\n"), "a:b=c");
  EXPECT_EQ(one("x: a:b=c\n"), "a:b=c");
  EXPECT_EQ(one("x=1"), "1");
  EXPECT_EQ(one("x   =\t 1 \t\n"), "1");
  EXPECT_EQ(one("x =\n"), "");
}

TEST(ParseIni, KeepsHashAndSemicolonWithinValues) {
  EXPECT_EQ(one("x = p#w;d ; not a comment\n"), "p#w;d ; not a comment");
}

TEST(ParseIni, SkipsWholeLineComments) {
  auto raw = parsed("# c\n[g]\n; c\n#x = 1\nx = 2\n");
  EXPECT_THAT(raw["g"]["x"], ElementsAre("2"));
}

TEST(ParseIni, JoinsContinuationLinesWithLineFeeds) {
  EXPECT_EQ(one("x = a,\n  b,\n\tc\n"), "a,\nb,\nc");
  EXPECT_EQ(one("x =\n  b\n"), "\nb");
  EXPECT_EQ(one("x = a\n  # no comment here\n"), "a\n# no comment here");
}

TEST(ParseIni, RefusesContinuationOfNothing) {
  EXPECT_EQ(error_of("[g]\n  x = 1\n"),
            "a.conf:2: a line that starts with white space continues nothing");
  EXPECT_THAT(error_of("[g]\nx = 1\n\n  more\n"), testing::StartsWith("a.conf:4: "));
  EXPECT_THAT(error_of("[g]\nx = 1\n# c\n  more\n"), testing::StartsWith("a.conf:4: "));
}

TEST(ParseIni, StripsQuotesOfAFirstLineThatHasThemAtBothEnds) {
  EXPECT_EQ(one("x = \" a \"\n"), " a ");
  EXPECT_EQ(one("x = 'a'\n"), "a");
  EXPECT_EQ(one("x = \"\"\n"), "");
  EXPECT_EQ(one("x = \"\n"), "");
  EXPECT_EQ(one("x = \"a'\n"), "\"a'");
  EXPECT_EQ(one("x = a\"\n"), "a\"");
  EXPECT_EQ(one("x = \"a\n  b\"\n"), "\"a\nb\"");
  EXPECT_EQ(one("x = \"a\",\"b\"\n"), "a\",\"b");
}

TEST(ParseIni, KeepsRepeatedOptionsInOrderAlsoOverRepeatedGroups) {
  auto raw = parsed("[g]\nx = 1\nx = 2\n[h]\n[g]\nx = 3\n");
  EXPECT_THAT(raw["g"]["x"], ElementsAre("1", "2", "3"));
  EXPECT_TRUE(raw.contains("h"));
}

TEST(ParseIni, FoldsTheCaseOfGroupsButNotOfDefaultNorOfOptions) {
  auto raw = parsed("[API]\nX = 1\nx = 2\n[DEFAULT]\nd = 3\n[default]\nd = 4\n");
  EXPECT_THAT(raw["api"]["X"], ElementsAre("1"));
  EXPECT_THAT(raw["api"]["x"], ElementsAre("2"));
  EXPECT_THAT(raw["DEFAULT"]["d"], ElementsAre("3"));
  EXPECT_THAT(raw["default"]["d"], ElementsAre("4"));
}

TEST(ParseIni, ToleratesByteOrderMarkAndForeignLineEnds) {
  auto raw = parsed("\xEF\xBB\xBF[g]\r\nx = a\r\n  b\r\ny = 1\rz = 2");
  EXPECT_THAT(raw["g"]["x"], ElementsAre("a\nb"));
  EXPECT_THAT(raw["g"]["y"], ElementsAre("1"));
  EXPECT_THAT(raw["g"]["z"], ElementsAre("2"));
}

TEST(ParseIni, CountsCarriageReturnLineFeedAsOneLine) {
  EXPECT_THAT(error_of("[g]\r\nx = 1\r\nbad\r\n"), testing::StartsWith("a.conf:3: "));
}

TEST(ParseIni, NamesFileAndLineOfWhatIsWrong) {
  EXPECT_EQ(error_of("[g]\nnonsense\n"), "a.conf:2: neither '=' nor ':' found");
  EXPECT_EQ(error_of("[g]\n= 1\n"), "a.conf:2: an option must have a name");
  EXPECT_EQ(error_of("[g\n"), "a.conf:1: a group must end with ]");
  EXPECT_EQ(error_of("[g] # comment\n"), "a.conf:1: a group must end with ]");
  EXPECT_EQ(error_of("[]\n"), "a.conf:1: a group must have a name");
  EXPECT_THAT(error_of("x = 1\n"), testing::HasSubstr("before the first [group]"));
}

TEST(ParseIni, AddsToWhatIsThere) {
  Raw raw;
  ASSERT_TRUE(parse_ini("[g]\nx = 1\n", "a.conf", raw));
  ASSERT_TRUE(parse_ini("[g]\nx = 2\n", "b.conf", raw));
  EXPECT_THAT(raw["g"]["x"], ElementsAre("1", "2"));
}

TEST(ParseIni, TakesAnEmptyText) {
  EXPECT_TRUE(parsed("").empty());
}

}  // namespace
}  // namespace emplace::config
