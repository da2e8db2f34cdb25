// Numbers in query strings, read as Python's int() reads them: Placement's clients were written
// against that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace emplace::api {

struct NotANumber {};
// A whole number that does not fit 64 bits; `negative` tells on which side.
struct BeyondInt64 {
  bool negative = false;
};
using PythonInt = std::variant<std::int64_t, NotANumber, BeyondInt64>;

// Spaces around it, a sign, single underscores between digits, and the decimal digits of any
// script, as Unicode 14 has them. Requires: `text` is valid UTF-8.
PythonInt parse_python_int(std::string_view text);

}  // namespace emplace::api
