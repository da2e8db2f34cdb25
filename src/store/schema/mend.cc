#include "store/schema/mend.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/rows.h"
#include "store/schema/clocked_write.h"
#include "store/schema/sql_text.h"

namespace emplace::store {
namespace {

constexpr std::size_t rows_of_a_transaction = 500;

std::vector<RowId> ids_of(SqlConnection& connection, const std::string& sql) {
  std::vector<RowId> ids;
  const auto row = connection.query(sql);
  while (row->next())
    ids.push_back(row->integer(0));
  return ids;
}

std::vector<SqlValue> values_of(const std::vector<RowId>& ids) {
  return {ids.begin(), ids.end()};
}

// --- roots --------------------------------------------------------------------------------------

// By provider, its parent; 0: none.
using Parents = std::unordered_map<RowId, RowId>;

Parents read_parents(SqlConnection& connection) {
  Parents parents;
  const auto row = connection.query("SELECT id, parent_provider_id FROM resource_providers");
  while (row->next())
    parents.emplace(row->integer(0), row->integer(1));
  return parents;
}

// A provider in a circle, or below a parent that is gone, is a root.
RowId root_of(const Parents& parents, RowId provider) {
  std::set<RowId> seen;
  auto at = provider;
  while (seen.insert(at).second) {
    const auto found = parents.find(at);
    if (found == parents.end()) break;
    if (found->second == 0) return at;
    at = found->second;
  }
  return provider;
}

// The words of what it changed.
std::string give_roots(SqlConnection& connection, const std::vector<RowId>& ids) {
  const auto parents = read_parents(connection);
  std::vector<SqlStatement> updates;
  std::string words;
  for (const auto id : ids) {
    updates.push_back({"UPDATE resource_providers SET root_provider_id = ? WHERE id = ?",
                       {root_of(parents, id), id}});
    words += (words.empty() ? "P" : " P") + std::to_string(id);
  }
  connection.run(updates);
  return words;
}

// Mends at most `most`; how many.
std::size_t mend_some_roots(SqlConnection& connection, std::size_t most) {
  std::size_t mended = 0;
  write_clocked(connection, [&] {
    const auto ids = ids_of(connection,
                            "SELECT id FROM resource_providers WHERE root_provider_id IS NULL "
                            "ORDER BY id LIMIT " +
                                std::to_string(most));
    mended = ids.size();
    return ids.empty() ? std::string() : give_roots(connection, ids);
  });
  return mended;
}
// --- consumers ----------------------------------------------------------------------------------

const std::string without_consumer =
    "FROM allocations LEFT JOIN consumers ON consumers.uuid = allocations.consumer_id "
    "WHERE consumers.id IS NULL";

std::vector<std::string> texts_of(std::unique_ptr<SqlRows> row) {
  std::vector<std::string> texts;
  while (row->next())
    texts.emplace_back(row->text(0));
  return texts;
}

// The row of `table` that has this external id, made if need be.
RowId owner_row(SqlConnection& connection, const std::string& table,
                const std::string& external_id) {
  const SqlStatement find{"SELECT id FROM " + table + " WHERE external_id = ?", {external_id}};
  auto found = connection.run_one(find);
  if (!found.data->next()) {
    connection.run_one({"INSERT INTO " + table + " (created_at, external_id) VALUES (" +
                            now_sql(connection.engine()) + ", ?)",
                        {external_id}});
    found = connection.run_one(find);
    found.data->next();
  }
  return found.data->integer(0);
}

std::vector<std::string> still_missing(SqlConnection& connection,
                                       const std::vector<std::string>& candidates) {
  return texts_of(
      connection
          .run_one({"SELECT DISTINCT allocations.consumer_id " + without_consumer +
                        " AND allocations.consumer_id IN " + placeholders(candidates.size()),
                    {candidates.begin(), candidates.end()}})
          .data);
}

// The words of what it made. Requires: one uuid at least.
std::string insert_consumers(SqlConnection& connection, const IncompleteOwner& owner,
                             const std::vector<std::string>& uuids) {
  const auto project = owner_row(connection, "projects", owner.project_id);
  const auto user = owner_row(connection, "users", owner.user_id);
  const auto now = now_sql(connection.engine());
  SqlStatement insert{
      "INSERT INTO consumers (created_at, uuid, project_id, user_id, generation) VALUES "};
  std::string words;
  for (const auto& uuid : uuids) {
    insert.text += std::string(words.empty() ? "" : ", ") + "(" + now + ", ?, ?, ?, 0)";
    insert.values.insert(insert.values.end(), {uuid, project, user});
    words += (words.empty() ? "C" : " C") + uuid;
  }
  connection.run_one(insert);
  return words;
}

// Makes those of the consumers that are still missing; how many.
std::size_t create_consumers(SqlConnection& connection, const IncompleteOwner& owner,
                             const std::vector<std::string>& candidates) {
  std::size_t made = 0;
  write_clocked(connection, [&] {
    const auto uuids = still_missing(connection, candidates);
    made = uuids.size();
    return uuids.empty() ? std::string() : insert_consumers(connection, owner, uuids);
  });
  return made;
}

// --- purge --------------------------------------------------------------------------------------

struct Purgeable {
  std::string table, referrer, column;
};

// Those that nothing refers to now. The join is with a list of what is referred to, and not with
// the rows, as the column has no index of its own everywhere.
std::vector<RowId> unused(SqlConnection& connection, const Purgeable& kind) {
  return ids_of(connection, "SELECT t.id FROM " + kind.table + " AS t LEFT JOIN (SELECT DISTINCT " +
                                kind.column + " AS id FROM " + kind.referrer +
                                ") AS used ON used.id = t.id WHERE used.id IS NULL ORDER BY t.id");
}

// Deletes those of the candidates that are still not referred to; how many.
std::int64_t delete_unused(SqlConnection& connection, const Purgeable& kind,
                           const std::vector<RowId>& candidates) {
  std::int64_t deleted = 0;
  write_clocked(connection, [&] {
    const auto used =
        connection.run_one({"SELECT DISTINCT " + kind.column + " FROM " + kind.referrer +
                                " WHERE " + kind.column + " IN " + placeholders(candidates.size()),
                            values_of(candidates)});
    std::set<RowId> gone(candidates.begin(), candidates.end());
    while (used.data->next())
      gone.erase(used.data->integer(0));
    deleted = gone.empty() ? 0
                           : connection
                                 .run_one({"DELETE FROM " + kind.table + " WHERE id IN " +
                                               placeholders(gone.size()),
                                           {gone.begin(), gone.end()}})
                                 .rows;
    return std::string(deleted > 0 ? "X" : "");
  });
  return deleted;
}

std::int64_t purge_kind(SqlConnection& connection, const Purgeable& kind) {
  std::int64_t deleted = 0;
  const auto candidates = unused(connection, kind);
  for (std::size_t first = 0; first < candidates.size(); first += rows_of_a_transaction) {
    deleted += delete_unused(connection, kind, part_of(candidates, first, rows_of_a_transaction));
  }
  return deleted;
}

}  // namespace

std::int64_t mend_roots(SqlConnection& connection, std::int64_t max) {
  std::int64_t mended = 0;
  while (mended < max) {
    const auto most = std::min<std::int64_t>(max - mended, rows_of_a_transaction);
    const auto now = mend_some_roots(connection, static_cast<std::size_t>(most));
    if (now == 0) break;
    mended += static_cast<std::int64_t>(now);
  }
  return mended;
}

std::int64_t create_missing_consumers(SqlConnection& connection, const IncompleteOwner& owner,
                                      std::int64_t max) {
  if (max <= 0) return 0;
  const auto candidates =
      texts_of(connection.query("SELECT DISTINCT allocations.consumer_id " + without_consumer +
                                " ORDER BY allocations.consumer_id LIMIT " + std::to_string(max)));
  std::int64_t made = 0;
  for (std::size_t first = 0; first < candidates.size(); first += rows_of_a_transaction) {
    made += static_cast<std::int64_t>(
        create_consumers(connection, owner, part_of(candidates, first, rows_of_a_transaction)));
  }
  return made;
}

Purged purge_rows(SqlConnection& connection) {
  Purged purged;
  purged.projects = purge_kind(connection, {"projects", "consumers", "project_id"});
  purged.users = purge_kind(connection, {"users", "consumers", "user_id"});
  purged.consumer_types =
      purge_kind(connection, {"consumer_types", "consumers", "consumer_type_id"});
  purged.aggregates = purge_kind(
      connection, {"placement_aggregates", "resource_provider_aggregates", "aggregate_id"});
  return purged;
}

}  // namespace emplace::store
