#include "service/serve.h"

#include <atomic>
#include <csignal>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "auth/authenticator.h"
#include "http/server.h"
#include "service/application.h"
#include "service/settings.h"
#include "store/sqlite_store.h"
#include "telemetry/log.h"

namespace emplace::service {
namespace {

// Signals that a thread of our own waits for. To be made before any other thread, so that all
// inherit the mask.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
      sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }

  // Calls reload() at each SIGHUP, and stop() once at SIGTERM or SIGINT.
  template <class Stop, class Reload>
  void watch(Stop stop, Reload reload) {
    watcher_ = std::jthread([this, stop, reload] {
      for (int signal = 0; sigwait(&set_, &signal) == 0;) {
        if (ending_) return;
        if (signal == SIGHUP) {
          reload();
        } else if (signal != SIGUSR1) {  // that is how end() wakes this thread
          stop();
          return;
        }
      }
    });
  }

  void end() {
    ending_ = true;
    if (watcher_.joinable()) {
      pthread_kill(watcher_.native_handle(), SIGUSR1);
      watcher_.join();
    }
  }

 private:
  sigset_t set_;
  std::atomic<bool> ending_ = false;
  std::jthread watcher_;
};

std::unique_ptr<store::Store> open_store(const config::Config& config) {
  const auto path = sqlite_path(config.text("placement_database", "connection"));
  if (!path) throw std::runtime_error(path.error().detail);
  return store::open_sqlite(
      {.path = *path,
       .synchronous = config.boolean("placement_database", "sqlite_synchronous"),
       .create = config.boolean("placement_database", "sync_on_startup"),
       .incomplete_owner = incomplete_owner(config),
       .report = [](const std::string& sentence) { telemetry::log_warning(sentence); }});
}

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

void reload(policy::PolicyFiles& policies, const telemetry::LogOptions& log_options) {
  try {
    telemetry::configure_log(log_options);
  } catch (const std::exception& fault) {
    telemetry::log_error(fault.what());
  }
  policies.refresh();
  telemetry::log_info("SIGHUP: the log is open anew and the policy files are read again");
}

void log_configuration(const config::Config& config) {
  for (const auto& warning : config.warnings())
    telemetry::log_warning(warning);
  if (!config.boolean("DEFAULT", "log_options")) return;
  for (const auto& line : config.dump()) {
    telemetry::log(telemetry::Level::debug, "emplace", line);
  }
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
  const auto policies = open_policies(config);
  const auto authenticator = make_authenticator(config, clock);
  const auto store = open_store(config);
  store::Ledger ledger(*store, clock, ledger_options(config));
  Application application({*authenticator, *policies, ledger, clock}, api_settings(config),
                          cors_settings(config));

  auto options = server_options(config);
  const auto host = options.host;
  options.refusal = [&application](unsigned status, std::string_view sentence) {
    return application.refusal(status, sentence);
  };
  http::Server server(std::move(options),
                      [&application](const http::Request& request, http::Respond respond) {
                        application.handle(request, std::move(respond));
                      });
  const auto world = ledger.world();
  telemetry::log_info("serving on " + host + " port " + std::to_string(server.port()) + " with " +
                      std::to_string(world->provider_count()) + " providers and " +
                      std::to_string(world->consumer_count()) + " consumers");
  if (dev) say_what_to_try(host, server.port());
  signals.watch([&server] { server.stop(); }, [&policies, &log] { reload(*policies, log); });
  server.run();
  authenticator->stop();  // it must not call an application that is gone
  signals.end();
  telemetry::log_info("stopped");
  return 0;
}

}  // namespace emplace::service
