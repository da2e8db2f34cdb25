#include "store/schema/misread_triggers.h"

#include "store/schema/model.h"

namespace emplace::store {
namespace {

// InnoDB repairs nothing, but the server drops the table from memory for it. So would FLUSH TABLES,
// which needs the right RELOAD; ANALYZE and CHECK would not. Whether it had the table for itself.
bool drop_from_memory(SqlConnection& connection, const std::string& table) {
  const auto answer = connection.run_one({"REPAIR LOCAL TABLE " + table});
  constexpr int kind_of_message = 2;
  while (answer.data->next()) {
    if (answer.data->text(kind_of_message) == "Error") return false;
  }
  return true;
}

}  // namespace

bool is_misread_trigger(const SqlError& error) {
  return error.code == "1064";
}

void read_triggers_again(SqlConnection& connection) {
  connection.run_one({"SET SESSION lock_wait_timeout = 1"});
  for (const auto& table : upstream_tables(upstream_revisions().size())) {
    // Who has the one in use has the others most likely, too.
    if (!drop_from_memory(connection, table.name)) break;
  }
  connection.run_one({"SET SESSION lock_wait_timeout = DEFAULT"});
}

}  // namespace emplace::store
