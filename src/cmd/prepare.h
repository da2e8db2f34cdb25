// What stands between the command line and an action: which files to read, and whether the
// configuration suits the command.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "cmd/cli.h"
#include "config/config.h"

namespace emplace::cmd {

using Environment = std::map<std::string, std::string>;

// The configuration that the command line and the environment call for. If no database is named,
// that is a file of our own (and it is made on start); upstream's commands fail instead.
Result<config::Config> load_config(const CommandLine& line, const Environment& environment);

// The same as it stands, for `config validate`: no database is needed.
Result<config::Config> load_config_as_written(const CommandLine& line,
                                              const Environment& environment);

// Whether the server may start like this; the failure says what to do.
Result<void> check_serve(const CommandLine& line, const config::Config& config);

// --max-count: nothing if it was not given. Fails with upstream's words for what is no positive
// number.
Result<std::optional<std::int64_t>> max_count(const CommandLine& line);

// Whether this is an address of the machine's own loopback, or localhost.
bool is_loopback(const std::string& host);

}  // namespace emplace::cmd
