#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr auto honoured = Effect::honoured;
constexpr auto ignored = Effect::ignored;
constexpr std::string_view two_connections =
    "a process needs two connections to a database server, whatever the load";
constexpr std::string_view nobody = "00000000-0000-0000-0000-000000000000";

std::vector<Option> path_options() {
  return {
      {"DEFAULT", "tempdir", Kind::text, "", ignored, "nothing is kept in a temporary folder"},
      {"DEFAULT", "pybasedir", Kind::text, "/usr/lib/python3/dist-packages", honoured,
       "Where upstream's Python code is installed; used only where a value says $pybasedir."},
      {"DEFAULT", "state_path", Kind::text, "$pybasedir", honoured,
       "The folder of the service's state; used only where a value says $state_path."},
  };
}

Option number(std::string_view name, std::string_view default_value, std::int64_t minimum,
              std::string_view help) {
  constexpr std::int64_t year_s = 366 * 24 * 3600;
  Option option{"placement_database", name, Kind::integer, default_value, honoured, help};
  option.minimum = minimum;
  option.maximum = year_s;
  return option;
}

std::vector<Option> database_options() {
  constexpr std::string_view group = "placement_database";
  return {
      {group, "connection", Kind::text, "", honoured,
       "The database as a URL: sqlite:////var/lib/placement/placement.db, "
       "mysql+pymysql://USER:PASSWORD@HOST/DATABASE for MariaDB, Galera and MySQL, or "
       "postgresql://USER:PASSWORD@HOST/DATABASE.",
       true},
      {group, "connection_parameters", Kind::text, "", honoured,
       "More parameters for the connection's URL, as a=b&c=d; they win over those that stand in "
       "it.",
       true},
      {group, "sqlite_synchronous", Kind::boolean, "true", honoured,
       "Whether SQLite waits for the disk at each commit (synchronous=FULL); if false, a loss of "
       "power may lose the last commits but harms nothing else (synchronous=NORMAL)."},
      {group, "slave_connection", Kind::text, "", ignored,
       "reads are answered from memory, which must follow the database that is written to", true},
      {group, "mysql_sql_mode", Kind::text, "TRADITIONAL", honoured,
       "The sql_mode of sessions with MariaDB and MySQL; empty: the server's own."},
      number("connection_recycle_time", "3600", -1,
             "Seconds after which a connection to a database server is replaced; -1: never."),
      {group, "max_pool_size", Kind::integer, "", ignored, two_connections},
      number("max_retries", "10", -1,
             "How often a database server that is away is tried again at start; -1: without end."),
      number("retry_interval", "10", 0,
             "Seconds between two tries to reach a database server at start."),
      {group, "max_overflow", Kind::integer, "", ignored, two_connections},
      {group, "connection_debug", Kind::integer, "0", ignored,
       "it sets how much SQLAlchemy logs, which is not used"},
      {group, "connection_trace", Kind::boolean, "false", ignored,
       "it adds Python's call stack to SQL as comments"},
      {group, "pool_timeout", Kind::integer, "", ignored, two_connections},
      {group, "sync_on_startup", Kind::boolean, "false", honoured,
       "Whether the server brings the database's tables up to date when it starts."},
  };
}

std::vector<Option> service_options() {
  return {
      {"placement", "randomize_allocation_candidates", Kind::boolean, "false", honoured,
       "Whether the candidates of a limited answer are drawn by chance."},
      {"placement", "incomplete_consumer_project_id", Kind::text, nobody, honoured,
       "The project of consumers that were made without one (before microversion 1.8)."},
      {"placement", "incomplete_consumer_user_id", Kind::text, nobody, honoured,
       "The user of consumers that were made without one (before microversion 1.8)."},
      {"placement", "allocation_conflict_retry_count", Kind::integer, "10", ignored,
       "writes are planned one after another, so no retries are needed"},
      {"placement", "max_allocation_candidates", Kind::integer, "-1", honoured,
       "The most candidates that are made for one query; -1: no such limit."},
      {"placement", "allocation_candidates_generation_strategy", Kind::text, "depth-first",
       honoured, "Whether candidates of one root come first, or all roots take turns.", false, "",
       "depth-first breadth-first"},
      {"workarounds", "optimize_for_wide_provider_trees", Kind::boolean, "false", ignored,
       "wide trees of providers are always searched in the optimized way"},
  };
}

}  // namespace

std::vector<Option> placement_options() {
  std::vector<Option> result = path_options();
  result.push_back({"api", "auth_strategy", Kind::text, "keystone", honoured,
                    "Who says who a caller is: keystone, or noauth2, which believes anyone and is "
                    "for tests only.",
                    false, "DEFAULT.auth_strategy", "keystone noauth2"});
  for (const auto& part : {database_options(), service_options()}) {
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace emplace::config
