#include "store/schema/triggers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/schema/refusals.h"
#include "store/schema/trigger_texts.h"

namespace emplace::store {
namespace {

// By table and name; what it does, in the terms of what_it_does().
using LiveTriggers = std::map<std::pair<std::string, std::string>, std::string>;

std::string quoted_schema(SqlConnection& connection) {
  const auto row = connection.query("SELECT quote_ident(current_schema())");
  row->next();
  return std::string(row->text(0));
}

std::vector<Trigger> expected_triggers(SqlConnection& connection, const Tables& tables) {
  const bool postgresql = connection.engine() == Engine::postgresql;
  const auto schema = postgresql ? quoted_schema(connection) : "";
  std::vector<Trigger> all;
  for (const auto& logged : logged_tables()) {
    if (std::none_of(tables.begin(), tables.end(),
                     [&](const Table& each) { return each.name == logged.table; })) {
      continue;
    }
    for (auto& trigger :
         postgresql ? postgresql_triggers(logged, schema) : mariadb_triggers(logged)) {
      all.push_back(trigger);
    }
  }
  return all;
}

std::string what_it_does(const Trigger& trigger) {
  return trigger.timing + " " + trigger.events + " " + trigger.function + "\n" + trigger.body;
}

LiveTriggers read_triggers(SqlConnection& connection) {
  // PostgreSQL's tgtype: 1 for each row, 2 before, 4 insert, 8 delete, 16 update.
  const auto* const sql =
      connection.engine() == Engine::mariadb
          ? "SELECT event_object_table, trigger_name, CONCAT(action_timing, ' ', "
            "event_manipulation, ' ', '\n', action_statement) FROM information_schema.triggers "
            "WHERE trigger_schema = SCHEMA() AND trigger_name LIKE 'emplace|_%' ESCAPE '|'"
          : "SELECT t.relname, g.tgname, "
            "CASE WHEN g.tgtype & 2 <> 0 THEN 'BEFORE ' ELSE 'AFTER ' END || "
            "CASE WHEN g.tgtype & 4 <> 0 THEN 'INSERT OR ' ELSE '' END || "
            "CASE WHEN g.tgtype & 24 = 24 THEN 'UPDATE OR DELETE' ELSE '' END || "
            "CASE WHEN g.tgenabled IN ('O', 'A') AND g.tgqual IS NOT NULL AND p.prosecdef "
            "AND (g.tgtype & 1 = 1) = (g.tgtype & 2 = 0) "
            "THEN ' ' ELSE ' disabled or altered ' END || p.proname || E'\\n' || p.prosrc "
            "FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid "
            "JOIN pg_namespace AS n ON n.oid = t.relnamespace JOIN pg_proc AS p ON p.oid = "
            "g.tgfoid "
            "WHERE n.nspname = current_schema() AND NOT g.tgisinternal "
            "AND g.tgname LIKE 'emplace|_%' ESCAPE '|'";
  LiveTriggers live;
  const auto row = connection.query(sql);
  while (row->next()) {
    live[{std::string(row->text(0)), std::string(row->text(1))}] = row->text(2);
  }
  return live;
}

bool is_there(const LiveTriggers& live, const Trigger& trigger) {
  const auto found = live.find({trigger.table, trigger.name});
  return found != live.end() && found->second == what_it_does(trigger);
}

// On PostgreSQL a transaction, which locks this one table alone, so that it waits for nobody who
// waits for it. On MariaDB one of the statements is lost on a twin that does the same, and then
// the other one's is there.
void make(SqlConnection& connection, const Trigger& trigger) {
  const bool postgresql = connection.engine() == Engine::postgresql;
  std::vector<std::string> statements{trigger.drop};
  statements.insert(statements.end(), trigger.make.begin(), trigger.make.end());
  if (postgresql) connection.run_one({"BEGIN"});
  try {
    for (const auto& statement : statements)
      connection.run_one({statement});
  } catch (const SqlError& error) {
    if (postgresql) connection.run_one({"ROLLBACK"});
    if (!postgresql && is_done_already(error, Engine::mariadb)) return;
    if (!is_not_allowed(error, connection.engine())) throw;
    throw StoreError(std::string(error.what()) + ". " + advice_about_triggers(connection, error));
  }
  if (postgresql) connection.run_one({"COMMIT"});
}

}  // namespace

void make_triggers(SqlConnection& connection, OneAtATime& alone, const Tables& tables) {
  const auto live = read_triggers(connection);
  for (const auto& trigger : expected_triggers(connection, tables)) {
    if (is_there(live, trigger)) continue;
    alone.go_on();
    make(connection, trigger);
  }
}

void drop_triggers(SqlConnection& connection, OneAtATime& alone, const Tables& tables) {
  const auto live = read_triggers(connection);
  for (const auto& trigger : expected_triggers(connection, tables)) {
    if (!live.contains({trigger.table, trigger.name})) continue;
    alone.go_on();
    connection.run_one({trigger.drop});
  }
}

std::vector<std::string> missing_triggers(SqlConnection& connection, const Tables& tables) {
  const auto live = read_triggers(connection);
  // MariaDB shows none to a user who may not make any.
  const std::string or_hidden =
      live.empty() && connection.engine() == Engine::mariadb
          ? ", or hidden from this user, who needs GRANT TRIGGER to see it"
          : "";
  std::vector<std::string> found;
  for (const auto& trigger : expected_triggers(connection, tables)) {
    if (is_there(live, trigger)) continue;
    const bool other = live.contains({trigger.table, trigger.name});
    found.push_back("The trigger " + trigger.name + " of the table " + trigger.table +
                    (other ? " is not what it should be" : " is missing" + or_hidden) + ".");
  }
  return found;
}

std::vector<std::string> present_triggers(SqlConnection& connection) {
  std::vector<std::string> names;
  for (const auto& [place, does] : read_triggers(connection))
    names.push_back(place.second + " of the table " + place.first);
  return names;
}

}  // namespace emplace::store
