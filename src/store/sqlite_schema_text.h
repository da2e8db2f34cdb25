// The SQL of upstream's tables, to the column, name and constraint as alembic makes them in SQLite.
#pragma once

namespace emplace::store {

extern const char* const version_schema;         // alembic_version, if it is not there
extern const char* const initial_schema;         // all tables of revision b4ed3a175331
extern const char* const consumer_types_schema;  // what revision 422ece571366 adds

}  // namespace emplace::store
