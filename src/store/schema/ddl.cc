#include "store/schema/ddl.h"

namespace emplace::store {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

// One that says NULL and the default where upstream's own statements end up with them.
std::string column_text(const Column& column, const Dialect& dialect) {
  const bool serial = column.automatic && dialect.engine == Engine::postgresql;
  auto text = column.name + " " + (serial ? "SERIAL" : type_text(column, dialect.engine));
  if (column.default_value) text += " DEFAULT " + *column.default_value;
  if (!column.nullable) text += " NOT NULL";
  if (column.automatic && dialect.engine == Engine::mariadb) text += " AUTO_INCREMENT";
  return text;
}

std::string primary_key_text(const Table& table) {
  const auto name =
      table.primary_key_name.empty() ? "" : "CONSTRAINT " + table.primary_key_name + " ";
  return name + "PRIMARY KEY (" + joined(table.primary_key) + ")";
}

std::string unique_text(const Index& index) {
  return "CONSTRAINT " + index.name + " UNIQUE (" + joined(index.columns) + ")";
}

std::string foreign_key_text(const ForeignKey& key) {
  const auto name = key.name.empty() ? "" : "CONSTRAINT " + key.name + " ";
  return name + "FOREIGN KEY (" + key.column + ") REFERENCES " + key.table + " (" +
         key.referenced_column + ")";
}

}  // namespace

std::string type_text(const Column& column, Engine engine) {
  const bool mariadb = engine == Engine::mariadb, postgresql = engine == Engine::postgresql;
  const auto length = "(" + std::to_string(column.length) + ")";
  switch (column.kind) {
    case ColumnKind::small_integer:
      return "smallint";
    case ColumnKind::integer:
      return mariadb ? "int" : "integer";
    case ColumnKind::big_integer:
      return "bigint";
    case ColumnKind::text:
      return (postgresql ? "character varying" : "varchar") + length;
    case ColumnKind::long_text:
      return mariadb ? "mediumtext" : "text";
    case ColumnKind::time:
      return postgresql ? "timestamp without time zone" : "datetime";
    case ColumnKind::real:
      return postgresql ? "double precision" : "float";
    case ColumnKind::exact:
      return postgresql ? "double precision" : "double";
  }
  return {};
}

std::vector<std::string> create_table(const Table& table, const Dialect& dialect) {
  const bool mariadb = dialect.engine == Engine::mariadb;
  std::vector<std::string> parts;
  for (const auto& column : table.columns)
    parts.push_back(column_text(column, dialect));
  parts.push_back(primary_key_text(table));
  for (const auto& index : table.indexes) {
    if (index.unique) {
      parts.push_back(unique_text(index));
    } else if (mariadb) {
      parts.push_back("INDEX " + index.name + " (" + joined(index.columns) + ")");
    }
  }
  for (const auto& key : table.foreign_keys)
    parts.push_back(foreign_key_text(key));
  auto text = "CREATE TABLE IF NOT EXISTS " + table.name + " (" + joined(parts) + ")";
  if (mariadb) {
    text += " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE " +
            dialect.collation;
    return {text};
  }
  std::vector<std::string> statements{text};
  for (const auto& index : table.indexes) {
    if (!index.unique) statements.push_back(add_index(table, index, dialect));
  }
  return statements;
}

std::string add_column(const Table& table, const Column& column, const Dialect& dialect) {
  return "ALTER TABLE " + table.name + " ADD COLUMN " + column_text(column, dialect);
}

std::string add_index(const Table& table, const Index& index, const Dialect& dialect) {
  if (index.unique) return "ALTER TABLE " + table.name + " ADD " + unique_text(index);
  const auto unless_there = dialect.engine == Engine::postgresql ? "IF NOT EXISTS " : "";
  return "CREATE INDEX " + std::string(unless_there) + index.name + " ON " + table.name + " (" +
         joined(index.columns) + ")";
}

std::string add_foreign_key(const Table& table, const ForeignKey& key) {
  return "ALTER TABLE " + table.name + " ADD " + foreign_key_text(key);
}

std::string drop_index(const DroppedIndex& index, const Dialect& dialect) {
  if (dialect.engine == Engine::postgresql) return "DROP INDEX IF EXISTS " + index.name;
  return "DROP INDEX " + index.name + " ON " + index.table;
}

}  // namespace emplace::store
