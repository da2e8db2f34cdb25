// Rows that are all in memory: those of statements that were run together with others.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sql/source.h"

namespace emplace::store {

class KeptRows final : public SqlRows {
 public:
  using Row = std::vector<std::optional<std::string>>;  // nothing: NULL

  explicit KeptRows(std::vector<Row> rows) : rows_(std::move(rows)) {}

  bool next() override { return ++next_ <= rows_.size(); }
  bool is_null(int column) const override { return !value(column); }
  std::int64_t integer(int column) const override { return number<std::int64_t>(column); }
  double real(int column) const override { return number<double>(column); }
  std::string_view text(int column) const override {
    const auto& kept = value(column);
    return kept ? std::string_view(*kept) : std::string_view();
  }

 private:
  const std::optional<std::string>& value(int column) const {
    return rows_[next_ - 1][static_cast<std::size_t>(column)];
  }
  template <class Number>
  Number number(int column) const {
    Number result{};
    const auto digits = text(column);
    std::from_chars(digits.data(), digits.data() + digits.size(), result);
    return result;
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;  // one more than the index of the row that is shown
};

}  // namespace emplace::store
