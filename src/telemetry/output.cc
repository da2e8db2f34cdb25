#include "telemetry/output.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

namespace emplace::telemetry {
namespace {

struct Facility {
  std::string_view name;
  int number;
};
constexpr std::array facilities = {
    Facility{"KERN", LOG_KERN},         Facility{"USER", LOG_USER},
    Facility{"MAIL", LOG_MAIL},         Facility{"DAEMON", LOG_DAEMON},
    Facility{"AUTH", LOG_AUTH},         Facility{"SYSLOG", LOG_SYSLOG},
    Facility{"LPR", LOG_LPR},           Facility{"NEWS", LOG_NEWS},
    Facility{"UUCP", LOG_UUCP},         Facility{"CRON", LOG_CRON},
    Facility{"AUTHPRIV", LOG_AUTHPRIV}, Facility{"FTP", LOG_FTP},
    Facility{"LOCAL0", LOG_LOCAL0},     Facility{"LOCAL1", LOG_LOCAL1},
    Facility{"LOCAL2", LOG_LOCAL2},     Facility{"LOCAL3", LOG_LOCAL3},
    Facility{"LOCAL4", LOG_LOCAL4},     Facility{"LOCAL5", LOG_LOCAL5},
    Facility{"LOCAL6", LOG_LOCAL6},     Facility{"LOCAL7", LOG_LOCAL7},
};

// With or without "LOG_", in any case, as oslo.log takes it.
int facility_number(const std::string& name) {
  std::string upper = name;
  for (char& c : upper)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper.starts_with("LOG_")) upper.erase(0, 4);
  const auto found = std::find_if(facilities.begin(), facilities.end(),
                                  [&](const Facility& known) { return known.name == upper; });
  if (found == facilities.end()) {
    throw std::runtime_error("There is no syslog facility \"" + name + "\".");
  }
  return found->number;
}

spdlog::level::level_enum spdlog_level(Level level) {
  constexpr std::array levels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                 spdlog::level::err, spdlog::level::critical};
  return levels[static_cast<std::size_t>(level)];
}

std::shared_ptr<spdlog::sinks::sink> file_sink(const std::string& path) {
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error("The log file cannot be opened: " + std::string(error.what()));
  }
}

}  // namespace

void write_to_stderr(std::string_view line) {
  char line_break = '\n';
  const std::array<iovec, 2> parts = {iovec{const_cast<char*>(line.data()), line.size()},
                                      iovec{&line_break, 1}};
  [[maybe_unused]] const ssize_t ignored =
      ::writev(STDERR_FILENO, parts.data(), static_cast<int>(parts.size()));
}

Output::Output(const LogOptions& options, const std::string& journal_path) : json_(options.json) {
  if (!options.file.empty()) sinks_.push_back(file_sink(options.file));
  if (options.use_syslog || options.use_journal) {
    const int facility = facility_number(options.syslog_facility);
    if (options.use_syslog) {
      ::openlog("emplace", 0, LOG_USER);
      syslog_facility_ = facility;
    }
    if (options.use_journal) {
      journal_ = Journal::connect(journal_path, facility);
      if (!journal_) warning_ = "No journal listens at " + journal_path + ".";
    }
  }
  if (sinks_.empty() && !syslog_facility_ && !journal_) {
    sinks_.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    if (!warning_.empty()) warning_ += " The log goes to stderr instead.";
  }
  for (const auto& sink : sinks_)
    sink->set_pattern("%v");
}

void Output::write(const Line& line) const {
  const std::string bytes = json_ ? json_line(line) : text_line(line);
  // The name and the pattern are not used: the payload is the whole line.
  const spdlog::details::log_msg message("", spdlog_level(line.level), bytes);
  for (const auto& sink : sinks_) {
    try {
      sink->log(message);
      sink->flush();  // a line that waits in a buffer is missing when it is needed most
    } catch (const std::exception&) {
      write_to_stderr(bytes);
    }
  }
  // Not spdlog's own syslog sink: its life sets and clears the facility of the whole process, so
  // that the old and the new one of a reconfiguration would disturb each other.
  if (syslog_facility_) {
    ::syslog(*syslog_facility_ | syslog_priority(line.level), "%.*s",
             static_cast<int>(bytes.size()), bytes.data());
  }
  if (journal_ && !journal_->send(line.level, line.logger_name, bytes, line.context)) {
    write_to_stderr(bytes);
  }
}

}  // namespace emplace::telemetry
