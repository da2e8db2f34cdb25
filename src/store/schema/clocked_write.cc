#include "store/schema/clocked_write.h"

#include <chrono>
#include <thread>

#include "store/schema/misread_triggers.h"
#include "store/shared/change_log.h"
#include "store/shared/own_tables.h"

namespace emplace::store {
namespace {

void take_lock(SqlConnection& connection) {
  const auto clock = connection.run_one(lock_clock(connection.engine()));
  if (clock.data->next()) return;
  throw StoreError(connection.description() +
                   ": there is no row in emplace_clock; run \"emplace db sync\" first.");
}

void advance(SqlConnection& connection, const std::string& touched) {
  connection.run(
      {{"UPDATE emplace_clock SET tick = tick + 1 WHERE id = 1"},
       {"INSERT INTO emplace_changes (tick, batch, touched) "
        "SELECT tick, NULL, ? FROM emplace_clock WHERE id = 1",
        {touched}},
       {"DELETE FROM emplace_changes WHERE tick <= (SELECT tick FROM emplace_clock WHERE id = 1) "
        "- ?",
        {change_log_kept}}});
}

void roll_back(SqlConnection& connection) {
  try {
    connection.run_one({"ROLLBACK"});
  } catch (const StoreError&) {
    // The session is lost, and with it the transaction.
  }
}

}  // namespace

void write_clocked(SqlConnection& connection, const std::function<std::string()>& work) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (bool misread = false;;) {
    try {
      if (misread) read_triggers_again(connection);
      connection.run_one({"BEGIN"});
      take_lock(connection);
      const auto touched = work();
      if (!touched.empty()) advance(connection, touched);
      connection.run_one({"COMMIT"});
      return;
    } catch (const SqlError& error) {
      roll_back(connection);
      misread = is_misread_trigger(error);
      const bool may_pass = misread || error.fault == SqlFault::conflict;
      if (!may_pass || std::chrono::steady_clock::now() >= patience) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    } catch (...) {
      roll_back(connection);
      throw;
    }
  }
}

}  // namespace emplace::store
