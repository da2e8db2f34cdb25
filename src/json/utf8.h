// Walking over text that is known to be valid UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace emplace::json {

inline bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The character at `at`; moves `at` behind it. Requires: a character begins at `at`.
inline char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  char32_t character = lead & (lead < 0xe0 ? 0x1f : lead < 0xf0 ? 0x0f : 0x07);
  while (at < text.size() && continues_character(text[at])) {
    character = character << 6 | (static_cast<unsigned char>(text[at++]) & 0x3f);
  }
  return character;
}

inline std::size_t character_count(std::string_view text) {
  const auto continued = std::count_if(text.begin(), text.end(), continues_character);
  return text.size() - static_cast<std::size_t>(continued);
}

// At most `size` bytes of `text`, with no character cut in two.
inline std::string_view cut_to(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && continues_character(text[size]))
    --size;
  return text.substr(0, size);
}

}  // namespace emplace::json
