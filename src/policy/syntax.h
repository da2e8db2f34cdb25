// The syntax of one check text of the oslo.policy language, parsed; names are not looked up yet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace emplace::policy {

// A part of what stands right of a check's colon: text, or the name of a target's attribute.
struct Piece {
  std::string text;
  bool is_attribute = false;
};
using Template = std::vector<Piece>;

struct Syntax {
  enum class Kind {
    never,        // !
    always,       // @ or nothing at all
    negation,     // not …
    conjunction,  // … and …
    disjunction,  // … or …
    reference,    // rule:NAME
    role,         // role:MATCH, the match's text in lower case
    literal,      // 'LITERAL':MATCH
    credential,   // PATH:MATCH
  };
  Kind kind = Kind::never;
  std::string name = {};  // NAME, LITERAL or PATH
  Template match = {};
  std::vector<Syntax> operands = {};
};

// Fails with a sentence for what oslo.policy would take as "never" or trip over at each use, and
// for http: and https: checks, which would make every decision wait for another server.
Result<Syntax> parse_check(std::string_view text);

}  // namespace emplace::policy
