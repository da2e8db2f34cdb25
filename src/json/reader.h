// Reading JSON: Boost.JSON's value, with the limits and refusals that a server on a network needs.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace emplace::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct Limits {
  std::size_t depth = 32;
  std::size_t items_per_list = 1000;  // of an array or an object; 0: no limit
};

// Parses one JSON text. Refused with Reason::bad_request and a short sentence, nothing echoed:
// what is not JSON, invalid UTF-8, lone surrogates, a BOM, duplicate keys, NaN and Infinity,
// numbers beyond double, nesting or lists over the limits, anything after the value.
// The sentence begins with "Malformed JSON: ".
// Integers that fit 64 bits are int64 (uint64 above that); larger ones become double.
Result<Value> parse(std::string_view text, const Limits& limits = {});

}  // namespace emplace::json
