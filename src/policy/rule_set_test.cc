#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "policy/policy.h"

namespace emplace::policy {
namespace {

using testing::HasSubstr;
using Overrides = std::map<std::string, std::string, std::less<>>;

RuleSet rules(const Overrides& overrides = {}, const Options& options = {}) {
  auto made = RuleSet::make(overrides, options);
  EXPECT_TRUE(made) << (made ? "" : made.error().detail);
  return made ? std::move(*made) : RuleSet();
}

std::string refusal(const Overrides& overrides) {
  const auto made = RuleSet::make(overrides, {});
  EXPECT_FALSE(made);
  if (made) return "";
  EXPECT_EQ(made.error().reason, Reason::bad_request);
  return made.error().detail;
}

Identity caller(std::vector<std::string> roles, const std::string& project = "p1") {
  Identity identity;
  identity.user_id = "u1";
  identity.project_id = project;
  identity.roles = std::move(roles);
  return identity;
}

// The verdict and the decision of one check.
Verdict verdict(const std::string& check, const Identity& identity) {
  return rules({{"r", check}}).verdict("r", identity);
}
bool allows(const std::string& check, const Identity& identity, const Target& target = {}) {
  return rules({{"r", check}}).allows("r", identity, target);
}

constexpr auto usages = "placement:usages";
constexpr auto list = "placement:resource_providers:list";
constexpr auto reshape = "placement:reshaper:reshape";

TEST(RuleSet, DefaultsGiveAdministratorsAndServicesMostOfTheApi) {
  const RuleSet set = rules();
  EXPECT_EQ(set.verdict(list, caller({"admin", "member", "reader"})), Verdict::always);
  EXPECT_EQ(set.verdict(list, caller({"service"})), Verdict::always);
  EXPECT_EQ(set.verdict(list, caller({"member", "reader"})), Verdict::never);
  EXPECT_EQ(set.verdict(list, caller({})), Verdict::never);
}

TEST(RuleSet, UsagesOfAProjectAreForItsReaders) {
  const RuleSet set = rules();
  EXPECT_EQ(set.verdict(usages, caller({"reader"})), Verdict::depends);
  EXPECT_TRUE(set.allows(usages, caller({"reader"}), {{"project_id", {"p1"}}}));
  EXPECT_FALSE(set.allows(usages, caller({"reader"}), {{"project_id", {"p2"}}}));
  EXPECT_FALSE(set.allows(usages, caller({"reader"}), {}));
  EXPECT_EQ(set.verdict(usages, caller({"member"})), Verdict::never);
}

TEST(RuleSet, ReshapeIsForServicesUnlessTheOldDefaultsStillCount) {
  EXPECT_EQ(rules().verdict(reshape, caller({"admin"})), Verdict::never);
  EXPECT_EQ(rules().verdict(reshape, caller({"service"})), Verdict::always);
  const Options old_too{.enforce_new_defaults = false};
  EXPECT_EQ(rules({}, old_too).verdict(reshape, caller({"admin"})), Verdict::always);
}

TEST(RuleSet, AnOverriddenRuleLosesItsDeprecatedTwin) {
  const Options old_too{.enforce_new_defaults = false};
  const RuleSet set = rules({{"service_api", "role:robot"}}, old_too);
  EXPECT_EQ(set.verdict(reshape, caller({"admin"})), Verdict::never);
  EXPECT_EQ(set.verdict(reshape, caller({"robot"})), Verdict::always);
}

TEST(RuleSet, AnOverrideOfTheDeprecatedNameReplacesTheDefaultsThatHadIt) {
  const RuleSet set = rules({{"rule:admin_api", "role:boss"}});
  EXPECT_EQ(set.verdict(reshape, caller({"boss"})), Verdict::always);
  EXPECT_EQ(set.verdict(reshape, caller({"service"})), Verdict::never);
  const RuleSet alias = rules({{"rule:admin_api", "rule:service_api"}});
  EXPECT_EQ(alias.verdict(reshape, caller({"service"})), Verdict::always);
}

TEST(RuleSet, AnOverrideCountsWhereverItsRuleIsReferredTo) {
  const RuleSet set =
      rules({{"admin_or_service_api", "role:boss"}, {usages, "rule:mine"}, {"mine", "user_id:u1"}});
  EXPECT_EQ(set.verdict(list, caller({"boss"})), Verdict::always);
  EXPECT_EQ(set.verdict(list, caller({"admin"})), Verdict::never);
  EXPECT_EQ(set.verdict(usages, caller({})), Verdict::always);
}

TEST(RuleSet, SystemAndDomainScopedTokensAreRefusedWhileScopeIsEnforced) {
  Identity system = caller({"admin"}, "");
  system.system_scope = "all";
  Identity domain = caller({"admin"}, "");
  domain.domain_id = "d1";
  const RuleSet open = rules({{list, "@"}});
  const RuleSet lax = rules({{list, "@"}}, {.enforce_scope = false});
  for (const Identity& identity : {system, domain}) {
    EXPECT_EQ(open.verdict(list, identity), Verdict::never);
    EXPECT_FALSE(open.allows(list, identity, {}));
    EXPECT_EQ(lax.verdict(list, identity), Verdict::always);
  }
}

TEST(RuleSet, ScopeIsAskedOfTheOperationsOwnRuleOnly) {
  Identity system = caller({"admin"}, "");
  system.system_scope = "all";
  EXPECT_EQ(rules({{"mine", "rule:admin_api"}}).verdict("mine", system), Verdict::always);
}

TEST(RuleSet, UnknownRulesMeanTheDefaultRuleElseNever) {
  EXPECT_EQ(rules().verdict("no:such", caller({"admin"})), Verdict::never);
  EXPECT_FALSE(allows("rule:nowhere", caller({"admin"})));
  EXPECT_TRUE(allows("not rule:nowhere", caller({"admin"})));
  const RuleSet set = rules({{"default", "role:admin"}, {"r", "rule:nowhere"}});
  EXPECT_EQ(set.verdict("no:such", caller({"admin"})), Verdict::always);
  EXPECT_EQ(set.verdict("r", caller({"admin"})), Verdict::always);
  EXPECT_EQ(set.verdict("r", caller({"member"})), Verdict::never);
}

TEST(RuleSet, RefusesCyclesWithTheirPath) {
  EXPECT_THAT(refusal({{"a", "rule:a"}}), HasSubstr("\"a\": it refers to itself: a -> a"));
  EXPECT_THAT(refusal({{"a", "role:x and not rule:b"}, {"b", "role:y or rule:c"}, {"c", "rule:a"}}),
              HasSubstr("it refers to itself: a -> b -> c -> a"));
  EXPECT_THAT(refusal({{"default", "rule:nowhere"}}), HasSubstr("it refers to itself"));
}

TEST(RuleSet, ARuleThatTwoOthersShareIsNoCycle) {
  const RuleSet set =
      rules({{"a", "rule:b or rule:c"}, {"b", "rule:d"}, {"c", "rule:d"}, {"d", "role:x"}});
  EXPECT_EQ(set.verdict("a", caller({"x"})), Verdict::always);
}

TEST(RuleSet, RefusesChainsOfReferencesThatWouldExhaustTheStack) {
  Overrides chain;
  for (int i = 0; i < 20'000; ++i)
    chain["r" + std::to_string(i)] = "rule:r" + std::to_string(i + 1);
  EXPECT_THAT(refusal(chain), HasSubstr("too many rules"));
}

TEST(RuleSet, NamesTheRuleThatCannotBeParsed) {
  EXPECT_THAT(refusal({{"some:rule", "role:a role:b"}}),
              HasSubstr("Rule \"some:rule\": \"role:b\""));
}

TEST(Check, RolesMatchInAnyCase) {
  EXPECT_TRUE(allows("role:ADMIN", caller({"x", "Admin"})));
  EXPECT_FALSE(allows("role:admin", caller({"administrator", "adm"})));
  EXPECT_TRUE(allows("role:%(r)s", caller({"ADMIN"}), {{"r", {"admin"}}}));
  EXPECT_EQ(verdict("role:%(r)s", caller({"x"})), Verdict::depends);
  EXPECT_EQ(verdict("role:%(r)s", caller({})), Verdict::never);
}

TEST(Check, RolesAsAnAttributeMatchExactly) {
  EXPECT_TRUE(allows("roles:Admin", caller({"Admin"})));
  EXPECT_FALSE(allows("roles:admin", caller({"Admin"})));
}

TEST(Check, EveryAttributeOfTheCallerCanBeAskedFor) {
  Identity identity = caller({});
  identity.user_domain_id = "ud";
  identity.project_domain_id = "pd";
  identity.domain_id = "d";
  identity.system_scope = "all";
  identity.service_roles = {"service"};
  EXPECT_TRUE(
      allows("user_id:u1 and project_id:p1 and user_domain_id:ud and "
             "project_domain_id:pd and domain_id:d and system_scope:all and system:all and "
             "service_roles:service and is_admin_project:True",
             identity));
  identity.is_admin_project = false;
  EXPECT_TRUE(allows("is_admin_project:False", identity));
}

TEST(Check, AttributesThatNobodyHasNeverMatch) {
  for (const char* check : {"is_admin:True", "token.user.id:u1", "user_id.name:u1", "tenant:p1"}) {
    EXPECT_EQ(verdict(check, caller({"admin"})), Verdict::never) << check;
  }
}

TEST(Check, WhatTheCallerLacksMatchesNoObject) {
  Identity nobody;
  EXPECT_FALSE(allows("project_id:%(project_id)s", nobody, {{"project_id", {"", "None"}}}));
  EXPECT_EQ(verdict("project_id:%(project_id)s", nobody), Verdict::never);
  EXPECT_FALSE(allows("project_id:", nobody));
  EXPECT_TRUE(allows("project_id:None", nobody));
}

TEST(Check, AnAttributeThatTheObjectLacksFailsTheCheckButNotItsNegation) {
  EXPECT_FALSE(allows("project_id:%(nothing)s", caller({})));
  EXPECT_TRUE(allows("not project_id:%(nothing)s", caller({})));
  EXPECT_EQ(verdict("not project_id:%(nothing)s", caller({})), Verdict::depends);
}

TEST(Check, AnyValueOfAListMatches) {
  const Target target{{"resource_provider.traits", {"A", "B"}}, {"x", {"1", "12"}}, {"none", {}}};
  EXPECT_TRUE(allows("'B':%(resource_provider.traits)s", caller({}), target));
  EXPECT_FALSE(allows("'C':%(resource_provider.traits)s", caller({}), target));
  EXPECT_TRUE(allows("'a12-A':a%(x)s-%(resource_provider.traits)s", caller({}), target));
  EXPECT_FALSE(allows("'a12-':a%(x)s-%(none)s", caller({}), target));
}

TEST(Check, LiteralsWithoutAttributesAreDecidedAtOnce) {
  EXPECT_EQ(verdict("1:1", caller({})), Verdict::always);
  EXPECT_EQ(verdict("'a':b", caller({})), Verdict::never);
  EXPECT_EQ(verdict("True:%(enabled)s", caller({})), Verdict::depends);
}

TEST(Check, AndAndOrAreSettledByOnePartWhateverDependsBeside) {
  const std::string open = "project_id:%(project_id)s";
  EXPECT_EQ(verdict(open + " and !", caller({})), Verdict::never);
  EXPECT_EQ(verdict(open + " and @", caller({})), Verdict::depends);
  EXPECT_EQ(verdict(open + " or @", caller({})), Verdict::always);
  EXPECT_EQ(verdict(open + " or !", caller({})), Verdict::depends);
  EXPECT_EQ(verdict("not (" + open + " and !)", caller({})), Verdict::always);
}

std::string random_check(Random& random, int depth) {
  static const std::vector<std::string> leaves = {"@",
                                                  "!",
                                                  "role:a",
                                                  "role:b",
                                                  "role:%(r)s",
                                                  "project_id:%(project_id)s",
                                                  "user_id:u1",
                                                  "'x':%(tags)s",
                                                  "system_scope:all",
                                                  "roles:%(r)s",
                                                  "project_id:None",
                                                  "rule:nowhere"};
  if (depth == 0) return leaves[random.below(leaves.size())];
  const std::string first = random_check(random, depth - 1);
  const std::string second = random_check(random, depth - 1);
  switch (random.below(3)) {
    case 0:
      return "not ( " + first + " )";
    case 1:
      return "( " + first + " ) and ( " + second + " )";
    default:
      return "( " + first + " ) or ( " + second + " )";
  }
}

TEST(Check, AVerdictThatIsNotOpenHoldsForEveryObject) {
  Random random(20);
  const std::vector<Target> targets = {{},
                                       {{"project_id", {"p1"}}, {"tags", {"x", "y"}}},
                                       {{"project_id", {"p2"}}, {"r", {"A"}}},
                                       {{"r", {"b", "c"}}, {"tags", {}}}};
  const std::vector<Identity> identities = {caller({}), caller({"a"}), caller({"B", "c"}, "")};
  int settled = 0, open = 0;
  for (int round = 0; round < 500; ++round) {
    const std::string check = random_check(random, 1 + static_cast<int>(random.below(3)));
    const RuleSet set = rules({{"r", check}});
    for (const Identity& identity : identities) {
      const Verdict verdict = set.verdict("r", identity);
      (verdict == Verdict::depends ? open : settled)++;
      for (const Target& target : targets) {
        const bool allowed = set.allows("r", identity, target);
        const bool fits = verdict == Verdict::depends || allowed == (verdict == Verdict::always);
        EXPECT_TRUE(fits) << check;
      }
    }
  }
  EXPECT_GT(settled, 100);
  EXPECT_GT(open, 100);
}

// --- rules that are asked about several kinds of objects ----------------------------------------

bool is_things(std::string_view name) {
  return name.starts_with("thing.");
}

// Whether the check holds for a thing, as far as it is about things.
bool allows_thing(const std::string& check, const Identity& identity, const std::string& owner) {
  return rules({{"r", check}}).allows_kind("r", identity, {{"thing.owner", {owner}}}, is_things);
}

constexpr auto own_thing = "user_id:%(thing.owner)s";

TEST(RuleSetForAKind, AsksAboutThatKindAlone) {
  const Identity member = caller({"member"});
  for (const std::string text :
       {"user_id:%(thing.owner)s", "user_id:%(thing.owner)s and user_id:%(other.owner)s",
        "user_id:%(thing.owner)s or user_id:%(other.owner)s",
        "role:admin or (role:member and user_id:%(thing.owner)s)",
        "role:member and (role:admin or user_id:%(other.owner)s or user_id:%(thing.owner)s)"}) {
    EXPECT_TRUE(allows_thing(text, member, "u1")) << text;
    EXPECT_FALSE(allows_thing(text, member, "u2")) << text;
  }
}

TEST(RuleSetForAKind, HoldsIfNothingInItIsAboutTheKind) {
  const Identity member = caller({"member"});
  EXPECT_TRUE(allows_thing("user_id:%(other.owner)s", member, "u2"));
  EXPECT_TRUE(allows_thing("role:admin or user_id:%(other.owner)s", member, "u2"));
  EXPECT_TRUE(allows_thing("role:member and user_id:%(other.owner)s", member, "u2"));
  EXPECT_TRUE(allows_thing("not user_id:%(other.owner)s", member, "u2"));
  EXPECT_FALSE(allows_thing("role:admin and user_id:%(other.owner)s", member, "u1"));
}

TEST(RuleSetForAKind, DoesNotLetAnotherKindMakeUpForThisOne) {
  const Identity member = caller({"member"});
  EXPECT_FALSE(allows_thing("(role:member and user_id:%(other.owner)s) or user_id:%(thing.owner)s",
                            member, "u2"));
  EXPECT_FALSE(allows_thing("not user_id:%(thing.owner)s", member, "u1"));
  EXPECT_TRUE(allows_thing("not user_id:%(thing.owner)s", member, "u2"));
}

TEST(RuleSetForAKind, TakesWhatHoldsWhateverTheObject) {
  EXPECT_TRUE(allows_thing(std::string("role:admin or ") + own_thing, caller({"admin"}), "u2"));
  EXPECT_FALSE(allows_thing(std::string("!"), caller({"admin"}), "u1"));
}

}  // namespace
}  // namespace emplace::policy
