// Policy: check texts and whole policy files; what is said before an object is known must agree
// with what is said of every object.
#include <map>
#include <string>

#include "fuzz.h"
#include "policy/policy.h"
#include "policy/syntax.h"

using namespace emplace;
using fuzz::require;

namespace {

using Rules = std::map<std::string, std::string, std::less<>>;

const Identity identities[] = {
    {},
    {.user_id = "u", .project_id = "p", .roles = {"admin"}},
    {.user_id = "u",
     .project_id = "p",
     .roles = {"reader", "Member"},
     .service_roles = {"service"}},
    {.system_scope = "all", .roles = {"service"}, .is_admin_project = false},
};

const policy::Target targets[] = {
    {},
    {{"project_id", {"p"}}, {"user_id", {"u"}}},
    {{"project_id", {"other"}}, {"resource_provider.traits", {"A", "B"}}},
};

void check_rule(const policy::RuleSet& rules, const std::string& name) {
  for (const auto& identity : identities) {
    const auto verdict = rules.verdict(name, identity);
    for (const auto& target : targets) {
      const bool allowed = rules.allows(name, identity, target);
      require(verdict != policy::Verdict::never || !allowed, "never holds for no object");
      require(verdict != policy::Verdict::always || allowed, "always holds for every object");
    }
  }
}

void check_rules(const Rules& overrides) {
  for (const bool strict : {false, true}) {
    const auto rules =
        policy::RuleSet::make(overrides, {.enforce_scope = strict, .enforce_new_defaults = strict});
    if (!rules) {
      require(rules.error().reason == Reason::bad_request && !rules.error().detail.empty(),
              "a refused set of rules says why");
      return;
    }
    for (const auto& [name, check] : overrides)
      check_rule(*rules, name);
    check_rule(*rules, "placement:usages");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto syntax = policy::parse_check(text);
  if (!syntax) require(!syntax.error().detail.empty(), "a refused check says why");

  const std::string check(text);
  const Rules overrides{{"placement:usages", check}, {"default", "role:reader"}, {"other", check}};
  if (const auto rules = policy::RuleSet::make(overrides, {}); rules) {
    require(syntax.has_value(), "only what can be parsed becomes a rule");
  }
  check_rules(overrides);

  const auto file = policy::parse_policy_file(text);
  if (!file) {
    require(file.error().reason == Reason::bad_request && !file.error().detail.empty(),
            "a refused file says why");
    return 0;
  }
  check_rules(*file);
  return 0;
}
