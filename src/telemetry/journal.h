// Journal: systemd's journal, spoken to in its native datagram protocol. Any thread may send.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "telemetry/log.h"

namespace emplace::telemetry {

inline constexpr const char* journal_socket = "/run/systemd/journal/socket";

// The priority that syslog and the journal give to a level, LOG_DEBUG to LOG_CRIT.
int syslog_priority(Level level);

class Journal {
 public:
  // Nothing if no journal listens at `socket_path`. `facility` is one of syslog's LOG_…;
  // `identifier` becomes SYSLOG_IDENTIFIER.
  static std::unique_ptr<Journal> connect(const std::string& socket_path, int facility,
                                          std::string identifier = "emplace");
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Whether the journal took it; waits at most a tenth of a second. What is longer than a datagram
  // can be goes as a sealed file in memory. Requires: `line` holds no line break.
  bool send(Level level, std::string_view logger_name, std::string_view line,
            const LogContext& context) const;

 private:
  Journal(int socket, std::string socket_path, int facility, std::string identifier);

  int socket_;
  std::string socket_path_;
  int facility_;
  std::string identifier_;
};

}  // namespace emplace::telemetry
