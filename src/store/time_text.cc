#include "store/time_text.h"

#include <algorithm>
#include <string_view>

namespace emplace::store {
namespace {

constexpr int no_number = -1;

// `count` digits from `at`.
int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return no_number;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

void write_number(char* at, unsigned value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

TimeText::TimeText(Time time) {
  constexpr std::string_view form = "0000-00-00 00:00:00.000000";
  std::copy(form.begin(), form.end(), text_.begin());
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  write_number(&text_[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_number(&text_[5], static_cast<unsigned>(date.month()), 2);
  write_number(&text_[8], static_cast<unsigned>(date.day()), 2);
  write_number(&text_[11], static_cast<unsigned>(clock.hours().count()), 2);
  write_number(&text_[14], static_cast<unsigned>(clock.minutes().count()), 2);
  write_number(&text_[17], static_cast<unsigned>(clock.seconds().count()), 2);
}

Time parse_time(std::string_view text) {
  if (text.size() < 19) return Time{};
  const int year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (std::min({year, month, day, hour, minute, second}) < 0) return Time{};
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return Time{};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace emplace::store
