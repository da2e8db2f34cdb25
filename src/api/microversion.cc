#include "api/microversion.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace emplace::api {
namespace {

constexpr std::string_view blanks = " \t";

bool is_placement(std::string_view service) {
  constexpr std::string_view name = "placement";
  return std::equal(service.begin(), service.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

// "placement 1.39" → "1.39"; nothing for other services and for a lone word.
std::optional<std::string_view> version_for_placement(std::string_view item) {
  item = trimmed(item);
  const auto space = item.find_first_of(blanks);
  if (space == std::string_view::npos || !is_placement(item.substr(0, space))) return std::nullopt;
  return trimmed(item.substr(space));
}

// Digits, without a sign, blanks or leading zeros.
std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text[0] == '-') {
    return std::nullopt;
  }
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return number;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 40;
  return std::string(text.substr(0, longest)) + (text.size() > longest ? "…" : "");
}

Result<Microversion> parse_version(std::string_view text) {
  if (text == "latest") return newest;
  // A leading minus makes a version that there is not, rather than no version.
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const auto dot = digits.find('.');
  const auto major = dot == digits.npos ? std::nullopt : parse_number(digits.substr(0, dot));
  const auto minor = dot == digits.npos ? std::nullopt : parse_number(digits.substr(dot + 1));
  if (!major || !minor) {
    return fail(Reason::bad_request,
                "Invalid microversion: invalid version string: " + shortened(text));
  }
  const Microversion version{*major, *minor};
  if (digits.size() != text.size() || version < oldest || newest < version) {
    return fail(Reason::version_not_supported,
                "Invalid microversion: Unacceptable version header: " + shortened(text));
  }
  return version;
}

}  // namespace

Result<Microversion> parse_microversion(const std::vector<std::string_view>& header_values) {
  std::optional<std::string_view> asked;
  for (std::string_view values : header_values) {
    while (!values.empty()) {
      const auto comma = std::min(values.find(','), values.size());
      if (const auto version = version_for_placement(values.substr(0, comma))) asked = version;
      values.remove_prefix(std::min(comma + 1, values.size()));
    }
  }
  return asked ? parse_version(*asked) : Result<Microversion>(oldest);
}

}  // namespace emplace::api
