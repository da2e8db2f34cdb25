#include "store/schema/trigger_texts.h"

#include "store/shared/own_tables.h"

namespace emplace::store {
namespace {

const std::string kept = std::to_string(change_log_kept);

// The SQL text of a word: 'P' and the key of the old or the new row, put together as `join` says.
std::string mariadb_word(const Logged& logged, const std::string& row) {
  const auto letter = std::string(1, logged.letter);
  if (logged.key.empty()) return "'" + letter + "'";
  return "CONCAT('" + letter + "', " + row + "." + logged.key + ")";
}

std::string mariadb_words_of_update(const Logged& logged) {
  if (logged.key.empty()) return mariadb_word(logged, "NEW");
  const auto& key = logged.key;
  return "IF(OLD." + key + " <=> NEW." + key + ", " + mariadb_word(logged, "NEW") + ", CONCAT(" +
         mariadb_word(logged, "OLD") + ", ' ', " + mariadb_word(logged, "NEW") + "))";
}

// A clock without its row makes tick NULL, and so the change fails: better than unseen.
std::string mariadb_logging(const std::string& words) {
  return "BEGIN DECLARE now_at BIGINT; IF @emplace_writer IS NULL THEN "
         "UPDATE emplace_clock SET tick = tick + 1 WHERE id = 1; "
         "SELECT tick INTO now_at FROM emplace_clock WHERE id = 1; "
         "INSERT INTO emplace_changes (tick, touched) VALUES (now_at, " +
         words +
         "); "
         "DELETE FROM emplace_changes WHERE tick = now_at - " +
         kept + "; END IF; END";
}

const std::string mariadb_locking =
    "BEGIN DECLARE now_at BIGINT; IF @emplace_writer IS NULL THEN "
    "SELECT tick INTO now_at FROM emplace_clock WHERE id = 1 FOR UPDATE; END IF; END";

Trigger mariadb_trigger(const Logged& logged, const std::string& suffix, const std::string& timing,
                        const std::string& event, const std::string& body) {
  Trigger trigger{.name = "emplace_" + logged.table + "_" + suffix,
                  .table = logged.table,
                  .timing = timing,
                  .events = event,
                  .body = body};
  trigger.drop = "DROP TRIGGER IF EXISTS " + trigger.name;
  trigger.make = {"CREATE TRIGGER " + trigger.name + " " + timing + " " + event + " ON " +
                  logged.table + " FOR EACH ROW " + body};
  return trigger;
}

std::string postgresql_word(const Logged& logged, const std::string& row) {
  const auto letter = std::string(1, logged.letter);
  if (logged.key.empty()) return "'" + letter + "'";
  return "'" + letter + "' || " + row + "." + logged.key;
}

std::string postgresql_logging(const Logged& logged, const std::string& schema) {
  std::string words = "  words := " + postgresql_word(logged, "OLD") + ";\n";
  if (!logged.key.empty()) {
    const auto& key = logged.key;
    words = "  IF TG_OP = 'DELETE' THEN\n    words := " + postgresql_word(logged, "OLD") +
            ";\n  ELSE\n    words := " + postgresql_word(logged, "NEW") +
            ";\n  END IF;\n"
            "  IF TG_OP = 'UPDATE' AND OLD." +
            key + " IS DISTINCT FROM NEW." + key +
            " THEN\n    words := " + postgresql_word(logged, "OLD") +
            " || ' ' || words;\n  END IF;\n";
  }
  return "\nDECLARE\n  words text;\n  now_at bigint;\nBEGIN\n" + words + "  UPDATE " + schema +
         ".emplace_clock SET tick = tick + 1 WHERE id = 1 RETURNING tick INTO now_at;\n"
         "  INSERT INTO " +
         schema + ".emplace_changes (tick, touched) VALUES (now_at, words);\n  DELETE FROM " +
         schema + ".emplace_changes WHERE tick = now_at - " + kept + ";\n  RETURN NULL;\nEND\n";
}

std::string postgresql_locking(const std::string& schema) {
  return "\nBEGIN\n  PERFORM 1 FROM " + schema +
         ".emplace_clock WHERE id = 1 FOR UPDATE;\n  RETURN NULL;\nEND\n";
}

// It does its work as the owner of the tables, whoever it is that writes.
Trigger postgresql_trigger(const Logged& logged, const std::string& schema, const std::string& name,
                           const std::string& timing, const std::string& each,
                           const std::string& function, const std::string& body) {
  // A new project, user, type or aggregate is seen with the first row that refers to it.
  const auto* const events = logged.key.empty() ? "UPDATE OR DELETE" : "INSERT OR UPDATE OR DELETE";
  const auto table = schema + "." + logged.table;
  Trigger trigger{.name = name,
                  .table = logged.table,
                  .timing = timing,
                  .events = events,
                  .body = body,
                  .function = function};
  trigger.drop = "DROP TRIGGER IF EXISTS " + name + " ON " + table;
  trigger.make = {
      "CREATE OR REPLACE FUNCTION " + schema + "." + function +
          "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, "
          "pg_temp AS $emplace$" +
          body + "$emplace$",
      "CREATE TRIGGER " + name + " " + timing + " " + events + " ON " + table + " FOR EACH " +
          each +
          " WHEN (current_setting('emplace.writer', true) IS DISTINCT FROM 'on') EXECUTE "
          "FUNCTION " +
          schema + "." + function + "()"};
  return trigger;
}

}  // namespace

const std::vector<Logged>& logged_tables() {
  static const std::vector<Logged> all = {
      {"resource_providers", 'P', "id", true},
      {"inventories", 'I', "resource_provider_id"},
      {"resource_provider_traits", 'T', "resource_provider_id"},
      {"resource_provider_aggregates", 'A', "resource_provider_id"},
      {"allocations", 'C', "consumer_id"},
      {"consumers", 'C', "uuid"},
      {"traits", 't', "id", true},
      {"resource_classes", 'c', "id", true},
      {"projects"},
      {"users"},
      {"consumer_types"},
      {"placement_aggregates"}};
  return all;
}

std::vector<Trigger> mariadb_triggers(const Logged& logged) {
  std::vector<Trigger> all;
  const auto add = [&](const char* suffix, const char* timing, const char* event,
                       const std::string& body) {
    all.push_back(mariadb_trigger(logged, suffix, timing, event, body));
  };
  // A new project, user, type or aggregate is seen with the first row that refers to it.
  if (logged.generated) {
    add("lock", "BEFORE", "INSERT", mariadb_locking);
    add("insert", "AFTER", "INSERT", mariadb_logging(mariadb_word(logged, "NEW")));
  } else if (!logged.key.empty()) {
    add("insert", "BEFORE", "INSERT", mariadb_logging(mariadb_word(logged, "NEW")));
  }
  add("update", "BEFORE", "UPDATE", mariadb_logging(mariadb_words_of_update(logged)));
  add("delete", "BEFORE", "DELETE", mariadb_logging(mariadb_word(logged, "OLD")));
  return all;
}

std::vector<Trigger> postgresql_triggers(const Logged& logged, const std::string& schema) {
  return {postgresql_trigger(logged, schema, "emplace_lock", "BEFORE", "STATEMENT",
                             "emplace_lock_clock", postgresql_locking(schema)),
          postgresql_trigger(logged, schema, "emplace_log", "AFTER", "ROW",
                             "emplace_log_" + logged.table, postgresql_logging(logged, schema))};
}

}  // namespace emplace::store
