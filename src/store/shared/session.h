// A session that is opened when it is needed, and again when it was lost or has grown old.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "store/sql/connect.h"

namespace emplace::store {

class Session {
 public:
  // `recycle_time`: negative: never.
  Session(DatabaseUrl url, SessionOptions options, std::chrono::seconds recycle_time)
      : url_(std::move(url)), options_(std::move(options)), recycle_time_(recycle_time) {}

  // One that works, as far as is known. Requires: no transaction is open. Throws SqlError.
  SqlConnection& get();
  bool is_open() const { return connection_ != nullptr; }
  // The one that get() gave. Requires: is_open().
  SqlConnection& current() { return *connection_; }
  // After a fault: what state the session is in is not known.
  void close() { connection_.reset(); }

 private:
  bool is_old() const;

  const DatabaseUrl url_;
  const SessionOptions options_;
  const std::chrono::seconds recycle_time_;
  std::unique_ptr<SqlConnection> connection_;
  std::chrono::steady_clock::time_point opened_{};
};

}  // namespace emplace::store
