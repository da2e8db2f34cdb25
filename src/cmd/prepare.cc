#include "cmd/prepare.h"

#include <charconv>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <unistd.h>

#include "service/settings.h"

namespace emplace::cmd {
namespace {

constexpr const char* system_folder = "/var/lib/emplace";

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool names(const CommandLine& line, bool is_directory) {
  for (const auto& path : line.config_paths) {
    if (path.is_directory == is_directory) return true;
  }
  return false;
}

// As oslo.config: the default file stands back for any --config-file and the default folder for
// any --config-dir; what is named is read later, in the order given, and so wins.
Result<config::Sources> sources_for(const CommandLine& line, const Environment& environment) {
  config::Sources sources;
  sources.environment = environment;
  sources.overrides = line.overrides;
  if (!line.dev) {
    const auto defaults = config::default_sources(environment);
    if (!names(line, false)) sources.files = defaults.files;
    if (!names(line, true)) {
      for (const auto& directory : defaults.directories) {
        const auto files = TRY(config::conf_files(directory));
        sources.files.insert(sources.files.end(), files.begin(), files.end());
      }
    }
  } else {
    sources.overrides["api.auth_strategy"] = "noauth2";
    sources.overrides["placement_database.sync_on_startup"] = "true";
  }
  for (const auto& path : line.config_paths) {
    if (!path.is_directory) {
      sources.files.push_back(path.path);
      continue;
    }
    const auto files = TRY(config::conf_files(path.path));
    sources.files.insert(sources.files.end(), files.begin(), files.end());
  }
  return sources;
}

// The folder of the embedded database, made if need be.
Result<std::string> data_folder(const Environment& environment) {
  if (access(system_folder, W_OK | X_OK) == 0) return std::string(system_folder);
  auto folder = std::filesystem::path(variable(environment, "XDG_DATA_HOME"));
  if (!folder.is_absolute()) {
    const auto home = variable(environment, "HOME");
    if (home.empty()) {
      return fail(Reason::unavailable,
                  std::string(system_folder) +
                      " can't be written to and HOME is not set: say where the database is with "
                      "[placement_database] connection = sqlite:////a/path/placement.db");
    }
    folder = std::filesystem::path(home) / ".local" / "share";
  }
  folder /= "emplace";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(Reason::unavailable, folder.string() + " can't be made: " + error.message() +
                                         "; say where the database is with [placement_database] "
                                         "connection");
  }
  return folder.string();
}

// A $ in a path must not be read as a reference, nor ? or % as parts of a URL.
std::string sqlite_url(const std::string& path) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string url = "sqlite:///";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      url += {'%', digits[byte >> 4], digits[byte & 15]};
    } else if (c == '$') {
      url += "$$";
    } else {
      url += c;
    }
  }
  return url;
}

}  // namespace

Result<config::Config> load_config_as_written(const CommandLine& line,
                                              const Environment& environment) {
  const auto sources = TRY(sources_for(line, environment));
  return config::Config::load(sources);
}

Result<config::Config> load_config(const CommandLine& line, const Environment& environment) {
  auto sources = TRY(sources_for(line, environment));
  auto config = TRY(config::Config::load(sources));
  if (!config.text("placement_database", "connection").empty()) return config;
  if (line.as_upstream) {
    return fail(Reason::bad_request,
                "[placement_database] connection is not set: name the database, such as "
                "sqlite:////var/lib/placement/placement.db, in placement.conf");
  }
  const auto folder = TRY(data_folder(environment));
  sources.overrides["placement_database.connection"] = sqlite_url(folder + "/placement.db");
  if (!config.is_set("placement_database", "sync_on_startup")) {
    sources.overrides["placement_database.sync_on_startup"] = "true";
  }
  return config::Config::load(sources);
}

Result<void> check_serve(const CommandLine& line, const config::Config& config) {
  const auto host = config.text("emplace", "host");
  if (line.dev && !is_loopback(host)) {
    return fail(Reason::bad_request,
                "--dev believes anyone who calls, so it listens on a "
                "loopback address such as 127.0.0.1 only, not on " +
                    host);
  }
  if (config.files().empty() && !config.is_set("api", "auth_strategy")) {
    return fail(Reason::bad_request,
                "no placement.conf was found in ~/.placement, ~, /etc/placement or /etc: name one "
                "with --config-file, or try emplace out with `emplace serve --dev`");
  }
  if (service::uses_keystone(config)) CHECK_OK(service::keystone_options(config));
  const bool certificate = !config.text("emplace", "tls_certificate_file").empty();
  if (certificate != !config.text("emplace", "tls_key_file").empty()) {
    return fail(Reason::bad_request,
                "TLS needs both a certificate and its key: [emplace] tls_certificate_file and "
                "tls_key_file, or --tls-cert and --tls-key");
  }
  return {};
}

Result<std::optional<std::int64_t>> max_count(const CommandLine& line) {
  if (!line.max_count) return std::optional<std::int64_t>();
  std::int64_t count = 0;
  const char* const end = line.max_count->data() + line.max_count->size();
  const auto [stop, error] = std::from_chars(line.max_count->data(), end, count);
  if (error != std::errc() || stop != end || count < 1) {
    return fail(Reason::bad_request, "Must supply a positive value for max_count");
  }
  return std::optional<std::int64_t>(count);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace emplace::cmd
