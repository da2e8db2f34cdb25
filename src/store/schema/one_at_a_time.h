// Keeps those apart who make tables and triggers in the same database at the same time. Every step
// is safe without, save one: on Galera, triggers of one name that are made on two nodes at once
// can stop the whole cluster.
#pragma once

#include <string>

#include "store/sql/connection.h"

namespace emplace::store {

class OneAtATime {
 public:
  // Waits until nobody else is at it. PostgreSQL and a lone MariaDB server have locks for that,
  // which end with their session. A Galera cluster has none that all nodes heed, so the row of
  // emplace_lease says who it is; if its holder has not moved for half a minute, he is taken for
  // dead. Makes that table if need be.
  explicit OneAtATime(SqlConnection& connection);
  ~OneAtATime();
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;

  // To be called before each step: still here. Throws StoreError if somebody else has taken over.
  void go_on();

 private:
  void take_lease();
  bool try_to_take(const std::string& holder, std::int64_t beat);

  SqlConnection& connection_;
  std::string me_;  // empty: there is a lock
};

}  // namespace emplace::store
