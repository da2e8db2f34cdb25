// The triggers by which upstream's own processes, and anybody with an SQL shell, tell emplace's
// what they change: each row that is changed by a session which has not said that it is emplace's
// advances the clock and logs one word of touched.h (or two, if the change is one of the row's
// key).
//
// Whoever changes rows locks the clock first, as emplace does, so that nobody waits in a circle.
// PostgreSQL has triggers for it that fire before a statement looks at any row. MariaDB has none:
// there an INSERT locks the clock first, but UPDATE and DELETE hold their row already, and two
// transactions may wait for each other; the server then ends one of them (deadlock), and both
// upstream and emplace try theirs again.
#pragma once

#include <string>
#include <vector>

#include "store/schema/model.h"
#include "store/schema/one_at_a_time.h"
#include "store/sql/connection.h"

namespace emplace::store {

// Makes the triggers of those tables, one by one, where they are not there as they should be.
// Throws StoreError that says what to do if it is not allowed.
void make_triggers(SqlConnection& connection, OneAtATime& alone, const Tables& tables);
// Drops all that are there.
void drop_triggers(SqlConnection& connection, OneAtATime& alone, const Tables& tables);
// A sentence for each that is missing or unlike what it should be.
std::vector<std::string> missing_triggers(SqlConnection& connection, const Tables& tables);
// The names of those that are there, and on which tables.
std::vector<std::string> present_triggers(SqlConnection& connection);

}  // namespace emplace::store
