// Check: one node of a rule that is ready to be evaluated: names are looked up, roles in lower
// case.
#pragma once

#include <functional>

#include "policy/policy.h"
#include "policy/syntax.h"

namespace emplace::policy {

// What a check says, and why: so that a rule can be judged for one kind of object alone.
enum class Finding {
  never,    // false whatever the object
  refuted,  // false by the object's attributes
  open,     // asks about objects that are left out here
  shown,    // true by the object's attributes
  always,   // true whatever the object
};

// What is asked about.
struct Question {
  const Identity& identity;
  const Target* target = nullptr;      // nullptr: no object, every attribute is left open
  IsAttribute is_attribute = nullptr;  // the others are left open; nullptr: none is
};

class Check {
 public:
  virtual ~Check() = default;
  virtual Finding evaluate(const Question& question) const = 0;
};

// Gives the check behind a rule's name.
using Resolve = std::function<Result<CheckPtr>(const std::string& rule)>;

Result<CheckPtr> compile(const Syntax& syntax, const Resolve& resolve);

}  // namespace emplace::policy
