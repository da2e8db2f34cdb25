#include "service/settings.h"

#include <algorithm>
#include <thread>

#include "base/text.h"

namespace emplace::service {
namespace {

// Where 0 means that there is no limit: a number that is never met, and that sums may be made with.
std::size_t limit(const config::Config& config, std::string_view name) {
  constexpr std::size_t unlimited = std::size_t{1} << 48;
  const auto value = config.integer("emplace", name);
  return value == 0 ? unlimited : static_cast<std::size_t>(value);
}

std::chrono::seconds seconds(const config::Config& config, std::string_view name) {
  return std::chrono::seconds(config.integer("emplace", name));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// The level that default_log_levels gives Placement's own loggers, if it does.
telemetry::Level log_level(const config::Config& config) {
  using telemetry::Level;
  Level level = config.boolean("DEFAULT", "debug") ? Level::debug : Level::info;
  for (const auto& item : config.list("DEFAULT", "default_log_levels")) {
    const auto equals = item.find('=');
    const auto name = item.substr(0, equals);
    if (equals == std::string::npos || (name != "placement" && name != "emplace")) continue;
    const auto word = item.substr(equals + 1);
    if (word == "DEBUG") level = Level::debug;
    if (word == "INFO") level = Level::info;
    if (word == "WARN" || word == "WARNING") level = Level::warning;
    if (word == "ERROR") level = Level::error;
    if (word == "CRITICAL" || word == "FATAL") level = Level::critical;
  }
  return level;
}

}  // namespace

api::Settings api_settings(const config::Config& config) {
  api::Settings settings;
  settings.incomplete_project_id = config.text("placement", "incomplete_consumer_project_id");
  settings.incomplete_user_id = config.text("placement", "incomplete_consumer_user_id");
  settings.randomize_candidates = config.boolean("placement", "randomize_allocation_candidates");
  settings.breadth_first =
      config.text("placement", "allocation_candidates_generation_strategy") == "breadth-first";
  settings.candidates_max = config.integer("placement", "max_allocation_candidates");
  settings.search_work_max =
      static_cast<std::uint64_t>(config.integer("emplace", "search_work_max"));
  settings.json.depth = static_cast<std::size_t>(config.integer("emplace", "json_depth_max"));
  settings.json.items_per_list =
      static_cast<std::size_t>(config.integer("emplace", "list_items_max"));
  settings.query_groups_max = limit(config, "query_groups_max");
  settings.query_values_max = limit(config, "query_values_max");
  settings.trust_proxy_headers = config.boolean("oslo_middleware", "enable_proxy_headers_parsing");
  if (uses_keystone(config)) settings.challenge = auth::keystone_challenge(config);
  return settings;
}

api::CorsSettings cors_settings(const config::Config& config) {
  api::CorsSettings settings;
  settings.allowed_origins = config.list("cors", "allowed_origin");
  settings.allow_credentials = config.boolean("cors", "allow_credentials");
  settings.expose_headers = config.list("cors", "expose_headers");
  settings.allow_methods = config.list("cors", "allow_methods");
  settings.allow_headers = config.list("cors", "allow_headers");
  settings.max_age_s = config.integer("cors", "max_age");
  return settings;
}

http::ServerOptions server_options(const config::Config& config) {
  http::ServerOptions options;
  options.host = config.text("emplace", "host");
  options.port = static_cast<std::uint16_t>(config.integer("emplace", "port"));
  options.threads = static_cast<unsigned>(config.integer("emplace", "threads"));
  options.connections_max = limit(config, "connections_max");
  options.connections_per_address_max =
      static_cast<std::size_t>(config.integer("emplace", "connections_per_address_max"));
  options.header_bytes_max = limit(config, "header_bytes_max");
  options.header_count_max = limit(config, "header_count_max");
  const auto usual = limit(config, "body_bytes_max"), bulk = limit(config, "body_bytes_max_bulk");
  options.body_bytes_max = [usual, bulk](std::string_view method, std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    return method == "POST" && (path == "/allocations" || path == "/reshaper") ? bulk : usual;
  };
  options.header_timeout = seconds(config, "header_timeout_s");
  options.idle_timeout = seconds(config, "idle_timeout_s");
  options.body_bytes_per_second_min =
      static_cast<std::size_t>(config.integer("emplace", "body_bytes_per_second_min"));
  options.drain_timeout = seconds(config, "drain_timeout_s");
  options.tls_certificate_file = config.text("emplace", "tls_certificate_file");
  options.tls_key_file = config.text("emplace", "tls_key_file");
  return options;
}

store::LedgerOptions ledger_options(const config::Config& config) {
  store::LedgerOptions options;
  options.queue_max = limit(config, "queue_max");
  options.report = [](const std::string& sentence) { telemetry::log_error(sentence); };
  return options;
}

store::IncompleteOwner incomplete_owner(const config::Config& config) {
  return {config.text("placement", "incomplete_consumer_project_id"),
          config.text("placement", "incomplete_consumer_user_id")};
}

telemetry::AuditOptions audit_options(const config::Config& config) {
  return {.file = config.text("emplace", "audit_file"),
          .journal = config.boolean("emplace", "audit_journal")};
}

std::optional<http::ServerOptions> monitor_options(const config::Config& config) {
  const auto port = config.integer("emplace", "metrics_port");
  if (port == 0) return std::nullopt;
  http::ServerOptions options;
  options.host = config.text("emplace", "metrics_host");
  options.port = static_cast<std::uint16_t>(port);
  options.threads = 1;
  options.connections_max = 64;
  options.header_bytes_max = 8 * 1024;
  options.body_bytes_max = [](std::string_view, std::string_view) { return std::size_t{0}; };
  options.drain_timeout = std::chrono::seconds(1);
  return options;
}

telemetry::LogOptions log_options(const config::Config& config) {
  telemetry::LogOptions options;
  options.level = log_level(config);
  options.json = config.boolean("DEFAULT", "use_json");
  options.use_syslog = config.boolean("DEFAULT", "use_syslog");
  options.use_journal = config.boolean("DEFAULT", "use_journal");
  options.syslog_facility = config.text("DEFAULT", "syslog_log_facility");
  const auto folder = config.text("DEFAULT", "log_dir");
  options.file = config.text("DEFAULT", "log_file");
  if (!folder.empty() && (options.file.empty() || options.file[0] != '/')) {
    options.file = folder + "/" + (options.file.empty() ? "emplace.log" : options.file);
  }
  return options;
}

policy::FileSources policy_sources(const config::Config& config) {
  policy::FileSources sources;
  if (config.is_set("oslo_policy", "policy_file")) {
    sources.files = {config.text("oslo_policy", "policy_file")};
  } else {
    sources.files = {"policy.yaml", "policy.json"};
  }
  sources.directories = config.list("oslo_policy", "policy_dirs");
  for (const auto& file : config.files())
    sources.search.push_back(folder_of(file));
  if (!config.files().empty()) sources.search.push_back("/etc/placement");
  return sources;
}

policy::Options policy_options(const config::Config& config) {
  return {.enforce_scope = config.boolean("oslo_policy", "enforce_scope"),
          .enforce_new_defaults = config.boolean("oslo_policy", "enforce_new_defaults")};
}

bool uses_keystone(const config::Config& config) {
  return !same_ignoring_case(config.text("api", "auth_strategy"), "noauth2");
}

Result<auth::KeystoneOptions> keystone_options(const config::Config& config) {
  auto options = TRY(auth::keystone_options(config));
  const auto threads = static_cast<unsigned>(config.integer("emplace", "threads"));
  options.threads = std::max(1u, threads > 0 ? threads : std::thread::hardware_concurrency());
  options.client.report_trouble = [](const std::string& s) { telemetry::log_error(s); };
  options.client.report_news = [](const std::string& s) { telemetry::log_info(s); };
  return options;
}

Result<store::DatabaseUrl> database_url(const config::Config& config) {
  return store::parse_database_url(config.text("placement_database", "connection"),
                                   config.text("placement_database", "connection_parameters"));
}

store::SessionOptions session_options(const config::Config& config) {
  store::SessionOptions options;
  options.mysql_sql_mode = config.text("placement_database", "mysql_sql_mode");
  return options;
}

}  // namespace emplace::service
