// Mends old rows of a shared database, in bounded transactions that hold the clock's lock.
#pragma once

#include <cstdint>

#include "store/administration.h"
#include "store/incomplete_owner.h"
#include "store/sql/connection.h"

namespace emplace::store {

// Gives at most `max` providers without a root theirs; how many.
std::int64_t mend_roots(SqlConnection& connection, std::int64_t max);
// Makes at most `max` consumers for allocations that have none; how many.
std::int64_t create_missing_consumers(SqlConnection& connection, const IncompleteOwner& owner,
                                      std::int64_t max);
// Removes the projects, users and types that no consumer refers to, and the aggregates that no
// provider does.
Purged purge_rows(SqlConnection& connection);

}  // namespace emplace::store
