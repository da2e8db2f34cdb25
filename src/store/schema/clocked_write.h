// A transaction of the command line's in a shared database: it holds the clock's lock, as all do
// that write, and says in the log what it touched.
#pragma once

#include <string>

#include "store/sql/connection.h"

namespace emplace::store {

// What the log says of a change that it does not tell one by one: no word of touched.h, so that
// every process loads all anew.
inline constexpr auto everything_touched = "*";

class ClockedWrite {
 public:
  // Begins, and waits for the lock. Requires: a session that the triggers know as emplace's.
  // Throws StoreError, also if there is no clock.
  explicit ClockedWrite(SqlConnection& connection);
  // Undoes what was not finished.
  ~ClockedWrite();
  ClockedWrite(const ClockedWrite&) = delete;
  ClockedWrite& operator=(const ClockedWrite&) = delete;

  // Advances the clock, logs the words and commits. Nothing touched: the clock stays as it is.
  void finish(const std::string& touched);

 private:
  SqlConnection& connection_;
  bool open_ = true;
};

}  // namespace emplace::store
