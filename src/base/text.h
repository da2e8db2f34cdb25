// Small things about text that the standard library lacks.
#pragma once

#include <algorithm>
#include <cctype>
#include <string_view>

namespace emplace {

// Whether two texts are the same but for the case of ASCII letters, as names of HTTP headers are.
inline bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace emplace
