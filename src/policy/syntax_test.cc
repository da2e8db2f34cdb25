#include "policy/syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::policy {
namespace {

using testing::HasSubstr;

std::string spell(const Syntax& syntax) {
  const auto joined = [&](const char* word) {
    std::string text = "(";
    for (const Syntax& operand : syntax.operands) {
      text += (text.size() > 1 ? word : "") + spell(operand);
    }
    return text + ")";
  };
  std::string match;
  for (const Piece& piece : syntax.match)
    match += piece.is_attribute ? "<" + piece.text + ">" : piece.text;
  switch (syntax.kind) {
    case Syntax::Kind::never:
      return "!";
    case Syntax::Kind::always:
      return "@";
    case Syntax::Kind::negation:
      return "not " + spell(syntax.operands.at(0));
    case Syntax::Kind::conjunction:
      return joined(" and ");
    case Syntax::Kind::disjunction:
      return joined(" or ");
    case Syntax::Kind::reference:
      return "rule:" + syntax.name;
    case Syntax::Kind::role:
      return "role:" + match;
    case Syntax::Kind::literal:
      return "'" + syntax.name + "':" + match;
    case Syntax::Kind::credential:
      return syntax.name + ":" + match;
  }
  return "?";
}

std::string parsed(const std::string& text) {
  const auto syntax = parse_check(text);
  return syntax ? spell(*syntax) : "refused: " + syntax.error().detail;
}

std::string refusal(const std::string& text) {
  const auto syntax = parse_check(text);
  EXPECT_FALSE(syntax) << text;
  if (syntax) return "";
  EXPECT_EQ(syntax.error().reason, Reason::bad_request);
  return syntax.error().detail;
}

// The right column is what oslo.policy 4.0 makes of the left one.
TEST(ParseCheck, BindsNotThenAndThenOr) {
  EXPECT_EQ(parsed("not role:a or role:b"), "(not role:a or role:b)");
  EXPECT_EQ(parsed("not role:a and role:b"), "(not role:a and role:b)");
  EXPECT_EQ(parsed("role:a or not role:b and role:c"), "(role:a or (not role:b and role:c))");
  EXPECT_EQ(parsed("role:a and role:b or role:c"), "((role:a and role:b) or role:c)");
  EXPECT_EQ(parsed("role:a and role:b and role:c or role:d and role:e or role:f"),
            "((role:a and role:b and role:c) or (role:d and role:e) or role:f)");
  EXPECT_EQ(parsed("not not role:a"), "not not role:a");
}

TEST(ParseCheck, ParenthesesGroup) {
  EXPECT_EQ(parsed("role:a and (role:b or role:c)"), "(role:a and (role:b or role:c))");
  EXPECT_EQ(parsed("not (role:a or role:b) and role:c"), "(not (role:a or role:b) and role:c)");
  EXPECT_EQ(parsed("( ( role:a ) or (role:b) )"), "(role:a or role:b)");
}

TEST(ParseCheck, ParenthesesOfAnAttributeBelongToTheCheck) {
  EXPECT_EQ(parsed("(role:reader and project_id:%(project_id)s)"),
            "(role:reader and project_id:<project_id>)");
  EXPECT_EQ(parsed("('Member':%(role.name)s)"), "'Member':<role.name>");
}

TEST(ParseCheck, NothingMeansAlwaysButBlanksDoNot) {
  EXPECT_EQ(parsed(""), "@");
  EXPECT_THAT(refusal("  \t"), HasSubstr("a check is missing at its end"));
}

TEST(ParseCheck, WordsOfTheLanguageAndRolesComeInAnyCase) {
  EXPECT_EQ(parsed("role:Admin AND NOT role:B Or @"), "((role:admin and not role:b) or @)");
}

TEST(ParseCheck, OnlyTheFirstColonSeparates) {
  EXPECT_EQ(parsed("rule:placement:usages"), "rule:placement:usages");
  EXPECT_EQ(parsed("user_id:a:b"), "user_id:a:b");
}

TEST(ParseCheck, LiteralsOnTheLeftAreWhatPythonPrints) {
  EXPECT_EQ(parsed("\"x\":a"), "'x':a");
  EXPECT_EQ(parsed("True:%(a)s"), "'True':<a>");
  EXPECT_EQ(parsed("None:%(a)s"), "'None':<a>");
  EXPECT_EQ(parsed("-3:%(a)s"), "'-3':<a>");
  EXPECT_THAT(refusal("01:1"), HasSubstr("neither a literal nor an attribute"));
  EXPECT_THAT(refusal("1.5:1"), HasSubstr("neither a literal nor an attribute"));
  EXPECT_THAT(refusal("'a:a"), HasSubstr("neither a literal nor an attribute"));
  EXPECT_THAT(refusal(":a"), HasSubstr("neither a literal nor an attribute"));
}

TEST(ParseCheck, PercentSignsAreAttributesOrDoubled) {
  EXPECT_EQ(parsed("user_id:x%(a)sy%(b)s"), "user_id:x<a>y<b>");
  EXPECT_EQ(parsed("user_id:100%%"), "user_id:100%");
  for (const char* text :
       {"user_id:5%", "user_id:%s", "user_id:%(a", "user_id:%(a)d", "role:%()s"}) {
    EXPECT_THAT(refusal(text), HasSubstr("has a %")) << text;
  }
}

TEST(ParseCheck, SaysWhatIsWrong) {
  EXPECT_THAT(refusal("foo"), HasSubstr("\"foo\" is not a check"));
  EXPECT_THAT(refusal("role:a role:b"), HasSubstr("\"role:b\" does not follow"));
  EXPECT_THAT(refusal("(role:a role:b)"), HasSubstr("\"role:b\" does not follow"));
  EXPECT_THAT(refusal("(role:a"), HasSubstr("is not closed"));
  EXPECT_THAT(refusal("role:a)"), HasSubstr("closes nothing"));
  EXPECT_THAT(refusal("()"), HasSubstr("missing before \")\""));
  EXPECT_THAT(refusal("role:a and or role:b"), HasSubstr("missing before \"or\""));
  EXPECT_THAT(refusal("not"), HasSubstr("missing at its end"));
  EXPECT_THAT(refusal("'x'"), HasSubstr("is not a check"));
}

TEST(ParseCheck, RefusesChecksThatAskAnotherServer) {
  EXPECT_THAT(refusal("role:a or http://x/y"), HasSubstr("http: and https: checks are not"));
  EXPECT_THAT(refusal("https://x/%(name)s"), HasSubstr("http: and https: checks are not"));
}

TEST(ParseCheck, RefusesNestingThatWouldExhaustTheStack) {
  const std::string deep = std::string(100'000, '(') + "role:a" + std::string(100'000, ')');
  EXPECT_THAT(refusal(deep), HasSubstr("too deeply"));
  std::string negations;
  for (int i = 0; i < 100'000; ++i)
    negations += "not ";
  EXPECT_THAT(refusal(negations + "role:a"), HasSubstr("too deeply"));
}

}  // namespace
}  // namespace emplace::policy
