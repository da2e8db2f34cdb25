// Rows that are all in memory: those of statements that were run together with others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sql/text_rows.h"

namespace emplace::store {

class KeptRows final : public TextRows {
 public:
  using Row = std::vector<std::optional<std::string>>;  // nothing: NULL

  explicit KeptRows(std::vector<Row> rows) : rows_(std::move(rows)) {}

  bool next() override { return ++next_ <= rows_.size(); }
  bool is_null(int column) const override { return !value(column); }
  std::string_view text(int column) const override {
    const auto& kept = value(column);
    return kept ? std::string_view(*kept) : std::string_view();
  }

 private:
  const std::optional<std::string>& value(int column) const {
    return rows_[next_ - 1][static_cast<std::size_t>(column)];
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;  // one more than the index of the row that is shown
};

}  // namespace emplace::store
