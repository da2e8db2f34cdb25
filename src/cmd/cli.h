// The command line: arguments → what is asked for. Pure; knows `emplace` itself and the names that
// upstream's commands have, placement-manage and placement-status.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace emplace::cmd {

enum class Command {
  serve,
  db_sync,
  db_version,
  db_stamp,
  db_online_data_migrations,
  db_check,
  db_purge,
  db_coexist,
  upgrade_check,
  config_sample,
  config_validate,
  policy_sample,
  provider_show_owner,
  provider_set_owner,
};

// One --config-file or --config-dir.
struct ConfigPath {
  std::string path;
  bool is_directory = false;

  bool operator==(const ConfigPath&) const = default;
};

struct CommandLine {
  Command command = Command::serve;
  std::vector<ConfigPath> config_paths;          // in the order given: later ones win
  std::map<std::string, std::string> overrides;  // "group.name" → value, for config::Sources
  bool dev = false;                              // serve --dev
  bool as_upstream = false;                      // called by the name of an upstream command
  std::string revision;                          // db sync --version, db stamp; empty: newest
  std::optional<std::string> max_count;          // db online_data_migrations --max-count, unread
  std::string coexistence;                       // db coexist: on, off or show
  bool json = false;                             // upgrade check --json
  bool fatal_warnings = false;                   // config validate --fatal-warnings
  std::string provider;                          // provider …: a UUID in any spelling
  std::string project_id, user_id;               // provider set-owner; both empty: --none
};

// Nothing to run: help, a version, or a mistake in the arguments.
struct Exit {
  int code = 0;
  std::string text;
  bool is_error = false;  // belongs on stderr
};

// Requires: arguments[0] is the program's name; its last part chooses the set of commands.
tl::expected<CommandLine, Exit> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace emplace::cmd
