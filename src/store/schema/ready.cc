#include "store/schema/ready.h"

#include "store/schema/live.h"
#include "store/schema/model.h"
#include "store/schema/sql_text.h"
#include "store/schema/triggers.h"

namespace emplace::store {

std::string revision_of(SqlConnection& connection) {
  if (!has_table(connection, "alembic_version")) return {};
  const auto row = connection.query("SELECT version_num FROM alembic_version");
  return row->next() ? std::string(row->text(0)) : std::string();
}

void require_ready(SqlConnection& connection) {
  const auto revision = revision_of(connection);
  const auto& where = connection.description();
  const auto* const what_to_do = "; run \"emplace db sync\" first.";
  if (revision.empty()) throw StoreError(where + ": there are no tables yet" + what_to_do);
  if (steps_to(revision) == 0) {
    throw StoreError(where + ": the tables are at revision " + revision +
                     ", which this version of emplace does not know.");
  }
  if (revision != upstream_revisions().back()) {
    throw StoreError(where + ": the tables are at the old revision " + revision + what_to_do);
  }
  const auto own = own_tables(connection.engine());
  const auto live = read_live(connection, own);
  for (const auto& table : own) {
    if (!live.contains(table.name)) {
      throw StoreError(where + ": there is no table " + table.name + what_to_do);
    }
  }
  if (number_of(connection, "SELECT count(*) FROM emplace_clock WHERE id = 1") == 0) {
    throw StoreError(where + ": there is no row in emplace_clock" + what_to_do);
  }
  if (number_of(connection, "SELECT coexist FROM emplace_clock WHERE id = 1") == 0) return;
  const auto missing = missing_triggers(connection, upstream_tables(upstream_revisions().size()));
  if (!missing.empty())
    throw StoreError(where + ": " + missing.front() + " Run \"emplace db sync\" first.");
}

}  // namespace emplace::store
