// How a connection to PostgreSQL is to be made, out of a URL with the parameters of libpq, which
// psycopg2 takes too.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "store/sql/connect.h"
#include "store/sql/database_url.h"

namespace emplace::store {

struct PostgresqlSettings {
  // For each host one set of libpq's parameters, to be tried in this order.
  std::vector<std::map<std::string, std::string>> attempts;
  std::chrono::seconds connect_timeout{};  // for each of them
};

// Throws SqlError (other) for a parameter's value that makes no sense.
PostgresqlSettings postgresql_settings(const DatabaseUrl& url, const SessionOptions& options);
// The parameters that have no effect: those that libpq does not know.
std::vector<std::string> unused_postgresql_parameters(const DatabaseUrl& url);

// The statements, separated by `;`, that make a new session one as connect() promises.
std::string postgresql_session(const SessionOptions& options);

}  // namespace emplace::store
