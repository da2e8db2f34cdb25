// The tables that a database has, read out of its catalogue, in the terms of model.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/schema/model.h"
#include "store/sql/connection.h"

namespace emplace::store {

struct LiveColumn {
  std::string name;
  std::string type;  // as type_text() spells it
  bool nullable = false;
  std::optional<std::string> default_value = {};  // none for an automatic column
  bool automatic = false;
  std::string collation = {};  // MariaDB, of texts
};

struct LiveTable {
  std::vector<LiveColumn> columns = {};
  std::vector<std::string> primary_key = {};
  std::vector<Index> indexes = {};  // without that of the primary key; SQLite names no unique one
  std::vector<ForeignKey> foreign_keys = {};                         // SQLite names none
  std::string storage_engine = {}, row_format = {}, collation = {};  // MariaDB

  const LiveColumn* column(const std::string& wanted) const;
  const Index* index(const std::string& wanted) const;
  bool has_foreign_key(const ForeignKey& wanted) const;  // whatever its name
};

using LiveSchema = std::map<std::string, LiveTable>;

// Those of the wanted tables that exist, in the session's own schema. Throws StoreError.
LiveSchema read_live(SqlConnection& connection, const Tables& wanted);
bool has_table(SqlConnection& connection, const std::string& name);

}  // namespace emplace::store
