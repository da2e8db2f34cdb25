#include "service/serve.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "auth/authenticator.h"
#include "http/server.h"
#include "service/application.h"
#include "service/instruments.h"
#include "service/monitor.h"
#include "service/settings.h"
#include "service/stores.h"
#include "telemetry/log.h"

namespace emplace::service {
namespace {

// Signals that a thread of our own waits for. To be made before any other thread, so that all
// inherit the mask. Until watch(), SIGTERM and SIGINT end the process at once: nobody is served
// yet, and starting, as with a database that is away or large, may take long.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
      sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A file at its size limit is a failed write like that to a full disk, not the end.
    std::signal(SIGXFSZ, SIG_IGN);
    watcher_ = std::jthread([this] { wait(); });
  }
  ~Signals() { end(); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // From now on, calls reload() at each SIGHUP, and stop() once at SIGTERM or SIGINT.
  void watch(std::function<void()> stop, std::function<void()> reload) {
    const std::lock_guard lock(mutex_);
    stop_ = std::move(stop);
    reload_ = std::move(reload);
  }

  void end() {
    ending_ = true;
    if (watcher_.joinable()) {
      pthread_kill(watcher_.native_handle(), SIGUSR1);
      watcher_.join();
    }
  }

 private:
  void wait() {
    for (int signal = 0; sigwait(&set_, &signal) == 0;) {
      if (ending_) return;
      const std::lock_guard lock(mutex_);
      if (signal == SIGHUP) {
        if (reload_) reload_();
      } else if (signal != SIGUSR1) {  // that is how end() wakes this thread
        if (!stop_) give_up();
        stop_();
        return;
      }
    }
  }
  [[noreturn]] static void give_up() {
    telemetry::log_info("stopped before it served");
    std::_Exit(0);
  }

  sigset_t set_;
  std::mutex mutex_;  // guards these two
  std::function<void()> stop_, reload_;
  std::atomic<bool> ending_ = false;
  std::jthread watcher_;
};

std::unique_ptr<policy::PolicyFiles> open_policies(const config::Config& config) {
  auto policies = policy::PolicyFiles::open(
      policy_sources(config), policy_options(config),
      [](const std::string& sentence) { telemetry::log_error(sentence); });
  if (!policies) throw std::runtime_error(policies.error().detail);
  return std::move(*policies);
}

std::unique_ptr<auth::Authenticator> make_authenticator(const config::Config& config,
                                                        const Clock& clock) {
  if (!uses_keystone(config)) return auth::make_noauth2();
  auto options = keystone_options(config);
  if (!options) throw std::runtime_error(options.error().detail);
  return auth::make_keystone(clock, std::move(*options));
}

void reload(policy::PolicyFiles& policies, const telemetry::LogOptions& log_options,
            telemetry::AuditTrail& audit) {
  try {
    telemetry::configure_log(log_options);
  } catch (const std::exception& fault) {
    telemetry::log_error(fault.what());
  }
  try {
    audit.reopen();
  } catch (const std::exception& fault) {
    telemetry::log_error(fault.what());
  }
  policies.refresh();
  telemetry::log_info(
      "SIGHUP: log and audit trail are open anew and the policy files are read again");
}

std::unique_ptr<Monitor> open_monitor(const config::Config& config,
                                      const telemetry::Metrics& metrics,
                                      const store::Ledger& ledger) {
  auto options = monitor_options(config);
  if (!options) return nullptr;
  const auto host = options->host;
  auto monitor = std::make_unique<Monitor>(std::move(*options), metrics, ledger);
  telemetry::log_info("metrics and health on " + host + " port " + std::to_string(monitor->port()));
  return monitor;
}

void log_configuration(const config::Config& config) {
  for (const auto& warning : config.warnings())
    telemetry::log_warning(warning);
  if (!config.boolean("DEFAULT", "log_options")) return;
  for (const auto& line : config.dump()) {
    telemetry::log(telemetry::Level::debug, "emplace", line);
  }
}

void log_start(const std::string& host, unsigned port, const World& world) {
  telemetry::log_info("serving on " + host + " port " + std::to_string(port) + " with " +
                      std::to_string(world.provider_count()) + " providers and " +
                      std::to_string(world.consumer_count()) + " consumers");
}

void say_what_to_try(const std::string& host, unsigned port) {
  const std::string url = "http://" + host + ":" + std::to_string(port);
  std::cout << "emplace serves Placement on " << url
            << " (noauth2: every caller is believed). Try:\n"
               "  curl -H 'X-Auth-Token: admin' -H 'OpenStack-API-Version: placement latest' "
            << url << "/resource_providers\n"
            << std::flush;
}

}  // namespace

int serve(const config::Config& config, bool dev) {
  Signals signals;
  const auto log = log_options(config);
  telemetry::configure_log(log);
  log_configuration(config);

  const SystemClock clock;
  telemetry::AuditTrail audit(audit_options(config));
  telemetry::Metrics metrics;
  Instruments instruments(metrics);
  const auto policies = open_policies(config);
  const auto authenticator = make_authenticator(config, clock);
  const auto store =
      open_store(config, config.boolean("placement_database", "sync_on_startup"),
                 [](const std::string& sentence) { telemetry::log_warning(sentence); });
  auto ledger_settings = ledger_options(config);
  ledger_settings.observe = [&instruments](const store::CommitReport& report) {
    instruments.committed(report);
  };
  auto ledger = std::make_unique<store::Ledger>(*store, clock, std::move(ledger_settings));
  Application application({*authenticator, *policies, *ledger, clock, audit, instruments},
                          api_settings(config), cors_settings(config));

  auto options = server_options(config);
  const auto host = options.host;
  options.refusal = [&application](unsigned status, std::string_view sentence) {
    return application.refusal(status, sentence);
  };
  http::Server server(std::move(options),
                      [&application](const http::Request& request, http::Respond respond) {
                        application.handle(request, std::move(respond));
                      });
  add_ledger_gauges(metrics, *ledger);
  metrics.gauge("emplace_http_connections", "Connections that are open.",
                [&server] { return std::uint64_t{server.connections()}; });
  metrics.counter("emplace_audit_lines_lost_total",
                  "Lines of the audit trail that went to stderr instead.",
                  [&audit] { return audit.lost(); });
  auto monitor = open_monitor(config, metrics, *ledger);
  log_start(host, server.port(), *ledger->world());
  if (dev) say_what_to_try(host, server.port());
  signals.watch([&server] { server.stop(); },
                [&policies, &log, &audit] { reload(*policies, log, audit); });
  server.run();
  authenticator->stop();  // it must not call an application that is gone
  signals.end();
  monitor.reset();
  // Writes that still wait are finished now, and answered, logged and audited by the application.
  ledger.reset();
  telemetry::log_info("stopped");
  return 0;
}

}  // namespace emplace::service
