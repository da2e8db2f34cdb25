// LIKE of SQL, as SQLite does it: `%` is any text, `_` any character; ASCII letters in any case.
#pragma once

#include <string_view>

namespace emplace::api {

// Takes time in proportion to both lengths multiplied, at worst. Requires: `text` is ASCII.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace emplace::api
