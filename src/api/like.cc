#include "api/like.h"

#include <cstddef>

namespace emplace::api {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_like(std::string_view text, std::string_view pattern) {
  // After a mismatch the last `%` takes one character more; earlier ones need not be asked again.
  constexpr auto none = std::string_view::npos;
  std::size_t t = 0, p = 0, after_percent = none, retry_at = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      after_percent = ++p;
      retry_at = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || lower(pattern[p]) == lower(text[t]))) {
      ++p;
      ++t;
    } else if (after_percent != none) {
      p = after_percent;
      t = ++retry_at;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%')
    ++p;
  return p == pattern.size();
}

}  // namespace emplace::api
