#include "config/option_groups.h"

namespace emplace::config {
namespace {

constexpr auto honoured = Effect::honoured;
constexpr auto ignored = Effect::ignored;
constexpr std::string_view sqlite_only =
    "it is for database servers, and this version keeps its data in SQLite";
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

std::vector<Option> database_options() {
  constexpr std::string_view group = "placement_database";
  return {
      {group, "connection", Kind::text, "", honoured,
       "The database as a URL, such as sqlite:////var/lib/placement/placement.db or "
       "mysql+pymysql://placement:PASSWORD@controller/placement.",
       true},
      {group, "connection_parameters", Kind::text, "", honoured,
       "More parameters of the connection's URL, a=b&c=d, which win over those in it.", true},
      {group, "sqlite_synchronous", Kind::boolean, "true", honoured,
       "Whether SQLite waits for the disk at each commit (synchronous=FULL); if false, a loss of "
       "power may lose the last commits but harms nothing else (synchronous=NORMAL)."},
      {group, "slave_connection", Kind::text, "", ignored,
       "reads are answered from memory, not from a database", true},
      {group, "mysql_sql_mode", Kind::text, "TRADITIONAL", honoured,
       "MySQL and MariaDB: the SQL mode of sessions; empty: the server's own."},
      {group, "connection_recycle_time", Kind::integer, "3600", ignored, sqlite_only},
      {group, "max_pool_size", Kind::integer, "", ignored, sqlite_only},
      {group, "max_retries", Kind::integer, "10", ignored, sqlite_only},
      {group, "retry_interval", Kind::integer, "10", ignored, sqlite_only},
      {group, "max_overflow", Kind::integer, "", ignored, sqlite_only},
      {group, "connection_debug", Kind::integer, "0", ignored,
       "it sets how much SQLAlchemy logs, which is not used"},
      {group, "connection_trace", Kind::boolean, "false", ignored,
       "it adds Python's call stack to SQL as comments"},
      {group, "pool_timeout", Kind::integer, "", ignored, sqlite_only},
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
