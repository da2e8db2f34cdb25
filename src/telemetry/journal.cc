#include "telemetry/journal.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "telemetry/line.h"

namespace emplace::telemetry {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(name) += '=';
  append_escaped(out, value, Spaces::stay);
  out += '\n';
}

std::string datagram(int facility, const std::string& identifier, Level level,
                     std::string_view logger_name, std::string_view line,
                     const LogContext& context) {
  std::string out;
  out.reserve(line.size() + 256);
  append_field(out, "MESSAGE", line);
  fmt::format_to(std::back_inserter(out),
                 "PRIORITY={}\nSYSLOG_IDENTIFIER={}\nSYSLOG_FACILITY={}\nLOGGER_LEVEL={}\n",
                 syslog_priority(level), identifier, facility >> 3, level_name(level));
  append_field(out, "LOGGER_NAME", logger_name);
  append_field(out, "REQUEST_ID", context.request_id);
  append_field(out, "GLOBAL_REQUEST_ID", context.global_request_id);
  append_field(out, "USER_ID", context.user_id);
  append_field(out, "PROJECT_ID", context.project_id);
  return out;
}

// Each datagram is addressed anew, so that a journal that was restarted is found again.
bool send_to(int socket, const std::string& path, msghdr& message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

bool send_bytes(int socket, const std::string& path, const std::string& bytes) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return send_to(socket, path, message);
}

// An empty datagram with a sealed file, as the journal's protocol wants what is too long for one.
bool send_file(int socket, const std::string& path, const std::string& bytes) {
  const int file = ::memfd_create("emplace-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return false;
  bool sent =
      ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
  if (sent) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof file)> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
    sent = send_to(socket, path, message);
  }
  ::close(file);
  return sent;
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

Journal::Journal(int socket, std::string socket_path, int facility, std::string identifier)
    : socket_(socket),
      socket_path_(std::move(socket_path)),
      facility_(facility),
      identifier_(std::move(identifier)) {}

Journal::~Journal() {
  ::close(socket_);
}

std::unique_ptr<Journal> Journal::connect(const std::string& socket_path, int facility,
                                          std::string identifier) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) return nullptr;
  if (::access(socket_path.c_str(), W_OK) != 0) return nullptr;
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return nullptr;
  const timeval patience{.tv_sec = 0, .tv_usec = 100'000};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  return std::unique_ptr<Journal>(
      new Journal(socket, socket_path, facility, std::move(identifier)));
}

bool Journal::send(Level level, std::string_view logger_name, std::string_view line,
                   const LogContext& context) const {
  const auto bytes = datagram(facility_, identifier_, level, logger_name, line, context);
  if (send_bytes(socket_, socket_path_, bytes)) return true;
  if (errno != EMSGSIZE && errno != ENOBUFS) return false;
  return send_file(socket_, socket_path_, bytes);
}

}  // namespace emplace::telemetry
