// AuditTrail: one line of JSON for every write that was asked for, in a file of its own or in
// systemd's journal. What a line says is made elsewhere. Any thread may write.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "telemetry/journal.h"
#include "telemetry/log.h"

namespace emplace::telemetry {

struct AuditOptions {
  std::string file = {};  // empty: none
  bool journal = false;   // under SYSLOG_IDENTIFIER=emplace-audit, facility authpriv
};

class AuditTrail {
 public:
  // Throws std::runtime_error with a sentence if the file can't be opened. A journal that does not
  // listen is told to the log.
  explicit AuditTrail(AuditOptions options, std::string journal_path = journal_socket);
  ~AuditTrail();
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;

  // Whether anything is written at all.
  bool on() const { return !options_.file.empty() || options_.journal; }

  // Appends a line and returns when the kernel has it (it is not synced to the disk). What the file
  // or the journal does not take goes to stderr, and the log says so, once a minute; nothing is
  // thrown. Requires: `line` holds no line break or other control character.
  void write(std::string_view line, const LogContext& context);

  // Opens the file anew, after it was turned over. Throws std::runtime_error if that fails; the
  // trail then goes on as it was.
  void reopen();

  // Lines that went to stderr instead.
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  bool append(std::string_view line);
  void report_failure(std::string_view line, const std::string& why);

  const AuditOptions options_;
  const std::string journal_path_;
  std::atomic<std::uint64_t> lost_{0};

  std::mutex mutex_;  // guards all below; who holds it may be writing to the disk
  int file_ = -1;
  bool torn_ = false;  // the file may end within a line
  std::unique_ptr<Journal> journal_;
  std::chrono::steady_clock::time_point next_report_{};
};

}  // namespace emplace::telemetry
