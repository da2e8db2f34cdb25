#include "store/schema/misread_triggers.h"

#include "store/schema/trigger_texts.h"

namespace emplace::store {
namespace {

// InnoDB repairs nothing, but the server drops the table from memory for it. So would FLUSH TABLES,
// which needs the right RELOAD; ANALYZE and CHECK would not. Whether it had the table for itself.
bool drop_from_memory(SqlConnection& connection, const std::string& table) {
  // In one call, so that the session gets its own limit back even where the repair fails.
  const auto answers = connection.run({{"SET SESSION lock_wait_timeout = 1"},
                                       {"REPAIR LOCAL TABLE " + table},
                                       {"SET SESSION lock_wait_timeout = DEFAULT"}});
  auto& messages = *answers[1].data;
  constexpr int kind = 2;
  while (messages.next()) {
    if (messages.text(kind) == "Error") return false;
  }
  return true;
}

}  // namespace

bool is_misread_trigger(const SqlError& error) {
  return error.code == "1064";
}

void read_triggers_again(SqlConnection& connection) {
  for (const auto& logged : logged_tables()) {
    // Who has the one in use has the others most likely, too.
    if (!drop_from_memory(connection, logged.table)) return;
  }
}

}  // namespace emplace::store
