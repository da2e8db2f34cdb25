// What a database server's errors mean to who makes tables in it.
#pragma once

#include "store/sql/connection.h"

namespace emplace::store {

// Somebody else has made, or dropped, just that: it is done.
bool is_done_already(const SqlError& error, Engine engine);

// Whether the session's user may not do what it tried.
bool is_not_allowed(const SqlError& error, Engine engine);

// What may be done about that, for a step that makes tables: names the GRANT. Asks the server who
// the user is.
std::string advice_about_tables(SqlConnection& connection);
// The same for a step that makes triggers.
std::string advice_about_triggers(SqlConnection& connection, const SqlError& error);

}  // namespace emplace::store
