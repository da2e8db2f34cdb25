// Whether a shared database can be served: asked at each start.
#pragma once

#include <string>

#include "store/sql/connection.h"

namespace emplace::store {

// The revision that the tables are stamped with; empty: none.
std::string revision_of(SqlConnection& connection);

// Returns if the tables are at our revision, ours are there, and so are the triggers if upstream's
// processes may write too. Else throws a StoreError that says what to do.
void require_ready(SqlConnection& connection);

}  // namespace emplace::store
