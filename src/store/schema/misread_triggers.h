// A server of MariaDB (seen with 10.11) that is interrupted while it reads a table's triggers, by
// KILL QUERY or, on Galera, to let another node's transaction through, keeps them in memory as
// wrong: from then on all writes to that table fail with a syntax error, whoever writes.
#pragma once

#include "store/sql/connection.h"

namespace emplace::store {

// Whether it may be the reason: what emplace itself sends has no such errors.
bool is_misread_trigger(const SqlError& error);

// Makes the server forget what it has in memory of the tables with triggers, so that it reads them
// again. Waits a second for transactions that have used a table, then gives up: it is to
// be tried again as long as the error comes. Needs no right beyond those that writing needs, and
// no transaction may be open. Throws SqlError.
void read_triggers_again(SqlConnection& connection);

}  // namespace emplace::store
