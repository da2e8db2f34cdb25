// The tables as they should be, as data: upstream's at each of its revisions, and our own. What
// makes tables (ddl.h) and what judges them (differences.h) both work from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/sql/connection.h"

namespace emplace::store {

enum class ColumnKind { small_integer, integer, big_integer, text, long_text, time, real, exact };

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::integer;
  int length = 0;  // of a text, in characters
  bool nullable = false;
  std::optional<std::string> default_value = {};  // as SQL
  bool automatic = false;                         // AUTO_INCREMENT, serial
};

// An index, or (`unique`) a constraint with the index that enforces it.
struct Index {
  std::string name;
  std::vector<std::string> columns;
  bool unique = false;
};

struct ForeignKey {
  std::string name;  // empty: what the engine calls it
  std::string column, table, referenced_column = "id";
};

struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::string> primary_key = {};
  std::string primary_key_name = {};  // empty: what the engine calls it
  std::vector<Index> indexes = {};    // unique ones first
  std::vector<ForeignKey> foreign_keys = {};

  const Column* column(const std::string& wanted) const;
};

// In an order in which they can be made: what is referred to comes first.
using Tables = std::vector<Table>;

// Upstream's revisions, oldest first; the last is the one that emplace reads and writes.
const std::vector<std::string>& upstream_revisions();
// How many revisions lead to this one, itself included; 0 for "" and for one that is not known.
std::size_t steps_to(const std::string& revision);

// Upstream's tables, alembic_version among them. Requires: 1 … upstream_revisions().size() steps.
Tables upstream_tables(std::size_t steps);
// The indexes that revisions up to this one dropped.
struct DroppedIndex {
  std::string table, name;
};
std::vector<DroppedIndex> dropped_indexes(std::size_t steps);

// Our own tables on an engine.
Tables own_tables(Engine engine);

}  // namespace emplace::store
