// Configuration as oslo.config reads it, and the options that emplace knows, typed, in one table.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace emplace::config {

// The INI dialect of oslo.config, as read: group → option → values in the order they stand.
// Group names are in lower case, but for DEFAULT.
using Raw = std::map<std::string, std::map<std::string, std::vector<std::string>>, std::less<>>;

// Parses one file's text into `raw`, after what is there. Continuation lines are joined by a line
// feed; a first line that is quoted at both ends loses its quotes. Failure: "FILE:LINE: what is
// wrong" (Reason::bad_request).
Result<void> parse_ini(std::string_view text, const std::string& file_name, Raw& raw);

struct Sources {
  std::vector<std::string> files;                  // --config-file, in order
  std::vector<std::string> directories;            // --config-dir, in order
  std::map<std::string, std::string> environment;  // all of it; OS_<GROUP>__<OPTION> is looked up
  std::map<std::string, std::string> overrides;    // "group.name", as the command line gave them
};

// The kinds of values that options have.
enum class Kind { text, boolean, integer, real, list, multi };

// What emplace does with an option.
enum class Effect { honoured, ignored };

struct Option {
  std::string_view group, name;
  Kind kind;
  std::string_view default_value;  // before substitution; empty: none
  Effect effect;
  std::string_view help;  // one sentence; for ignored ones: why it has no effect here
  bool secret = false;
  std::string_view former_names = {};  // "group.name" of older releases, by spaces
  std::string_view choices = {};       // the only texts allowed, by spaces, in any case
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  // Read in the group that [keystone_authtoken] auth_section names, if it names one.
  bool moves_with_auth_section = false;
};
// Every option that emplace accepts, group by group.
const std::vector<Option>& options();
// The option of that name, or none.
const Option* find_option(std::string_view group, std::string_view name);

// All options, looked up by group and name, `$name` substituted. Immutable.
class Config {
 public:
  // Reads files, directories (*.conf, sorted) and environment. Precedence: command line,
  // environment, later file, earlier file, default. Fails on an unreadable file, a syntax error or
  // a value of the wrong kind.
  static Result<Config> load(const Sources& sources);

  // Requires: the option is in options() with a fitting kind.
  std::string text(std::string_view group, std::string_view name) const;
  bool boolean(std::string_view group, std::string_view name) const;
  std::int64_t integer(std::string_view group, std::string_view name) const;
  double real(std::string_view group, std::string_view name) const;
  std::vector<std::string> list(std::string_view group, std::string_view name) const;
  // Whether a file, the environment or the command line gave it.
  bool is_set(std::string_view group, std::string_view name) const;

  // One line each for the log: options that are unknown, and set options that have no effect.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& files() const { return files_; }
  // Every option and its value, secrets masked: what log_options prints.
  std::vector<std::string> dump() const;

 private:
  friend class Loader;

  const std::vector<std::string>& values(std::string_view group, std::string_view name) const;

  // "group.name" → its value, or its values if Kind is list or multi; nothing if it has none.
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> set_;  // "group.name" → who gave it
  std::vector<std::string> warnings_, files_;
};

// Where upstream looks when no file is named: ~/.placement, ~, /etc/placement, /etc (or only
// OS_PLACEMENT_CONFIG_DIR if that is set) for placement.conf, then placement.conf.d/*.conf.
Sources default_sources(const std::map<std::string, std::string>& environment);
// The *.conf files of a directory, sorted. Fails if it is no directory or can't be read.
Result<std::vector<std::string>> conf_files(const std::string& directory);
std::map<std::string, std::string> process_environment();

// placement.conf with every option, commented out, and what each is for.
std::string sample_config();

}  // namespace emplace::config
