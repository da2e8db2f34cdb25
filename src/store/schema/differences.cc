#include "store/schema/differences.h"

#include <algorithm>

#include "store/schema/ddl.h"

namespace emplace::store {
namespace {

std::string list(const std::vector<std::string>& columns) {
  std::string text;
  for (const auto& column : columns)
    text += (text.empty() ? "" : ", ") + column;
  return "(" + text + ")";
}

std::string describe(const std::string& type, bool nullable,
                     const std::optional<std::string>& default_value, bool automatic) {
  return type + (nullable ? ", may be NULL" : ", NOT NULL") +
         (default_value ? ", default " + *default_value : "") + (automatic ? ", automatic" : "");
}

std::string describe(const ForeignKey& key) {
  return "from " + key.column + " to " + key.table + list({key.referenced_column});
}

std::string describe(const Index& index) {
  return (index.unique ? "unique constraint " : "index ") +
         (index.name.empty() ? "" : index.name + " ") + list(index.columns);
}

class Comparison {
 public:
  explicit Comparison(Engine engine) : engine_(engine) {}

  void compare(const Table& expected, const LiveTable& live) {
    name_ = expected.name;
    table_ = "The table " + name_;
    for (const auto& column : expected.columns)
      compare_column(column, live.column(column.name));
    for (const auto& column : live.columns) {
      if (expected.column(column.name) == nullptr)
        add("a column that is not expected", column.name);
    }
    if (live.primary_key != expected.primary_key) {
      found_.push_back(table_ + " has the primary key " + list(live.primary_key) + " instead of " +
                       list(expected.primary_key) + ".");
    }
    compare_indexes(expected.indexes, live.indexes);
    compare_foreign_keys(expected, live);
    if (engine_ == Engine::mariadb && live.storage_engine != "InnoDB") {
      found_.push_back(table_ + " is kept by the engine " + live.storage_engine +
                       ", which knows no transactions, instead of InnoDB.");
    }
  }

  void missing(const Table& table) { found_.push_back("The table " + table.name + " is missing."); }

  std::vector<std::string> take() { return std::move(found_); }

 private:
  void add(const std::string& what, const std::string& name) {
    found_.push_back(table_ + " has " + what + ": " + name + ".");
  }

  void compare_column(const Column& expected, const LiveColumn* live) {
    if (live == nullptr) {
      found_.push_back(table_ + " has no column " + expected.name + ".");
      return;
    }
    const auto wanted = describe(type_text(expected, engine_), expected.nullable,
                                 expected.default_value, expected.automatic);
    const auto is = describe(live->type, live->nullable, live->default_value, live->automatic);
    const auto column = "The column " + expected.name + " of the table " + name_;
    if (is != wanted) found_.push_back(column + " is " + is + "; expected: " + wanted + ".");
    if (!live->collation.empty() && !is_bytewise(live->collation)) {
      found_.push_back(column + " has the collation " + live->collation +
                       ", which does not compare byte by byte.");
    }
  }

  // SQLite tells no names of unique constraints: what they hold is all there is.
  static bool alike(const Index& expected, const Index& live) {
    return (live.name.empty() || expected.name == live.name) && expected.unique == live.unique &&
           expected.columns == live.columns;
  }

  void compare_indexes(const std::vector<Index>& expected, const std::vector<Index>& live) {
    for (const auto& index : expected) {
      if (std::none_of(live.begin(), live.end(),
                       [&](const Index& each) { return alike(index, each); })) {
        found_.push_back(table_ + " has no " + describe(index) + ".");
      }
    }
    for (const auto& index : live) {
      if (std::none_of(expected.begin(), expected.end(),
                       [&](const Index& each) { return alike(each, index); })) {
        found_.push_back(table_ + " has an unexpected " + describe(index) + ".");
      }
    }
  }

  void compare_foreign_keys(const Table& expected, const LiveTable& live) {
    for (const auto& key : expected.foreign_keys) {
      if (!live.has_foreign_key(key)) {
        found_.push_back(table_ + " has no foreign key " + describe(key) + ".");
      }
    }
    for (const auto& key : live.foreign_keys) {
      const auto& known = expected.foreign_keys;
      if (std::none_of(known.begin(), known.end(), [&](const ForeignKey& each) {
            return describe(each) == describe(key) &&
                   (each.name.empty() || key.name.empty() || each.name == key.name);
          })) {
        add("a foreign key that is not expected",
            (key.name.empty() ? "" : key.name + " ") + describe(key));
      }
    }
  }

  Engine engine_;
  std::string name_, table_;  // "x" and "The table x"
  std::vector<std::string> found_;
};

}  // namespace

bool is_bytewise(const std::string& collation) {
  return collation == "utf8mb4_nopad_bin" || collation == "utf8mb4_0900_bin";
}

std::vector<std::string> differences(const Tables& expected, const LiveSchema& live,
                                     Engine engine) {
  Comparison comparison(engine);
  for (const auto& table : expected) {
    const auto found = live.find(table.name);
    if (found == live.end()) {
      comparison.missing(table);
    } else {
      comparison.compare(table, found->second);
    }
  }
  return comparison.take();
}

}  // namespace emplace::store
