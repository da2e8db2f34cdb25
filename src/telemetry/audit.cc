#include "telemetry/audit.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include "telemetry/output.h"

namespace emplace::telemetry {
namespace {

constexpr std::chrono::seconds report_interval{60};
constexpr mode_t file_mode = 0640;  // less the umask

int open_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, file_mode);
  if (file < 0) {
    throw std::runtime_error("The audit file " + path +
                             " cannot be opened: " + std::strerror(errno) + ".");
  }
  return file;
}

// How many bytes were written; all of them, but for an error, which is in errno then.
std::size_t write_all(int file, std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(file, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<std::size_t>(count);
  }
  return written;
}

// Whether the file's last line has no end, as a full disk may have left it.
bool ends_within_line(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  char last = '\n';
  const off_t size = ::lseek(file, 0, SEEK_END);
  const bool known = size > 0 && ::pread(file, &last, 1, size - 1) == 1;
  ::close(file);
  return known && last != '\n';
}

}  // namespace

AuditTrail::AuditTrail(AuditOptions options, std::string journal_path)
    : options_(std::move(options)), journal_path_(std::move(journal_path)) {
  if (!options_.file.empty()) {
    file_ = open_file(options_.file);
    torn_ = ends_within_line(options_.file);
  }
  if (!options_.journal) return;
  journal_ = Journal::connect(journal_path_, LOG_AUTHPRIV, "emplace-audit");
  if (!journal_) {
    log_warning("No journal listens at " + journal_path_ + ": the audit trail goes to stderr.");
  }
}

AuditTrail::~AuditTrail() {
  if (file_ >= 0) ::close(file_);
}

void AuditTrail::write(std::string_view line, const LogContext& context) {
  const std::lock_guard lock(mutex_);
  std::string why;
  if (!options_.file.empty() && !append(line)) {
    why = "the file " + options_.file + ": " + std::strerror(errno);
  }
  if (options_.journal) {
    if (!journal_) journal_ = Journal::connect(journal_path_, LOG_AUTHPRIV, "emplace-audit");
    if (!journal_ || !journal_->send(Level::info, "emplace.audit", line, context)) {
      why += (why.empty() ? "" : "; ") + std::string("the journal at ") + journal_path_ +
             " does not take them";
    }
  }
  if (!why.empty()) report_failure(line, why);
}

// One write, so that lines stay whole whoever else appends to the file. Whether all of it is there;
// if not, errno says why.
bool AuditTrail::append(std::string_view line) {
  std::string bytes;
  bytes.reserve(line.size() + 2);
  // What is left of a line that did not fit stands alone, and spoils no other.
  if (torn_) bytes += '\n';
  bytes.append(line) += '\n';
  const std::size_t written = write_all(file_, bytes);
  if (written == bytes.size()) {
    torn_ = false;
    return true;
  }
  torn_ = torn_ || written > 0;
  return false;
}

void AuditTrail::report_failure(std::string_view line, const std::string& why) {
  write_to_stderr(line);
  lost_.fetch_add(1, std::memory_order_relaxed);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_report_) return;
  next_report_ = now + report_interval;
  log_error("The audit trail cannot be written, its lines go to stderr (" + std::to_string(lost()) +
            " so far): " + why);
}

void AuditTrail::reopen() {
  if (options_.file.empty()) return;
  const int next = open_file(options_.file);
  const std::lock_guard lock(mutex_);
  ::close(std::exchange(file_, next));
  torn_ = ends_within_line(options_.file);
}

}  // namespace emplace::telemetry
