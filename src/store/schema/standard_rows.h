// The rows that every database has from the start.
#pragma once

#include "store/sql/connection.h"

namespace emplace::store {

// The clock's one row, with tick 0 and coexistence, if it is not there.
void make_clock(SqlConnection& connection);
// Those of the standard classes and traits (standard_names.h) that are missing; a class whose
// number another one has is left out, as upstream does. On PostgreSQL the numbers that the database
// gives then go on after those that were given by hand.
void insert_missing_names(SqlConnection& connection);
// The rows of emplace_provider_owners that count no more: those of providers that are gone.
void delete_stale_owners(SqlConnection& connection);

}  // namespace emplace::store
