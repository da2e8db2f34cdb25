// The oslo.policy language: rules by name, parsed once, evaluated against an identity and the
// attributes of the object that is asked about. Immutable once made; any thread may evaluate.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "policy/identity.h"

namespace emplace::policy {

// The attributes of an object, such as {"project_id", "…"}: never the caller's, never the body's.
// A list holds several values (resource_provider.traits); a check matches any of them.
using Target = std::map<std::string, std::vector<std::string>, std::less<>>;

// Whether objects of a kind may have an attribute of this name.
using IsAttribute = bool (*)(std::string_view name);

// One parsed check, such as `role:admin or (role:reader and project_id:%(project_id)s)`.
class Check;
struct Question;
enum class Finding;
using CheckPtr = std::shared_ptr<const Check>;

// What a rule says of an identity before any object is known.
enum class Verdict {
  never,    // false whatever the object
  depends,  // true for some objects
  always,   // true whatever the object
};

// A default rule as upstream registers it.
struct DefaultRule {
  std::string_view name;
  std::string_view check;
  std::string_view deprecated_check;  // also accepted while enforce_new_defaults is false; or empty
  bool project_scope;                 // whether scope type `project` is asked for
  std::string_view description;
  std::string_view operations;  // "GET /resource_providers; …", or empty for a helper rule
};
// All default rules, in upstream's order.
const std::vector<DefaultRule>& default_rules();
// A policy.yaml that holds every default rule with its description, each commented out.
std::string sample_policy_file();

struct Options {
  bool enforce_scope = true;
  bool enforce_new_defaults = true;
};

// All rules in force: the defaults, overridden by name by what the policy files say.
class RuleSet {
 public:
  // `overrides`: rule name to check text, from the files, later files last. A check that cannot be
  // parsed, or that refers to itself in the end, fails the whole set with a sentence that names the
  // rule (Reason::bad_request). A reference to an unknown rule means the rule "default", else
  // never.
  static Result<RuleSet> make(const std::map<std::string, std::string, std::less<>>& overrides,
                              const Options& options);

  // Whether `rule` can, must or cannot hold for this identity, the target left open.
  // An unknown rule falls back to the rule "default", else to never.
  Verdict verdict(std::string_view rule, const Identity& identity) const;
  // Whether `rule` holds for this identity and this object. A check on an attribute that the object
  // lacks is false.
  bool allows(std::string_view rule, const Identity& identity, const Target& target) const;
  // Whether `rule` holds as far as it is about objects of this one's kind, for requests that touch
  // objects of several kinds, each of which is judged by itself. Checks on attributes that only
  // other kinds have are left out of their `and` and `or`; a rule of which nothing else is left
  // holds.
  bool allows_kind(std::string_view rule, const Identity& identity, const Target& target,
                   IsAttribute is_attribute) const;

 private:
  struct Rule {
    CheckPtr check;
    bool project_scope;
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };

  Finding evaluate(std::string_view rule, const Question& question) const;

  std::unordered_map<std::string, Rule, NameHash, std::equal_to<>> rules_;
  Options options_;
};

// The rules of a YAML or JSON policy file's text: name → check. Failure: a sentence with the line.
Result<std::map<std::string, std::string, std::less<>>> parse_policy_file(std::string_view text);

}  // namespace emplace::policy
