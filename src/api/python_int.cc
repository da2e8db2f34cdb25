#include "api/python_int.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "json/utf8.h"

namespace emplace::api {
namespace {

// The zeros of all scripts; the nine code points behind each are its other digits.
constexpr char32_t zeros[] = {
    0x30,    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,
    0xc66,   0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,
    0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,
    0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
    0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2,
    0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

std::optional<int> digit_of(char32_t character) {
  const auto* after = std::upper_bound(std::begin(zeros), std::end(zeros), character);
  if (after == std::begin(zeros)) return std::nullopt;
  const char32_t distance = character - *(after - 1);
  if (distance > 9) return std::nullopt;
  return static_cast<int>(distance);
}

bool is_space(char32_t c) {
  return (c >= 0x9 && c <= 0xd) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

std::u32string strip(std::string_view text) {
  std::u32string characters;
  for (std::size_t at = 0; at < text.size();)
    characters += json::next_character(text, at);
  while (!characters.empty() && is_space(characters.back()))
    characters.pop_back();
  const auto first = std::find_if_not(characters.begin(), characters.end(), is_space);
  characters.erase(characters.begin(), first);
  return characters;
}

}  // namespace

PythonInt parse_python_int(std::string_view text) {
  const std::u32string characters = strip(text);
  std::size_t at = 0;
  bool negative = false;
  if (at < characters.size() && (characters[at] == U'-' || characters[at] == U'+')) {
    negative = characters[at++] == U'-';
  }
  // Counted downward, since the lowest number has no positive counterpart.
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t number = 0;
  bool beyond = false, after_digit = false;
  for (; at < characters.size(); ++at) {
    if (characters[at] == U'_' && after_digit) {
      after_digit = false;
      continue;
    }
    const auto digit = digit_of(characters[at]);
    if (!digit) return NotANumber{};
    after_digit = true;
    beyond = beyond || number < (lowest + *digit) / 10;
    if (!beyond) number = number * 10 - *digit;
  }
  if (!after_digit) return NotANumber{};
  if (beyond || (!negative && number == lowest)) return BeyondInt64{negative};
  return negative ? number : -number;
}

}  // namespace emplace::api
