// Times as SQLAlchemy writes them in SQLite: "2026-11-22 21:38:02.000000", UTC.
#pragma once

#include <array>
#include <string_view>

#include "base/time.h"

namespace emplace::store {

class TimeText {
 public:
  explicit TimeText(Time time);
  std::string_view view() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 26> text_;
};

// With or without a fraction, which is cut off; Time{} for text that is no time.
Time parse_time(std::string_view text);

}  // namespace emplace::store
