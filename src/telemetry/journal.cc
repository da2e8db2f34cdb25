#include "telemetry/journal.h"

#include <cerrno>
#include <cstring>
#include <iterator>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "telemetry/line.h"

namespace emplace::telemetry {
namespace {

constexpr std::size_t cut_line_bytes = 32 * 1024;

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(name) += '=';
  append_escaped(out, value, Spaces::stay);
  out += '\n';
}

std::string datagram(int facility, Level level, std::string_view logger_name, std::string_view line,
                     const LogContext& context) {
  std::string out;
  out.reserve(line.size() + 256);
  append_field(out, "MESSAGE", line);
  fmt::format_to(std::back_inserter(out),
                 "PRIORITY={}\nSYSLOG_IDENTIFIER=emplace\nSYSLOG_FACILITY={}\nLOGGER_LEVEL={}\n",
                 syslog_priority(level), facility >> 3, level_name(level));
  append_field(out, "LOGGER_NAME", logger_name);
  append_field(out, "REQUEST_ID", context.request_id);
  append_field(out, "GLOBAL_REQUEST_ID", context.global_request_id);
  append_field(out, "USER_ID", context.user_id);
  append_field(out, "PROJECT_ID", context.project_id);
  return out;
}

// Each datagram is addressed anew, so that a journal that was restarted is found again.
bool send_to(int socket, const std::string& path, const std::string& bytes) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ssize_t sent = 0;
  do {
    sent = ::sendto(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

}  // namespace

int syslog_priority(Level level) {
  switch (level) {
    case Level::debug:
      return LOG_DEBUG;
    case Level::info:
      return LOG_INFO;
    case Level::warning:
      return LOG_WARNING;
    case Level::error:
      return LOG_ERR;
    case Level::critical:
      break;
  }
  return LOG_CRIT;
}

Journal::Journal(int socket, std::string socket_path, int facility)
    : socket_(socket), socket_path_(std::move(socket_path)), facility_(facility) {}

Journal::~Journal() {
  ::close(socket_);
}

std::unique_ptr<Journal> Journal::connect(const std::string& socket_path, int facility) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) return nullptr;
  if (::access(socket_path.c_str(), W_OK) != 0) return nullptr;
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return nullptr;
  const timeval patience{.tv_sec = 0, .tv_usec = 100'000};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  return std::unique_ptr<Journal>(new Journal(socket, socket_path, facility));
}

bool Journal::send(Level level, std::string_view logger_name, std::string_view line,
                   const LogContext& context) const {
  if (send_to(socket_, socket_path_, datagram(facility_, level, logger_name, line, context))) {
    return true;
  }
  if (errno != EMSGSIZE && errno != ENOBUFS) return false;
  const std::string cut = std::string(line.substr(0, cut_line_bytes)) + " [cut]";
  return send_to(socket_, socket_path_, datagram(facility_, level, logger_name, cut, context));
}

}  // namespace emplace::telemetry
