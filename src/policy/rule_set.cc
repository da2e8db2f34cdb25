// RuleSet: the defaults and the operator's rules joined, every reference looked up once.
#include <algorithm>

#include "policy/check.h"
#include "policy/policy.h"
#include "policy/syntax.h"

namespace emplace::policy {
namespace {

using Sources = std::map<std::string, Syntax, std::less<>>;

// Upstream files the deprecated twin of every rule under this odd name, prefix included. A rule of
// this name in a policy file replaces each default that has a twin, as oslo.policy has it.
constexpr std::string_view deprecated_name = "rule:admin_api";

// Guards the stack; see nesting_max in syntax.cc.
constexpr std::size_t chain_length_max = 100;
constexpr std::string_view fallback_name = "default";

tl::unexpected<Failure> refuse(std::string_view rule, const std::string& sentence) {
  return fail(Reason::bad_request, "Rule \"" + std::string(rule) + "\": " + sentence + ".");
}

Result<Syntax> parse_rule(std::string_view name, std::string_view text) {
  Result<Syntax> syntax = parse_check(text);
  if (!syntax) return refuse(name, syntax.error().detail);
  return syntax;
}

bool holds(Finding finding) {
  return finding == Finding::shown || finding == Finding::always;
}

// What a default rule means when no file gives that rule itself.
Result<Syntax> default_syntax(const DefaultRule& rule, const Sources& overrides,
                              const Options& options) {
  if (!rule.deprecated_check.empty()) {
    const auto renamed = overrides.find(deprecated_name);
    const auto means_this = [&](const Syntax& syntax) {
      return syntax.kind == Syntax::Kind::reference && syntax.name == rule.name;
    };
    if (renamed != overrides.end() && !means_this(renamed->second)) return renamed->second;
  }
  Syntax syntax = TRY(parse_rule(rule.name, rule.check));
  if (rule.deprecated_check.empty() || options.enforce_new_defaults) return syntax;
  Syntax deprecated = TRY(parse_rule(rule.name, rule.deprecated_check));
  Syntax either{.kind = Syntax::Kind::disjunction};
  either.operands.push_back(std::move(syntax));
  either.operands.push_back(std::move(deprecated));
  return either;
}

// Compiles rules in the order in which they refer to each other.
class Linker {
 public:
  explicit Linker(const Sources& sources) : sources_(sources) {}

  Result<CheckPtr> link(const std::string& name) {
    const auto source = find(name);
    if (source == sources_.end()) return compile(Syntax{.kind = Syntax::Kind::never}, nullptr);
    if (const auto done = done_.find(source->first); done != done_.end()) return done->second;

    const bool is_cycle = std::find(path_.begin(), path_.end(), source->first) != path_.end();
    path_.push_back(source->first);
    if (is_cycle) return refuse(source->first, "it refers to itself: " + path_text(source->first));
    if (path_.size() > chain_length_max) {
      return refuse(path_.front(), "too many rules refer to each other in a row");
    }
    const Resolve resolve = [this](const std::string& rule) { return link(rule); };
    CheckPtr check = TRY(compile(source->second, resolve));
    path_.pop_back();
    done_.emplace(source->first, check);
    return check;
  }

 private:
  Sources::const_iterator find(const std::string& name) const {
    const auto found = sources_.find(name);
    return found != sources_.end() ? found : sources_.find(fallback_name);
  }

  // From the first time that `name` came to the last.
  std::string path_text(const std::string& name) const {
    std::string text = name;
    const auto first = std::find(path_.begin(), path_.end(), name);
    for (auto step = first + 1; step != path_.end(); ++step)
      text += " -> " + *step;
    return text;
  }

  const Sources& sources_;
  std::map<std::string, CheckPtr> done_;
  std::vector<std::string> path_;
};

}  // namespace

Result<RuleSet> RuleSet::make(const std::map<std::string, std::string, std::less<>>& overrides,
                              const Options& options) {
  Sources sources;
  for (const auto& [name, text] : overrides) {
    Syntax syntax = TRY(parse_rule(name, text));
    sources.emplace(name, std::move(syntax));
  }
  const Sources given = sources;
  for (const DefaultRule& rule : default_rules()) {
    if (given.contains(rule.name)) continue;
    Syntax syntax = TRY(default_syntax(rule, given, options));
    sources.emplace(rule.name, std::move(syntax));
  }

  RuleSet set;
  set.options_ = options;
  Linker linker(sources);
  for (const auto& [name, syntax] : sources) {
    CheckPtr check = TRY(linker.link(name));
    set.rules_.emplace(name, Rule{.check = std::move(check), .project_scope = false});
  }
  for (const DefaultRule& rule : default_rules()) {
    set.rules_.find(rule.name)->second.project_scope = rule.project_scope;
  }
  return set;
}

Finding RuleSet::evaluate(std::string_view rule, const Question& question) const {
  auto found = rules_.find(rule);
  if (found == rules_.end()) found = rules_.find(fallback_name);
  if (found == rules_.end()) return Finding::never;
  const Identity& identity = question.identity;
  // The scope is asked of the rule of the operation only, not of those that it refers to.
  if (found->second.project_scope && options_.enforce_scope &&
      (!identity.system_scope.empty() || !identity.domain_id.empty())) {
    return Finding::never;
  }
  return found->second.check->evaluate(question);
}

Verdict RuleSet::verdict(std::string_view rule, const Identity& identity) const {
  const Finding finding = evaluate(rule, {.identity = identity});
  if (finding == Finding::open) return Verdict::depends;
  return holds(finding) ? Verdict::always : Verdict::never;
}

bool RuleSet::allows(std::string_view rule, const Identity& identity, const Target& target) const {
  return holds(evaluate(rule, {.identity = identity, .target = &target}));
}

bool RuleSet::allows_kind(std::string_view rule, const Identity& identity, const Target& target,
                          IsAttribute is_attribute) const {
  const Finding finding =
      evaluate(rule, {.identity = identity, .target = &target, .is_attribute = is_attribute});
  return finding == Finding::open || holds(finding);
}

}  // namespace emplace::policy
