// The SQL that makes the tables of model.h in MariaDB (and MySQL) and PostgreSQL.
#pragma once

#include <string>
#include <vector>

#include "store/schema/model.h"

namespace emplace::store {

// What a database server is, as far as making tables goes.
struct Dialect {
  Engine engine = Engine::mariadb;  // not sqlite
  // MariaDB: the collation that compares byte by byte and pads nothing.
  std::string collation = "utf8mb4_nopad_bin";
};

// The type as information_schema spells it, with `int` for `int(11)`.
std::string type_text(const Column& column, Engine engine);

// The statements that make a table with all that belongs to it.
std::vector<std::string> create_table(const Table& table, const Dialect& dialect);
std::string add_column(const Table& table, const Column& column, const Dialect& dialect);
std::string add_index(const Table& table, const Index& index, const Dialect& dialect);
std::string add_foreign_key(const Table& table, const ForeignKey& key);
std::string drop_index(const DroppedIndex& index, const Dialect& dialect);

}  // namespace emplace::store
