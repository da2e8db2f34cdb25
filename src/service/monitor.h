// Monitor: the operators' own listener, apart from the API's: metrics and health. It owns its one
// thread.
#pragma once

#include <thread>

#include "http/server.h"
#include "store/ledger.h"
#include "telemetry/metrics.h"

namespace emplace::service {

// The answer to one request on that listener: GET /metrics in Prometheus' text format; GET /healthz
// 200, or 503 while the store is away.
http::Response monitor_answer(const http::Request& request, const telemetry::Metrics& metrics,
                              const store::Ledger& ledger);

class Monitor {
 public:
  // Listens and serves; throws std::runtime_error with a sentence if that fails. The others outlive
  // it.
  Monitor(http::ServerOptions options, const telemetry::Metrics& metrics,
          const store::Ledger& ledger);
  ~Monitor();
  std::uint16_t port() const { return server_.port(); }

 private:
  http::Server server_;
  std::thread thread_;
};

}  // namespace emplace::service
