#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/policy.h"

namespace emplace::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Rules = std::map<std::string, std::string, std::less<>>;

Rules parsed(const std::string& text) {
  const auto rules = parse_policy_file(text);
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().detail);
  return rules ? *rules : Rules{{"refused", ""}};
}

std::string refusal(const std::string& text) {
  const auto rules = parse_policy_file(text);
  EXPECT_FALSE(rules) << text;
  return rules ? "" : rules.error().detail;
}

TEST(PolicyFile, MapsRulesToChecks) {
  EXPECT_THAT(
      parsed("# ours\n\"a:b\": \"role:x or role:y\"\nc: project_id:%(project_id)s\nd: ''\n"),
      ElementsAre(Pair("a:b", "role:x or role:y"), Pair("c", "project_id:%(project_id)s"),
                  Pair("d", "")));
}

TEST(PolicyFile, MayBeJson) {
  EXPECT_THAT(parsed(R"({"a": "role:x", "b": [["role:y"]]})"),
              ElementsAre(Pair("a", "role:x"), Pair("b", "( role:y )")));
}

TEST(PolicyFile, MayBeEmpty) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "{}"}) {
    EXPECT_THAT(parsed(text), IsEmpty()) << text;
  }
}

TEST(PolicyFile, ListsAreDisjunctionsOfConjunctions) {
  EXPECT_EQ(parsed(R"(r: [["role:a", "rule:b"], [], "role:c"])")["r"],
            "( role:a and rule:b ) or ( role:c )");
  EXPECT_EQ(parsed("r: []")["r"], "@");
  EXPECT_EQ(parsed("r: [[]]")["r"], "!");
}

TEST(PolicyFile, ListsThatSurviveAsTextMeanTheSame) {
  const auto set = RuleSet::make(parsed(R"(r: [["role:a", "role:b"], "project_id:%(p)s"])"), {});
  ASSERT_TRUE(set);
  Identity identity;
  identity.roles = {"a"};
  EXPECT_EQ(set->verdict("r", identity), Verdict::never);
  identity.roles = {"a", "b"};
  EXPECT_EQ(set->verdict("r", identity), Verdict::always);
}

TEST(PolicyFile, ListsHoldSingleChecksOnly) {
  for (const char* item : {"role:a or role:b", "(role:a)", "role:a)", "", "not"}) {
    EXPECT_THAT(refusal("\nr: [[\"" + std::string(item) + "\"]]"), HasSubstr("line 2: rule \"r\""))
        << item;
  }
  EXPECT_THAT(refusal("r: [[[\"role:a\"]]]"), HasSubstr("the list form"));
}

TEST(PolicyFile, RefusesWhatIsNoMap) {
  EXPECT_THAT(refusal("- a\n- b\n"), HasSubstr("line 1: a policy file is a map"));
  EXPECT_THAT(refusal("role:admin"), HasSubstr("is a map"));
  EXPECT_THAT(refusal("a: role:x\nb:\n  c: role:y\n"),
              HasSubstr("line 3: the check of rule \"b\""));
  EXPECT_THAT(refusal("a: role:x\n[b]: role:y\n"), HasSubstr("line 2: the name of a rule"));
}

TEST(PolicyFile, RefusesARuleGivenTwice) {
  EXPECT_THAT(refusal("a: role:x\nb: role:y\na: role:z\n"),
              HasSubstr("line 3: rule \"a\" is given twice"));
}

TEST(PolicyFile, RefusesARuleWithoutACheckLestItMeanAlways) {
  for (const char* value : {"", "~", "null", "!", "! # never"}) {
    EXPECT_THAT(refusal("a: role:x\nb: " + std::string(value) + "\n"),
                HasSubstr("rule \"b\" has no check"))
        << value;
  }
  EXPECT_EQ(parsed("b: \"!\"")["b"], "!");
}

TEST(PolicyFile, RefusesAFileThatIsCutOff) {
  for (const char* text :
       {"a: \"role:x\n", "a: \"role:x and ro", "a: 'role:x\n", "{\"a\": \"role:x\""}) {
    EXPECT_THAT(refusal(text), HasSubstr("line ")) << text;
  }
}

TEST(PolicyFile, NamesTheLineOfASyntaxError) {
  EXPECT_THAT(refusal("a: role:x\nb: @\n"), HasSubstr("line 2: "));
  EXPECT_THAT(refusal("a: 'role:x"), HasSubstr("line "));
  EXPECT_THAT(refusal("a: role:x\n---\nb: role:y\n"), HasSubstr("more than one YAML document"));
}

TEST(DefaultRules, AreUpstreamsThirtyEight) {
  EXPECT_EQ(default_rules().size(), 38u);
  EXPECT_EQ(default_rules().front().name, "admin_api");
  EXPECT_EQ(default_rules().back().name, "placement:reshaper:reshape");
}

TEST(SamplePolicyFile, ChangesNothingAsItStands) {
  EXPECT_THAT(parsed(sample_policy_file()), IsEmpty());
}

TEST(SamplePolicyFile, HoldsEveryDefaultOnceTheMarksAreTakenAway) {
  std::string text = sample_policy_file();
  for (std::size_t at = 0; (at = text.find("\n#\"", at)) != text.npos;)
    text.erase(at + 1, 1);
  const Rules rules = parsed(text);
  ASSERT_EQ(rules.size(), default_rules().size());
  for (const DefaultRule& rule : default_rules()) {
    EXPECT_EQ(rules.find(rule.name)->second, rule.check) << rule.name;
  }
}

TEST(PolicyFile, WhatIsNoYamlMapEndsInARefusal) {
  // The second once kept yaml-cpp busy for ever.
  for (const auto* text :
       {",a: \"role:b\"\n", "# Rules.\n,placement:usiges\": \"role:reader ulplacement:a:b\"\n"}) {
    EXPECT_FALSE(parse_policy_file(text)) << text;
  }
}

}  // namespace
}  // namespace emplace::policy
