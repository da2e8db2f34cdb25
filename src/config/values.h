// The text of an option → its value, by oslo.config's rules. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emplace::config {

std::string_view trim(std::string_view text);
std::string_view trim_right(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
// The words of a text that are parted by spaces.
std::vector<std::string_view> split_words(std::string_view text);

// true/1/on/yes or false/0/off/no in any case; nothing for any other text.
std::optional<bool> parse_boolean(std::string_view text);
// As Python's int(): a sign, white space around and single underscores between digits are allowed.
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);
// Parted by commas, white space and trailing commas dropped. Quotes are part of an item.
std::vector<std::string> parse_list(std::string_view text);

// The text with the passwords of every URL in it masked (user:***@, and ?…pass…=***).
std::string mask_passwords(std::string_view text);

}  // namespace emplace::config
