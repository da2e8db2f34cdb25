#include "telemetry/log.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "telemetry/output.h"

namespace emplace::telemetry {
namespace {

struct State {
  std::atomic<Level> level{Level::info};
  std::mutex switching;  // guards `output`, for a moment only
  std::shared_ptr<const Output> output =
      std::make_shared<const Output>(LogOptions(), journal_socket);
};

// Never destroyed: a thread may still log while the process ends.
State& state() {
  static State& the_state = *new State;
  return the_state;
}

std::shared_ptr<const Output> output() {
  const std::lock_guard lock(state().switching);
  return state().output;
}

}  // namespace

void configure_log(const LogOptions& options) {
  auto next = std::make_shared<const Output>(options, journal_socket);
  {
    const std::lock_guard lock(state().switching);
    // The old one is let go of outside of the lock, by the last thread that writes to it.
    state().output.swap(next);
  }
  state().level.store(options.level, std::memory_order_relaxed);
  const std::string warning = output()->warning();
  if (!warning.empty()) log_warning(warning);
}

bool log_enabled(Level level) {
  return level >= state().level.load(std::memory_order_relaxed);
}

void log(Level level, std::string_view logger_name, std::string_view message,
         const LogContext& context) {
  if (!log_enabled(level)) return;
  output()->write(Line{level, std::chrono::system_clock::now(), logger_name, message, context});
}

}  // namespace emplace::telemetry
