#include "service/monitor.h"

#include <exception>
#include <string>
#include <utility>

#include "telemetry/log.h"

namespace emplace::service {
namespace {

http::Response text_answer(unsigned status, std::string body,
                           std::string_view type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.add_header("Content-Type", type);
  return response;
}

}  // namespace

http::Response monitor_answer(const http::Request& request, const telemetry::Metrics& metrics,
                              const store::Ledger& ledger) {
  const auto path = request.target.substr(0, request.target.find('?'));
  if (path != "/metrics" && path != "/healthz") {
    return text_answer(404, "Here are /metrics and /healthz.\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = text_answer(405, "Only GET and HEAD are allowed.\n");
    response.add_header("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/metrics") {
    return text_answer(200, metrics.text(), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (ledger.healthy()) return text_answer(200, "ok\n");
  auto response = text_answer(503, "The database is not available.\n");
  response.add_header("Retry-After", "1");
  return response;
}

Monitor::Monitor(http::ServerOptions options, const telemetry::Metrics& metrics,
                 const store::Ledger& ledger)
    : server_(std::move(options),
              [&metrics, &ledger](const http::Request& request, http::Respond respond) {
                respond(monitor_answer(request, metrics, ledger));
              }) {
  thread_ = std::thread([this] {
    try {
      server_.run();
    } catch (const std::exception& fault) {
      telemetry::log_error(std::string("The listener for metrics ended: ") + fault.what());
    }
  });
}

Monitor::~Monitor() {
  server_.stop();
  thread_.join();
}

}  // namespace emplace::service
