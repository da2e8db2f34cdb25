// Output: where lines of the log go, as it was configured. Immutable; any thread may write.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <spdlog/sinks/sink.h>

#include "telemetry/journal.h"
#include "telemetry/line.h"

namespace emplace::telemetry {

// The last resort: a line without any buffer or lock. Any thread.
void write_to_stderr(std::string_view line);

class Output {
 public:
  // A file, syslog and the journal as asked for; stderr if that leaves nothing. Throws
  // std::runtime_error if the file can't be opened or there is no such facility.
  Output(const LogOptions& options, const std::string& journal_path);

  // What could not be had, for the first line of the log; or empty.
  const std::string& warning() const { return warning_; }
  // Does not throw: a line that one of the places refuses goes to stderr.
  void write(const Line& line) const;

 private:
  bool json_;
  std::vector<std::shared_ptr<spdlog::sinks::sink>> sinks_;
  std::optional<int> syslog_facility_;
  std::unique_ptr<Journal> journal_;
  std::string warning_;
};

}  // namespace emplace::telemetry
