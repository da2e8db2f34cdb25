// Runs the command of a command line.
#pragma once

#include "cmd/cli.h"
#include "cmd/prepare.h"

namespace emplace::cmd {

// The exit code of the process: upstream's for upstream's commands; 1 if the configuration is
// wrong or something broke, 255 if that happened to `upgrade check`.
int run(const CommandLine& line, const Environment& environment);

}  // namespace emplace::cmd
