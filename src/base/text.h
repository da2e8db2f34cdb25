// Small things about text that the standard library lacks.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace emplace {

// Whether two texts are the same but for the case of ASCII letters, as names of HTTP headers are.
inline bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// A text without the blanks around it, as HTTP's OWS (RFC 9110, 5.6.3).
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_utf8(std::string_view text);

// Percent-decodes; with `plus_is_space` as in a query (WHATWG URL, 5.1). What follows a lone `%`
// stays as it is.
std::string percent_decoded(std::string_view text, bool plus_is_space);

// Appends a line of a head, ended by CR LF. Control characters in the value become spaces, so that
// no value can start a line of its own (RFC 9110, 5.5).
inline void append_header_line(std::string& lines, std::string_view name, std::string_view value) {
  lines.append(name).append(": ");
  const auto begin = lines.size();
  lines.append(value);
  std::replace_if(
      lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.end(),
      [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  lines.append("\r\n");
}

}  // namespace emplace
