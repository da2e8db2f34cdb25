#include "store/shared/batch_sql.h"

#include <algorithm>

#include "store/time_text.h"

namespace emplace::store {
namespace {

// Rows in one INSERT, and keys in one IN.
constexpr std::size_t rows_max = 500;
// Choices in one CASE, which a server walks through for each row.
constexpr std::size_t choices_max = 64;
// Terms of one OR, each with up to rows_max values.
constexpr std::size_t terms_max = 40;

// "?, ?, ?"
void append_places(std::string& text, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    text += i == 0 ? "?" : ", ?";
}

template <class Work>
void in_parts(std::size_t count, std::size_t part, Work work) {
  for (std::size_t begin = 0; begin < count; begin += part)
    work(begin, std::min(begin + part, count));
}

}  // namespace

std::string time_text(Engine engine, Time time) {
  constexpr std::size_t without_fraction = 19;
  const TimeText text(time);
  return std::string(engine == Engine::sqlite ? text.view()
                                              : text.view().substr(0, without_fraction));
}

std::string one_of(const std::string& kind, const std::vector<std::string>& names) {
  if (names.size() == 1) return "the " + kind + " " + names.front();
  std::string text = "one of the " + kind + (kind.ends_with('s') ? "es" : "s");
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? " " : ", ") + names[i];
  return text;
}

// --- INSERT -------------------------------------------------------------------------------------

std::string on_conflict(Engine engine, const std::string& key,
                        const std::vector<std::string>& others) {
  const bool is_mariadb = engine == Engine::mariadb;
  std::string text =
      is_mariadb ? " ON DUPLICATE KEY UPDATE " : " ON CONFLICT (" + key + ") DO UPDATE SET ";
  for (std::size_t i = 0; i < others.size(); ++i) {
    text += (i == 0 ? "" : ", ") + others[i] + " = ";
    text += is_mariadb ? "VALUES(" + others[i] + ")" : "excluded." + others[i];
  }
  return text;
}

void MultiInsert::append_to(PlannedStatements& statements) {
  append(statements, {}, true);
}

void MultiInsert::append_to(PlannedStatements& statements, Engine engine, const std::string& key,
                            const std::vector<std::string>& others) {
  append(statements, on_conflict(engine, key, others), false);
}

void MultiInsert::append(PlannedStatements& statements, const std::string& tail, bool counts) {
  in_parts(values_.size() / columns_, rows_max, [&](std::size_t begin, std::size_t end) {
    PlannedStatement made{.statement = {.text = "INSERT INTO " + into_ + " VALUES "}};
    for (auto row = begin; row < end; ++row) {
      made.statement.text += row == begin ? "(" : ", (";
      append_places(made.statement.text, columns_);
      made.statement.text += ')';
    }
    made.statement.text += tail;
    const auto at = [&](std::size_t row) {
      return std::move_iterator(values_.begin() + static_cast<std::ptrdiff_t>(row * columns_));
    };
    made.statement.values.assign(at(begin), at(end));
    if (counts) {
      made.rows = static_cast<std::int64_t>(end - begin);
      made.what = "a new row of " + into_;
    }
    statements.push_back(std::move(made));
  });
}

void IdInsert::add(const std::string& key, std::vector<SqlValue> values) {
  if (!ids_.emplace(key, 0).second) return;
  keys_.push_back(key);
  rows_.push_back(std::move(values));
}

void IdInsert::append_to(PlannedStatements& statements, Engine engine) {
  first_ = statements.size();
  // MariaDB tells the id of one row for each statement alone, and MySQL knows no RETURNING.
  const std::size_t part = engine == Engine::mariadb ? 1 : rows_max;
  std::string tail;
  if (may_exist_ && engine == Engine::mariadb) {
    tail = " ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)";
  } else if (may_exist_) {
    tail = on_conflict(engine, key_, {key_});  // changes nothing, but returns the id
  }
  if (engine != Engine::mariadb) tail += " RETURNING id, " + key_;
  in_parts(rows_.size(), part, [&](std::size_t begin, std::size_t end) {
    SqlStatement made{.text = "INSERT INTO " + table_ + " (" + columns_ + ") VALUES "};
    for (auto row = begin; row < end; ++row) {
      made.text += row == begin ? "(" : ", (";
      append_places(made.text, rows_[row].size());
      made.text += ')';
      std::move(rows_[row].begin(), rows_[row].end(), std::back_inserter(made.values));
    }
    made.text += tail;
    statements.push_back({.statement = std::move(made)});
  });
}

void IdInsert::take_ids(std::vector<SqlResult>& results, Engine engine) {
  if (engine == Engine::mariadb) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
      ids_[keys_[i]] = results[first_ + i].inserted_id;
  } else {
    in_parts(keys_.size(), rows_max, [&](std::size_t begin, std::size_t) {
      auto& rows = *results[first_ + begin / rows_max].data;
      while (rows.next())
        ids_[std::string(rows.text(1))] = rows.integer(0);
    });
  }
  for (const auto& [key, id] : ids_) {
    if (id != 0) continue;
    throw StoreError("The database has told no id for the new row " + key + " of the table " +
                     table_ + ".");
  }
}

// --- UPDATE -------------------------------------------------------------------------------------

void KeyedUpdate::append_choice(SqlStatement& statement, Engine engine, const Chosen& chosen,
                                std::size_t count, const Column& column) const {
  const bool all_alike =
      chosen.size() == count && std::all_of(chosen.begin(), chosen.end(), [&](const auto& each) {
        return *each.second == *chosen.front().second;
      });
  if (all_alike) {
    statement.text += '?';
    statement.values.push_back(*chosen.front().second);
    return;
  }
  // PostgreSQL takes what a CASE gives for text unless one of its values has a type.
  std::string place = "?";
  if (engine == Engine::postgresql && column.type != Type::text) {
    place = column.type == Type::real ? "CAST(? AS double precision)" : "CAST(? AS integer)";
  }
  statement.text += "CASE " + key_;
  for (const auto& [key, value] : chosen) {
    statement.text += " WHEN ? THEN " + place;
    statement.values.push_back(*key);
    statement.values.push_back(*value);
  }
  if (chosen.size() < count) statement.text += " ELSE " + column.name;
  statement.text += " END";
}

void KeyedUpdate::append_some(PlannedStatements& statements, Engine engine, const std::string& time,
                              std::size_t begin, std::size_t end) const {
  const auto count = end - begin;
  PlannedStatement made{
      .statement = {.text = "UPDATE " + table_ + " SET updated_at = ?", .values = {time}},
      .rows = static_cast<std::int64_t>(count)};
  auto& statement = made.statement;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    Chosen chosen;
    for (auto row = begin; row < end; ++row) {
      const auto& cell = rows_[row].cells[column];
      if (cell) chosen.emplace_back(&rows_[row].key, &*cell);
    }
    if (chosen.empty()) continue;
    statement.text += ", " + columns_[column].name + " = ";
    append_choice(statement, engine, chosen, count, columns_[column]);
  }
  statement.text += " WHERE " + key_ + " IN (";
  append_places(statement.text, count);
  statement.text += ')';
  std::vector<std::string> names;
  Chosen guards;
  for (auto row = begin; row < end; ++row) {
    statement.values.push_back(rows_[row].key);
    names.push_back(rows_[row].name);
    guards.emplace_back(&rows_[row].key, &rows_[row].guard);
  }
  if (narrow_) {
    statement.text += " AND " + narrow_->first + " = ?";
    statement.values.push_back(narrow_->second);
  }
  if (!guard_.empty()) {
    statement.text += " AND " + guard_ + " = ";
    append_choice(statement, engine, guards, count, {});
  }
  made.what = one_of(kind_, names);
  statements.push_back(std::move(made));
}

void KeyedUpdate::append_to(PlannedStatements& statements, Engine engine, Time at) {
  const auto time = time_text(engine, at);
  in_parts(rows_.size(), choices_max, [&](std::size_t begin, std::size_t end) {
    append_some(statements, engine, time, begin, end);
  });
}

// --- DELETE -------------------------------------------------------------------------------------

void append_delete(PlannedStatements& statements, const std::string& table, const std::string& key,
                   const std::vector<SqlValue>& keys, const std::string& kind,
                   const std::vector<std::string>& names) {
  in_parts(keys.size(), rows_max, [&](std::size_t begin, std::size_t end) {
    PlannedStatement made{
        .statement = {.text = "DELETE FROM " + table + " WHERE " + key + " IN ("}};
    append_places(made.statement.text, end - begin);
    made.statement.text += ')';
    const auto from = static_cast<std::ptrdiff_t>(begin), to = static_cast<std::ptrdiff_t>(end);
    made.statement.values.assign(keys.begin() + from, keys.begin() + to);
    if (!kind.empty()) {
      made.rows = static_cast<std::int64_t>(end - begin);
      made.what = one_of(kind, {names.begin() + from, names.begin() + to});
    }
    statements.push_back(std::move(made));
  });
}

void append_delete(PlannedStatements& statements, const std::string& table,
                   const std::string& thing, const std::vector<Belongings>& all, bool counts) {
  std::vector<Belongings> pieces;
  for (const auto& each : all) {
    in_parts(each.things.size(), rows_max, [&](std::size_t begin, std::size_t end) {
      const auto from = each.things.begin();
      pieces.push_back(
          {each.provider,
           each.name,
           {from + static_cast<std::ptrdiff_t>(begin), from + static_cast<std::ptrdiff_t>(end)}});
    });
  }
  in_parts(pieces.size(), terms_max, [&](std::size_t begin, std::size_t end) {
    PlannedStatement made{.statement = {.text = "DELETE FROM " + table + " WHERE "}};
    std::int64_t rows = 0;
    std::vector<std::string> names;
    for (auto i = begin; i < end; ++i) {
      auto& statement = made.statement;
      statement.text += i == begin ? "(" : " OR (";
      statement.text += "resource_provider_id = ? AND " + thing + " IN (";
      append_places(statement.text, pieces[i].things.size());
      statement.text += "))";
      statement.values.emplace_back(pieces[i].provider);
      statement.values.insert(statement.values.end(), pieces[i].things.begin(),
                              pieces[i].things.end());
      rows += static_cast<std::int64_t>(pieces[i].things.size());
      names.push_back(pieces[i].name);
    }
    if (counts) {
      made.rows = rows;
      made.what = "what belongs to " + one_of("resource provider", names);
    }
    statements.push_back(std::move(made));
  });
}

}  // namespace emplace::store
