// The text of a double, in the form that Python's repr() and json.dumps() give it.
#pragma once

#include <cstddef>

namespace emplace::json {

inline constexpr std::size_t double_text_max = 32;

// Writes the shortest digits that read back as `number`, with ".0" for whole numbers and an
// exponent below 1e-4 and from 1e16, to at most double_text_max characters at `out`; returns the
// end. Requires: `number` is finite.
char* write_double(char* out, double number);

}  // namespace emplace::json
