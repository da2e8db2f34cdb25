// Configuration as oslo.config reads it, and the options that emplace knows, typed, in one table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace emplace::config {

// The INI dialect of oslo.config, as read: group → option → values in the order they stand.
using Raw = std::map<std::string, std::map<std::string, std::vector<std::string>>, std::less<>>;

// Parses one file's text into `raw`, after what is there. Continuation lines are joined, quotes
// stay. Failure: "FILE:LINE: what is wrong" (Reason::bad_request).
Result<void> parse_ini(std::string_view text, const std::string& file_name, Raw& raw);

struct Sources {
  std::vector<std::string> files;        // --config-file, in order
  std::vector<std::string> directories;  // --config-dir, in order
  std::map<std::string, std::string> environment;  // all of it; OS_<GROUP>__<OPTION> is looked up
};

// The kinds of values that options have.
enum class Kind { text, boolean, integer, real, list, multi };

// What emplace does with an option.
enum class Effect { honoured, ignored };

struct Option {
  std::string_view group, name;
  Kind kind;
  std::string_view default_value;  // as it would stand in a file; empty: none
  Effect effect;
  std::string_view help;           // one sentence; for ignored ones: why it has no effect here
  bool secret = false;
};
// Every option that emplace accepts, group by group.
const std::vector<Option>& options();

// All options, looked up by group and name, `$name` substituted. Immutable.
class Config {
 public:
  // Reads files, directories (*.conf, sorted) and environment. Precedence: environment, later file,
  // earlier file, default. Fails on an unreadable file, a syntax error or a value of the wrong kind.
  static Result<Config> load(const Sources& sources);

  // Requires: the option is in options() with a fitting kind.
  std::string text(std::string_view group, std::string_view name) const;
  bool boolean(std::string_view group, std::string_view name) const;
  std::int64_t integer(std::string_view group, std::string_view name) const;
  double real(std::string_view group, std::string_view name) const;
  std::vector<std::string> list(std::string_view group, std::string_view name) const;
  // Whether a file or the environment gave it.
  bool is_set(std::string_view group, std::string_view name) const;

  // One line each for the log: options that are unknown, and set options that have no effect.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& files() const { return files_; }
  // Every option and its value, secrets masked: what log_options prints.
  std::vector<std::string> dump() const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;  // "group.name"
  std::vector<std::string> warnings_, files_;
};

// Where upstream looks when no file is named: ~/.placement, ~, /etc/placement, /etc (or only
// OS_PLACEMENT_CONFIG_DIR if that is set) for placement.conf, then placement.conf.d/*.conf.
Sources default_sources(const std::map<std::string, std::string>& environment);
std::map<std::string, std::string> process_environment();

}  // namespace emplace::config
