#include "store/schema/standard_rows.h"

#include <set>
#include <string>

#include "store/schema/clocked_write.h"
#include "store/schema/refusals.h"
#include "store/schema/sql_text.h"
#include "store/standard_names.h"

namespace emplace::store {
namespace {

struct Names {
  std::set<std::string, std::less<>> names;
  std::set<std::int64_t> ids;
};

Names read_names(SqlConnection& connection, const std::string& table) {
  Names found;
  const auto row = connection.query("SELECT id, name FROM " + table);
  while (row->next()) {
    found.ids.insert(row->integer(0));
    found.names.emplace(row->text(1));
  }
  return found;
}

// One statement with a row of `columns` for each of the rows' values.
void insert_rows(SqlConnection& connection, const std::string& table, const std::string& columns,
                 const std::vector<std::vector<SqlValue>>& rows) {
  if (rows.empty()) return;
  const auto now = now_sql(connection.engine());
  SqlStatement insert{"INSERT INTO " + table + " (created_at, " + columns + ") VALUES "};
  bool first = true;
  for (const auto& row : rows) {
    insert.text += std::string(first ? "" : ", ") + "(" + now;
    for (const auto& value : row) {
      insert.text += ", ?";
      insert.values.push_back(value);
    }
    insert.text += ")";
    first = false;
  }
  connection.run_one(insert);
}

std::vector<std::vector<SqlValue>> missing_classes(const Names& known) {
  std::vector<std::vector<SqlValue>> rows;
  std::int64_t id = 0;
  for (const auto name : standard_classes()) {
    if (!known.names.contains(name) && !known.ids.contains(id)) {
      rows.push_back({id, std::string(name)});
    }
    ++id;
  }
  return rows;
}

std::vector<std::vector<SqlValue>> missing_traits(const Names& known) {
  std::vector<std::vector<SqlValue>> rows;
  for (const auto name : standard_traits()) {
    if (!known.names.contains(name)) rows.push_back({std::string(name)});
  }
  return rows;
}

// The words of those that are there now and were not before.
std::string words_of_new(SqlConnection& connection, const std::string& table, char letter,
                         const Names& before) {
  std::string words;
  for (const auto id : read_names(connection, table).ids) {
    if (!before.ids.contains(id)) words += " " + (letter + std::to_string(id));
  }
  return words;
}

// The sequence must be ahead of the classes that were given their numbers by hand.
void advance_class_sequence(SqlConnection& connection) {
  connection.run_one(
      {"SELECT setval(s.name, c.last) "
       "FROM (SELECT pg_get_serial_sequence('resource_classes', 'id')::regclass AS name) AS s, "
       "(SELECT max(id) AS last FROM resource_classes) AS c "
       "WHERE c.last > coalesce(pg_sequence_last_value(s.name), 0)"});
}

}  // namespace

void make_clock(SqlConnection& connection) {
  if (number_of(connection, "SELECT count(*) FROM emplace_clock WHERE id = 1") > 0) return;
  try {
    connection.run_one({"INSERT INTO emplace_clock (id, tick, coexist) VALUES (1, 0, 1)"});
  } catch (const SqlError& error) {
    if (!is_done_already(error, connection.engine())) throw;
  }
}

void insert_missing_names(SqlConnection& connection) {
  if (connection.engine() == Engine::mariadb) {
    // Else the class with the number 0 would get another one.
    connection.run_one({"SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"});
  }
  write_clocked(connection, [&] {
    const auto classes = read_names(connection, "resource_classes");
    const auto traits = read_names(connection, "traits");
    insert_rows(connection, "resource_classes", "id, name", missing_classes(classes));
    insert_rows(connection, "traits", "name", missing_traits(traits));
    if (connection.engine() == Engine::postgresql) advance_class_sequence(connection);
    const auto words = words_of_new(connection, "resource_classes", 'c', classes) +
                       words_of_new(connection, "traits", 't', traits);
    return words.empty() ? words : words.substr(1);
  });
}

void delete_stale_owners(SqlConnection& connection) {
  write_clocked(connection, [&] {
    connection.run_one(
        {"DELETE FROM emplace_provider_owners WHERE NOT EXISTS (SELECT 1 FROM resource_providers "
         "AS provider WHERE provider.uuid = emplace_provider_owners.resource_provider_uuid "
         "AND provider.id = emplace_provider_owners.resource_provider_id)"});
    return std::string();
  });
}

}  // namespace emplace::store
