// The SQL of the triggers (triggers.h).
#pragma once

#include <string>
#include <vector>

#include "store/schema/model.h"

namespace emplace::store {

// What a change of a table's rows is logged as.
struct Logged {
  std::string table;
  char letter = '*';       // of touched.h; *: everything_touched
  std::string key = {};    // the column that says which; empty: the letter is the whole word
  bool generated = false;  // the database gives the key, so it is not known before the row is there
};
// For all of upstream's tables but alembic_version.
const std::vector<Logged>& logged_tables();

struct Trigger {
  std::string name, table;
  std::string timing, events;          // such as BEFORE and UPDATE; several events with OR
  std::string body;                    // MariaDB: what it does; PostgreSQL: what its function does
  std::string function = {};           // PostgreSQL
  std::vector<std::string> make = {};  // statements
  std::string drop = {};               // statement
};

// Of one table.
std::vector<Trigger> mariadb_triggers(const Logged& logged);
// `schema`: where the tables are, quoted as SQL needs it.
std::vector<Trigger> postgresql_triggers(const Logged& logged, const std::string& schema);

}  // namespace emplace::store
