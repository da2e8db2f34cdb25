// Rows out of any database: what loading needs of one. Errors are StoreErrors. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace emplace::store {

// The rows of one query, from the first to the last.
class SqlRows {
 public:
  virtual ~SqlRows() = default;
  // Steps to the next row (to the first one at first); false if there is none.
  virtual bool next() = 0;
  // Columns of the row, from 0. NULL is 0 and "".
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // lives until next()
};

class SqlSource {
 public:
  virtual ~SqlSource() = default;
  // Runs one SELECT. The rows come one by one, never all into memory; they are to be gone before
  // the next query.
  virtual std::unique_ptr<SqlRows> query(const std::string& sql) = 0;
};

}  // namespace emplace::store
