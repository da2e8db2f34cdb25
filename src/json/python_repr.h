// Values and names as Python's repr() shows them: Placement's clients know error messages so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace emplace::json {

// About `limit` bytes of the value's repr; what is longer ends in "...", so that a message stays
// short whatever the client sent.
std::string python_repr(const Value& value, std::size_t limit);
std::string python_repr_text(std::string_view text, std::size_t limit);

}  // namespace emplace::json
