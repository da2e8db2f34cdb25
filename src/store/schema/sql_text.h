// Small pieces of SQL that differ between engines, or that many statements need.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sql/connection.h"

namespace emplace::store {

// The present in UTC, as an expression.
inline std::string now_sql(Engine engine) {
  return engine == Engine::mariadb ? "UTC_TIMESTAMP()" : "(now() AT TIME ZONE 'UTC')";
}

// "(?, ?, …)": as many as there are values. Requires: one at least.
inline std::string placeholders(std::size_t count) {
  std::string text = "(?";
  for (std::size_t i = 1; i < count; ++i)
    text += ", ?";
  return text + ")";
}

// The one number that a query says; 0 for none.
inline std::int64_t number_of(SqlConnection& connection, const std::string& sql) {
  const auto row = connection.query(sql);
  return row->next() ? row->integer(0) : 0;
}

// The part of a list that starts at `first`, with at most `most` items.
template <class T>
std::vector<T> part_of(const std::vector<T>& all, std::size_t first, std::size_t most) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
  const auto count = std::min(most, all.size() - first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace emplace::store
