#include "store/schema/refusals.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace emplace::store {
namespace {

bool is_one_of(const std::string& code, std::initializer_list<std::string_view> codes) {
  for (const auto each : codes) {
    if (each == code) return true;
  }
  return false;
}

std::string first_text(SqlConnection& connection, const std::string& sql) {
  const auto row = connection.query(sql);
  return row->next() ? std::string(row->text(0)) : std::string();
}

// Whom and where a MariaDB GRANT is to name.
std::string mariadb_grant(SqlConnection& connection, const std::string& what) {
  return "GRANT " + what + " ON " +
         first_text(connection,
                    "SELECT CONCAT('`', SCHEMA(), '`.* TO ''', "
                    "REPLACE(CURRENT_USER(), '@', '''@'''), '''')");
}

}  // namespace

bool is_done_already(const SqlError& error, Engine engine) {
  if (engine == Engine::mariadb) {
    // A foreign key of that name, as InnoDB says it.
    if (error.code == "1005") {
      return std::string_view(error.what()).find("errno: 121") != std::string_view::npos;
    }
    // Table, column, key, row, foreign key (two more ways to say it), trigger; gone: key, trigger.
    return is_one_of(error.code,
                     {"1050", "1060", "1061", "1062", "1826", "1022", "1359", "1091", "1360"});
  }
  // Column, object, table, function, row, schema object.
  return is_one_of(error.code, {"42701", "42710", "42P07", "42723", "23505"});
}

bool is_not_allowed(const SqlError& error, Engine engine) {
  if (engine == Engine::mariadb) {
    // Table, database, column, special privilege, routines with a binary log.
    return is_one_of(error.code, {"1142", "1044", "1143", "1227", "1370", "1419"});
  }
  return error.code == "42501";
}

std::string advice_about_tables(SqlConnection& connection) {
  if (connection.engine() == Engine::mariadb) {
    return "Its user needs: " +
           mariadb_grant(connection,
                         "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, "
                         "TRIGGER") +
           ".";
  }
  return first_text(connection,
                    "SELECT 'Its user must own the tables (ALTER TABLE … OWNER TO ' || "
                    "quote_ident(current_user) || ') and may make new ones: GRANT USAGE, CREATE "
                    "ON SCHEMA ' || quote_ident(coalesce(current_schema(), 'public')) || ' TO ' || "
                    "quote_ident(current_user)");
}

std::string advice_about_triggers(SqlConnection& connection, const SqlError& error) {
  const std::string off =
      ", or, if upstream's own processes never write to this database while emplace does, "
      "`emplace db coexist off`";
  if (connection.engine() == Engine::postgresql) {
    return advice_about_tables(connection) + off + ".";
  }
  if (is_one_of(error.code, {"1419", "1227"})) {
    return "The server has a binary log and lets only administrators make triggers: set "
           "log_bin_trust_function_creators = 1 there (SET GLOBAL, and in its configuration)" +
           off + ".";
  }
  return "Triggers are to be allowed: " + mariadb_grant(connection, "TRIGGER") + off + ".";
}

}  // namespace emplace::store
