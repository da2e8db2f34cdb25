#include "config/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace emplace::config {
namespace {

// What Python's str.strip() takes off, as far as it is ASCII.
constexpr std::string_view white_space = " \t\r\n\v\f\x1c\x1d\x1e\x1f";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Drops underscores that stand between two digits; nothing if one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      digits += text[i];
      continue;
    }
    const bool between =
        i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (!between) return std::nullopt;
  }
  return digits;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  text = trim(text);
  const bool plus = !text.empty() && text.front() == '+';
  if (plus) text.remove_prefix(1);
  if (text.empty() || (plus && text.front() == '-')) return std::nullopt;
  const auto digits = without_underscores(text);
  if (!digits) return std::nullopt;
  Number number{};
  const char* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// Masks user:PASSWORD@. The last @ counts: a password may itself hold one that is not escaped.
void mask_user_password(std::string& text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return;
  const auto start = scheme + 3;
  const auto at = text.rfind('@');
  const auto colon = text.find(':', start);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return;
  text.replace(colon + 1, at - colon - 1, "***");
}

void mask_query_passwords(std::string& text) {
  auto start = text.find('?');
  while (start != std::string::npos) {
    const auto next = text.find('&', start + 1);
    const auto equals = text.find('=', start + 1);
    const bool has_value = equals != std::string::npos && equals < next;
    if (has_value && to_lower(text.substr(start, equals - start)).find("pass") != text.npos) {
      text.replace(equals + 1, next == text.npos ? text.npos : next - equals - 1, "***");
    }
    start = text.find('&', start + 1);
  }
}

}  // namespace

std::string_view trim_right(std::string_view text) {
  const auto last = text.find_last_not_of(white_space);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  return first == std::string_view::npos ? std::string_view() : trim_right(text.substr(first));
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::optional<bool> parse_boolean(std::string_view text) {
  const auto lower = to_lower(text);
  if (lower == "true" || lower == "1" || lower == "on" || lower == "yes") return true;
  if (lower == "false" || lower == "0" || lower == "off" || lower == "no") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(text);
}

std::optional<double> parse_real(std::string_view text) {
  const auto number = parse_number<double>(text);
  if (number && !std::isfinite(*number)) return std::nullopt;
  return number;
}

std::vector<std::string> parse_list(std::string_view text) {
  text = trim(text);
  while (!text.empty() && text.back() == ',')
    text.remove_suffix(1);
  std::vector<std::string> items;
  if (text.empty()) return items;
  while (true) {
    const auto comma = text.find(',');
    items.emplace_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::string mask_passwords(std::string_view text) {
  std::string masked(text);
  mask_user_password(masked);
  mask_query_passwords(masked);
  return masked;
}

}  // namespace emplace::config
