#include "json/pattern.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace emplace::json {
namespace {

TEST(Pattern, AnchoredPatternsTakeTheWholeText) {
  const Pattern name("^CUSTOM_[A-Z0-9_]+$");
  EXPECT_TRUE(name.matches("CUSTOM_A"));
  EXPECT_TRUE(name.matches("CUSTOM_A_9"));
  for (const auto* text : {"", "CUSTOM_", "XCUSTOM_A", "CUSTOM_a", "CUSTOM_A ", "CUSTOM_A-"}) {
    EXPECT_FALSE(name.matches(text)) << text;
  }
}

TEST(Pattern, TheEndIsNotBeforeALastNewline) {
  EXPECT_FALSE(Pattern("^[A-Z]+$").matches("A\n"));
  EXPECT_FALSE(Pattern("A$").matches("A\n"));
}

TEST(Pattern, CountsRepetitions) {
  const Pattern uuid("^[0-9a-fA-F-]{36}$");
  EXPECT_TRUE(uuid.matches(std::string(36, '-')));
  EXPECT_FALSE(uuid.matches(std::string(35, 'a')));
  EXPECT_FALSE(uuid.matches(std::string(37, 'a')));
  const Pattern some("^a{1,3}$");
  EXPECT_FALSE(some.matches(""));
  EXPECT_TRUE(some.matches("aaa"));
  EXPECT_FALSE(some.matches("aaaa"));
}

TEST(Pattern, WithoutAnchorsItIsSearchedFor) {
  const Pattern group("[a-zA-Z0-9_-]{1,64}");
  EXPECT_TRUE(group.matches("@1"));
  EXPECT_FALSE(group.matches("@"));
  EXPECT_FALSE(group.matches(""));
  EXPECT_TRUE(Pattern("b$").matches("ab"));
  EXPECT_FALSE(Pattern("b$").matches("ba"));
  EXPECT_TRUE(Pattern("").matches(""));
}

TEST(Pattern, GivesBackWhatItTookTooMuchOf) {
  EXPECT_TRUE(Pattern("^a*ab$").matches("aaab"));
  EXPECT_TRUE(Pattern("^[1-9][0-9]*$").matches("10"));
  EXPECT_FALSE(Pattern("^[1-9][0-9]*$").matches("01"));
  EXPECT_TRUE(Pattern("^é?é$").matches("é"));
}

TEST(Pattern, KnowsCharactersAndNotBytes) {
  EXPECT_TRUE(Pattern("^.$").matches("😀"));
  EXPECT_TRUE(Pattern("^[^a]{2}$").matches("é😀"));
  EXPECT_TRUE(Pattern("^[à-ü]$").matches("é"));
  EXPECT_FALSE(Pattern("^[à-ü]$").matches("e"));
}

TEST(Pattern, RefusesWhatItDoesNotKnow) {
  for (const auto* text : {"(a)", "a|b", "\\d", "\\p{L}", "a+?", "[a", "a{,2}", "a{2,}", "a{3,2}",
                           "*", "a^b", "a$b", "^a*b*$", "[z-a]"}) {
    EXPECT_THROW(Pattern{text}, std::logic_error) << text;
  }
}

}  // namespace
}  // namespace emplace::json
