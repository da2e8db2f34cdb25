// What PostgreSQL's error codes mean.
#pragma once

#include <string>
#include <string_view>

#include "store/sql/connection.h"

namespace emplace::store {

// `code`: an SQLSTATE of five characters. None: what libpq says by itself of a connection that
// broke.
SqlFault postgresql_fault(std::string_view code);

struct ConnectFailure {
  SqlFault fault = SqlFault::lost;
  std::string code, sentence;
};
// What libpq says after an attempt to connect, with PQERRORS_VERBOSE: the only place where the code
// stands then. Without one the server was not reached, or libpq refuses what is there.
ConnectFailure connect_failure(std::string_view message);

}  // namespace emplace::store
