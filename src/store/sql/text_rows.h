// Rows whose columns come as text, as both servers send them.
#pragma once

#include <charconv>
#include <cstdint>

#include "store/sql/source.h"

namespace emplace::store {

class TextRows : public SqlRows {
 public:
  std::int64_t integer(int column) const final { return number<std::int64_t>(column); }
  double real(int column) const final { return number<double>(column); }

 private:
  template <class Number>
  Number number(int column) const {
    Number result{};
    const auto digits = text(column);
    std::from_chars(digits.data(), digits.data() + digits.size(), result);
    return result;
  }
};

}  // namespace emplace::store
