#include "store/schema/live.h"

#include <algorithm>
#include <cctype>
#include <memory>

namespace emplace::store {
namespace {

std::string quoted_list(const Tables& tables) {
  std::string list;
  for (const auto& table : tables)
    list += (list.empty() ? "'" : ", '") + table.name + "'";
  return "(" + list + ")";
}

std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return small;
}

// Without the width that numbers are shown with, which means nothing: int(11).
std::string without_width(std::string type) {
  for (const auto* kind : {"smallint(", "int(", "bigint("}) {
    const auto close = type.find(')');
    if (type.starts_with(kind) && close != std::string::npos) {
      type.erase(type.find('('), close + 1 - type.find('('));
    }
  }
  return type;
}

std::optional<std::string> optional_text(const SqlRows& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string(row.text(column));
}

// Adds a column to the index of this name, in order.
void add_to_index(std::vector<Index>& indexes, const std::string& name, const std::string& column,
                  bool unique) {
  if (indexes.empty() || indexes.back().name != name) indexes.push_back({name, {}, unique});
  indexes.back().columns.push_back(column);
}

// What a query says, row by row, of tables.
template <class Use>
void each_row(SqlConnection& connection, LiveSchema& live, const std::string& sql, Use use) {
  const auto row = connection.query(sql);
  while (row->next())
    use(live[std::string(row->text(0))], *row);
}

LiveSchema read_mariadb(SqlConnection& connection, const Tables& wanted) {
  LiveSchema live;
  const auto where = [&](const std::string& prefix) {
    return " WHERE " + prefix + "table_schema = SCHEMA() AND " + prefix + "table_name IN " +
           quoted_list(wanted);
  };
  each_row(connection, live,
           "SELECT table_name, engine, row_format, table_collation FROM information_schema.tables" +
               where("") + " AND table_type = 'BASE TABLE'",
           [](LiveTable& table, const SqlRows& row) {
             table.storage_engine = row.text(1);
             table.row_format = row.text(2);
             table.collation = row.text(3);
           });
  each_row(connection, live,
           "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, "
           "collation_name FROM information_schema.columns" +
               where("") + " ORDER BY table_name, ordinal_position",
           [](LiveTable& table, const SqlRows& row) {
             auto fallback = optional_text(row, 4);
             if (fallback == "NULL") fallback.reset();  // MariaDB's way to say that there is none
             table.columns.push_back(
                 {.name = std::string(row.text(1)),
                  .type = without_width(lower(row.text(2))),
                  .nullable = row.text(3) == "YES",
                  .default_value = fallback,
                  .automatic = lower(row.text(5)).find("auto_increment") != std::string::npos,
                  .collation = std::string(row.text(6))});
           });
  each_row(connection, live,
           "SELECT table_name, index_name, non_unique, column_name "
           "FROM information_schema.statistics" +
               where("") + " ORDER BY table_name, index_name, seq_in_index",
           [](LiveTable& table, const SqlRows& row) {
             const std::string name(row.text(1)), column(row.text(3));
             if (name == "PRIMARY") {
               table.primary_key.push_back(column);
             } else {
               add_to_index(table.indexes, name, column, row.integer(2) == 0);
             }
           });
  each_row(connection, live,
           "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name, "
           "k.referenced_column_name FROM information_schema.key_column_usage AS k" +
               where("k.") + " AND k.referenced_table_name IS NOT NULL",
           [](LiveTable& table, const SqlRows& row) {
             table.foreign_keys.push_back({std::string(row.text(1)), std::string(row.text(2)),
                                           std::string(row.text(3)), std::string(row.text(4))});
           });
  return live;
}

LiveSchema read_postgresql(SqlConnection& connection, const Tables& wanted) {
  LiveSchema live;
  const auto from = " FROM pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace";
  const auto where =
      " WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') "
      "AND t.relname IN " +
      quoted_list(wanted);
  each_row(connection, live,
           std::string("SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
                       "CASE WHEN a.attnotnull THEN 0 ELSE 1 END, "
                       "pg_get_expr(d.adbin, d.adrelid), a.attidentity") +
               from +
               " JOIN pg_attribute AS a ON a.attrelid = t.oid "
               "LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum" +
               where + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY t.relname, a.attnum",
           [](LiveTable& table, const SqlRows& row) {
             auto fallback = optional_text(row, 4);
             const bool automatic =
                 (fallback && fallback->starts_with("nextval(")) || !row.text(5).empty();
             if (automatic) fallback.reset();
             table.columns.push_back({.name = std::string(row.text(1)),
                                      .type = std::string(row.text(2)),
                                      .nullable = row.integer(3) == 1,
                                      .default_value = fallback,
                                      .automatic = automatic});
           });
  each_row(connection, live,
           std::string("SELECT t.relname, i.relname, a.attname, "
                       "CASE WHEN x.indisunique THEN 1 ELSE 0 END, "
                       "CASE WHEN x.indisprimary THEN 1 ELSE 0 END") +
               from +
               " JOIN pg_index AS x ON x.indrelid = t.oid AND x.indisvalid AND x.indpred IS NULL "
               "JOIN pg_class AS i ON i.oid = x.indexrelid "
               "CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, place) "
               "JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum" +
               where + " ORDER BY t.relname, i.relname, k.place",
           [](LiveTable& table, const SqlRows& row) {
             const std::string name(row.text(1)), column(row.text(2));
             if (row.integer(4) == 1) {
               table.primary_key.push_back(column);
             } else {
               add_to_index(table.indexes, name, column, row.integer(3) == 1);
             }
           });
  each_row(connection, live,
           std::string("SELECT t.relname, c.conname, a.attname, other.relname, b.attname") + from +
               " JOIN pg_constraint AS c ON c.conrelid = t.oid AND c.contype = 'f' "
               "JOIN pg_class AS other ON other.oid = c.confrelid "
               "JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] "
               "JOIN pg_attribute AS b ON b.attrelid = other.oid AND b.attnum = c.confkey[1]" +
               where,
           [](LiveTable& table, const SqlRows& row) {
             table.foreign_keys.push_back({std::string(row.text(1)), std::string(row.text(2)),
                                           std::string(row.text(3)), std::string(row.text(4))});
           });
  return live;
}

LiveSchema read_sqlite(SqlConnection& connection, const Tables& wanted) {
  LiveSchema live;
  const auto from = " FROM sqlite_master AS t";
  const auto where = " WHERE t.type = 'table' AND t.name IN " + quoted_list(wanted);
  each_row(connection, live,
           std::string("SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk") + from +
               " JOIN pragma_table_info(t.name) AS c" + where + " ORDER BY t.name, c.cid",
           [](LiveTable& table, const SqlRows& row) {
             table.columns.push_back({.name = std::string(row.text(1)),
                                      .type = lower(row.text(2)),
                                      .nullable = row.integer(3) == 0,
                                      .default_value = optional_text(row, 4)});
           });
  each_row(
      connection, live,
      std::string("SELECT t.name, c.name") + from + " JOIN pragma_table_info(t.name) AS c" + where +
          " AND c.pk > 0 ORDER BY t.name, c.pk",
      [](LiveTable& table, const SqlRows& row) { table.primary_key.emplace_back(row.text(1)); });
  for (auto& [name, table] : live) {
    // A lone INTEGER key is the row's own number, which SQLite gives.
    const auto* key = table.primary_key.size() == 1 ? table.column(table.primary_key[0]) : nullptr;
    for (auto& column : table.columns)
      column.automatic = &column == key && column.type == "integer";
  }
  each_row(connection, live,
           std::string("SELECT t.name, i.name, k.name, i.\"unique\"") + from +
               " JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS k" + where +
               " AND i.origin <> 'pk' ORDER BY t.name, i.name, k.seqno",
           [](LiveTable& table, const SqlRows& row) {
             add_to_index(table.indexes, std::string(row.text(1)), std::string(row.text(2)),
                          row.integer(3) == 1);
           });
  for (auto& [name, table] : live) {
    for (auto& index : table.indexes) {
      if (index.name.starts_with("sqlite_autoindex_")) index.name.clear();
    }
  }
  each_row(connection, live,
           std::string("SELECT t.name, k.\"from\", k.\"table\", k.\"to\"") + from +
               " JOIN pragma_foreign_key_list(t.name) AS k" + where,
           [](LiveTable& table, const SqlRows& row) {
             table.foreign_keys.push_back({"", std::string(row.text(1)), std::string(row.text(2)),
                                           std::string(row.text(3))});
           });
  return live;
}

}  // namespace

const LiveColumn* LiveTable::column(const std::string& wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const LiveColumn& each) { return each.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

const Index* LiveTable::index(const std::string& wanted) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(),
                                  [&](const Index& each) { return each.name == wanted; });
  return found == indexes.end() ? nullptr : &*found;
}

bool LiveTable::has_foreign_key(const ForeignKey& wanted) const {
  return std::any_of(foreign_keys.begin(), foreign_keys.end(), [&](const ForeignKey& each) {
    return each.column == wanted.column && each.table == wanted.table &&
           each.referenced_column == wanted.referenced_column;
  });
}

LiveSchema read_live(SqlConnection& connection, const Tables& wanted) {
  switch (connection.engine()) {
    case Engine::mariadb:
      return read_mariadb(connection, wanted);
    case Engine::postgresql:
      return read_postgresql(connection, wanted);
    case Engine::sqlite:
      return read_sqlite(connection, wanted);
  }
  return {};
}

bool has_table(SqlConnection& connection, const std::string& name) {
  return read_live(connection, {Table{.name = name, .columns = {}}}).contains(name);
}

}  // namespace emplace::store
