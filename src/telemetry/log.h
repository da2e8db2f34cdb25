// The log: oslo.log's line format or JSON, to stderr, a file or syslog/journal. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace emplace::telemetry {

enum class Level { debug, info, warning, error, critical };

struct LogOptions {
  Level level = Level::info;
  bool json = false;
  std::string file = {};  // beside syslog and journal; stderr if there is none of the three
  bool use_syslog = false;
  bool use_journal = false;
  std::string syslog_facility = "LOG_USER";
};

// Opens (or reopens, after SIGHUP) the log, while other threads may log. Throws std::runtime_error
// if the file can't be opened or there is no such facility; the log then stays as it was.
void configure_log(const LogOptions& options);
bool log_enabled(Level level);

// What a line says of the request it belongs to; all may be empty.
struct LogContext {
  std::string_view global_request_id = {}, request_id = {}, user_id = {}, project_id = {};
};

// One line; control characters in the message are escaped, so that no input can start a line.
void log(Level level, std::string_view logger_name, std::string_view message,
         const LogContext& context = {});

inline void log_info(std::string_view message) {
  log(Level::info, "emplace", message);
}
inline void log_warning(std::string_view message) {
  log(Level::warning, "emplace", message);
}
inline void log_error(std::string_view message) {
  log(Level::error, "emplace", message);
}

}  // namespace emplace::telemetry
