#include "store/schema/clocked_write.h"

#include "store/shared/own_tables.h"

namespace emplace::store {

ClockedWrite::ClockedWrite(SqlConnection& connection) : connection_(connection) {
  connection_.run_one({"BEGIN"});
  try {
    const auto clock =
        connection_.run_one({"SELECT tick FROM emplace_clock WHERE id = 1 FOR UPDATE"});
    if (!clock.data->next()) {
      throw StoreError(connection_.description() +
                       ": there is no row in emplace_clock; run \"emplace db sync\" first.");
    }
  } catch (...) {
    connection_.run_one({"ROLLBACK"});
    throw;
  }
}

ClockedWrite::~ClockedWrite() {
  if (!open_) return;
  try {
    connection_.run_one({"ROLLBACK"});
  } catch (const StoreError&) {
    // The session is lost, and with it the transaction.
  }
}

void ClockedWrite::finish(const std::string& touched) {
  if (!touched.empty()) {
    connection_.run(
        {{"UPDATE emplace_clock SET tick = tick + 1 WHERE id = 1"},
         {"INSERT INTO emplace_changes (tick, batch, touched) "
          "SELECT tick, NULL, ? FROM emplace_clock WHERE id = 1",
          {touched}},
         {"DELETE FROM emplace_changes WHERE tick <= (SELECT tick FROM emplace_clock WHERE id = 1) "
          "- ?",
          {change_log_kept}}});
  }
  connection_.run_one({"COMMIT"});
  open_ = false;
}

}  // namespace emplace::store
