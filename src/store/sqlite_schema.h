// Upstream's tables in SQLite: their revisions, the way from each to the next, and the mending of
// old rows that this needs.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "store/sqlite_database.h"
#include "store/sqlite_store.h"

namespace emplace::store {

inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

// The revision that the database is stamped with; empty: none.
std::string revision_of(SqliteDatabase& database);
// Requires: a revision that exists.
void stamp(SqliteDatabase& database, const std::string& revision);
// Makes the tables, or brings them to `revision` (empty: the newest), each revision in a
// transaction of its own. Throws StoreError if the database's revision is unknown, or newer than
// the wanted one.
void migrate(SqliteDatabase& database, const std::string& revision, const IncompleteOwner& owner);

// Gives at most `max` providers without a root theirs; how many.
std::int64_t mend_roots(SqliteDatabase& database, std::int64_t max = no_limit);
// Makes at most `max` consumers for allocations that have none; how many.
std::int64_t create_missing_consumers(SqliteDatabase& database, const IncompleteOwner& owner,
                                      std::int64_t max = no_limit);
// Inserts those of the standard classes and traits that are missing.
void insert_standard_names(SqliteDatabase& database);

}  // namespace emplace::store
