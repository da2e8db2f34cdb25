// Opens sessions with database servers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/sql/connection.h"
#include "store/sql/database_url.h"

namespace emplace::store {

struct SessionOptions {
  // [placement_database] mysql_sql_mode; empty: the server's own.
  std::string mysql_sql_mode = "TRADITIONAL";
  std::chrono::seconds connect_timeout{5};  // unless the URL says another
  std::chrono::seconds answer_timeout{10};  // for any one answer; over it the connection is lost
  // MariaDB: false for sessions that write, so that what runs after a transaction was undone under
  // our feet (deadlock) is not stored by itself; they begin transactions by their first statement.
  bool autocommit = true;
  // Seconds after which the server ends a transaction that does nothing, so that a process that
  // froze, or whose host is gone, does not keep the clock's lock. 0: never.
  std::chrono::seconds idle_transaction_timeout{10};
};

// A new session: UTF-8 (utf8mb4), times in UTC, READ COMMITTED (REPEATABLE READ where a MariaDB
// server with binlog_format=STATEMENT would refuse writes otherwise), rows counted as matched, and
// causal reads on Galera (wsrep_sync_wait). Throws SqlError (lost or unavailable: worth another
// try; other: not, such as a wrong password).
std::unique_ptr<SqlConnection> connect(const DatabaseUrl& url, const SessionOptions& options);

// What of the URL's parameters has no effect here: a sentence each, for the log.
std::vector<std::string> warnings_about(const DatabaseUrl& url);

}  // namespace emplace::store
