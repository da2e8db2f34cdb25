#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "cmd/cli.h"
#include "cmd/run.h"

int main(int argc, char** argv) {
  // A peer that is gone is an error of the write to it, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto line = emplace::cmd::parse_arguments(arguments);
  if (!line) {
    (line.error().is_error ? std::cerr : std::cout) << line.error().text;
    return line.error().code;
  }
  return emplace::cmd::run(*line, emplace::config::process_environment());
}
