// Makes the tables of a shared database, or makes them what they should be, step by step: each
// looks at what there is first and does only what is missing, so that it may run again at any time.
#pragma once

#include "store/schema/ddl.h"
#include "store/schema/model.h"
#include "store/sql/connection.h"

namespace emplace::store {

// Throws StoreError for a MySQL that is too old to compare text byte by byte.
Dialect dialect_of(SqlConnection& connection);

// Makes what the tables lack: themselves, columns, indexes, keys. Changes nothing that is there,
// however unlike the model. On MariaDB no transaction.
void make_what_is_missing(SqlConnection& connection, const Dialect& dialect, const Tables& tables);
// Drops those of the indexes that are there.
void drop_indexes(SqlConnection& connection, const Dialect& dialect,
                  const std::vector<DroppedIndex>& indexes, const Tables& tables);
// MariaDB: makes the tables' text compare byte by byte, and InnoDB keep them, where it is not so.
void convert_text(SqlConnection& connection, const Dialect& dialect, const Tables& tables);

}  // namespace emplace::store
