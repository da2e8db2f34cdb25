#include "config/substitute.h"

#include <gtest/gtest.h>

namespace emplace::config {
namespace {

Result<std::optional<std::string>> look_up(std::string_view reference) {
  if (reference == "name") return std::optional<std::string>("value");
  if (reference == "group.name") return std::optional<std::string>("other");
  if (reference == "none") return std::optional<std::string>("");
  if (reference == "broken") return fail(Reason::bad_request, "broken");
  return std::optional<std::string>();
}

std::string substituted(std::string_view text) {
  const auto result = substitute(text, look_up);
  EXPECT_TRUE(result);
  return result.value_or("failed");
}

TEST(Substitute, ReplacesReferencesOfEachForm) {
  EXPECT_EQ(substituted("$name"), "value");
  EXPECT_EQ(substituted("${name}"), "value");
  EXPECT_EQ(substituted("$group.name"), "other");
  EXPECT_EQ(substituted("a${group.name}b$name/c"), "aotherbvalue/c");
  EXPECT_EQ(substituted("$name$name"), "valuevalue");
  EXPECT_EQ(substituted("<$none>"), "<>");
}

TEST(Substitute, TakesEscapedDollarsForDollars) {
  EXPECT_EQ(substituted("$$name"), "$name");
  EXPECT_EQ(substituted("\\$name"), "$name");
  EXPECT_EQ(substituted("$$$name"), "$value");
  EXPECT_EQ(substituted("a\\b\\"), "a\\b\\");
}

TEST(Substitute, LeavesWhatIsNoReference) {
  EXPECT_EQ(substituted("$"), "$");
  EXPECT_EQ(substituted("$1 ${ ${} ${name ${name-x} $-"), "$1 ${ ${} ${name ${name-x} $-");
}

TEST(Substitute, LeavesReferencesToNothing) {
  EXPECT_EQ(substituted("pa$word and ${other}."), "pa$word and ${other}.");
  EXPECT_EQ(substituted("$name."), "$name.");  // the dot belongs to the name, as in oslo.config
}

TEST(Substitute, DoesNotReadReplacementsAgain) {
  const auto result = substitute("$x", [](std::string_view) -> Result<std::optional<std::string>> {
    return std::optional<std::string>("$x $$");
  });
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, "$x $$");
}

TEST(Substitute, PassesOnAFailedLookUp) {
  const auto result = substitute("$broken", look_up);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "broken");
}

}  // namespace
}  // namespace emplace::config
