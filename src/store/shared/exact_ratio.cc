#include "store/shared/exact_ratio.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace emplace::store {
namespace {

constexpr int digits_max = 6;
// Exponents of what is written without one.
constexpr int plain_min = -15, plain_max = 14;

}  // namespace

std::string float_column_text(double ratio) {
  constexpr double max = std::numeric_limits<float>::max();
  const double stored = static_cast<float>(std::clamp(ratio, -max, max));
  if (stored == 0) return "0";  // a negative zero too
  std::array<char, 32> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), stored,
                                     std::chars_format::scientific, digits_max - 1);
  std::string text(buffer.data(), written.ptr);  // "-1.23000e-05"
  const std::string sign = text.front() == '-' ? "-" : "";
  text.erase(0, sign.size());
  const auto e = text.find('e');
  const int exponent = std::atoi(text.c_str() + e + 1);
  std::string digits = text.substr(0, 1) + text.substr(2, e - 2);
  while (digits.size() > 1 && digits.back() == '0')
    digits.pop_back();
  const auto count = static_cast<int>(digits.size());
  if (exponent < plain_min || exponent > plain_max) {
    return sign + digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + "e" +
           std::to_string(exponent);
  }
  if (exponent < 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0');
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

bool float_column_keeps(double ratio) {
  const auto text = float_column_text(ratio);
  double read = 0;
  std::from_chars(text.data(), text.data() + text.size(), read);
  return read == ratio;
}

}  // namespace emplace::store
