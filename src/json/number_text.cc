#include "json/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace emplace::json {

char* write_double(char* out, double number) {
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  char* const last = out + double_text_max;
  if (!plain) return std::to_chars(out, last, number, std::chars_format::scientific).ptr;

  char* end = std::to_chars(out, last, number, std::chars_format::fixed).ptr;
  if (std::find(out, end, '.') == end) {
    *end++ = '.';
    *end++ = '0';
  }
  return end;
}

}  // namespace emplace::json
