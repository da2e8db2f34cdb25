// Reads a World, and which rows it is, out of a database with the newest schema.
#pragma once

#include "model/world.h"
#include "store/rows.h"
#include "store/sqlite_database.h"
#include "store/sqlite_store.h"

namespace emplace::store {

struct Loaded {
  World world;
  Rows rows;
  // Rows that the upgrade check would complain of; the World is then incomplete.
  bool to_be_mended = false;
};

Loaded load_world(SqliteDatabase& database, const SqliteOptions& options);

}  // namespace emplace::store
