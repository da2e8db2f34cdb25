#include "base/uuid.h"

namespace emplace {
namespace {

constexpr int no_digit = -1;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return no_digit;
}

void replace_all(std::string& text, std::string_view what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) {
    text.erase(at, what.size());
  }
}

}  // namespace

std::optional<Uuid> Uuid::parse_dashed(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t at = 0;
  for (auto& byte : uuid.bytes) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (text[at++] != '-') return std::nullopt;
    }
    const int high = digit_of(text[at]), low = digit_of(text[at + 1]);
    if (high == no_digit || low == no_digit) return std::nullopt;
    byte = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
  }
  return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (auto dashed = parse_dashed(text)) return dashed;
  constexpr std::size_t longest_spelling = 64;
  if (text.size() > longest_spelling) return std::nullopt;
  // What uuid.UUID() does: "urn:" and "uuid:" go wherever they stand, then braces at the ends, then
  // dashes.
  std::string digits(text);
  replace_all(digits, "urn:");
  replace_all(digits, "uuid:");
  const auto begin = digits.find_first_not_of("{}");
  if (begin == std::string::npos) return std::nullopt;
  digits = digits.substr(begin, digits.find_last_not_of("{}") - begin + 1);
  replace_all(digits, "-");
  if (digits.size() != 32) return std::nullopt;
  Uuid uuid;
  for (std::size_t i = 0; i < 16; ++i) {
    const int high = digit_of(digits[2 * i]), low = digit_of(digits[2 * i + 1]);
    if (high == no_digit || low == no_digit) return std::nullopt;
    uuid.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return uuid;
}

char* Uuid::write_to(char* out) const {
  static constexpr char hex[] = "0123456789abcdef";
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = hex[bytes[i] >> 4];
    *out++ = hex[bytes[i] & 15];
  }
  return out;
}

std::string Uuid::str() const {
  std::string text(36, '\0');
  write_to(text.data());
  return text;
}

}  // namespace emplace
