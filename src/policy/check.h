// Check: one node of a rule that is ready to be evaluated: names are looked up, roles in lower
// case.
#pragma once

#include <functional>

#include "policy/policy.h"
#include "policy/syntax.h"

namespace emplace::policy {

class Check {
 public:
  virtual ~Check() = default;
  // Without a target it is left open what the object is; with one the verdict is never `depends`.
  virtual Verdict evaluate(const Identity& identity, const Target* target) const = 0;
};

// Gives the check behind a rule's name.
using Resolve = std::function<Result<CheckPtr>(const std::string& rule)>;

Result<CheckPtr> compile(const Syntax& syntax, const Resolve& resolve);

}  // namespace emplace::policy
