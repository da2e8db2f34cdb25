#include "service/instruments.h"

#include <algorithm>
#include <string>

namespace emplace::service {
namespace {

using telemetry::Buckets;

constexpr double nanoseconds_per_second = 1e9;

// From 10 µs to 10 s.
Buckets request_times() {
  return {
      .bounds = {10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000,
                 10'000'000, 25'000'000, 100'000'000, 500'000'000, 1'000'000'000, 10'000'000'000},
      .per_shown_unit = nanoseconds_per_second};
}

// From 100 µs to 10 s: what a disk takes to sync.
Buckets commit_times() {
  return {
      .bounds = {100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 25'000'000,
                 50'000'000, 100'000'000, 250'000'000, 1'000'000'000, 10'000'000'000},
      .per_shown_unit = nanoseconds_per_second};
}

Buckets batch_sizes() {
  return {.bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256}};
}

// Methods that are not in the list are counted as the last one.
constexpr std::array<std::string_view, 7> methods = {"GET",     "PUT",  "POST", "DELETE",
                                                     "OPTIONS", "HEAD", "other"};
constexpr std::array<std::string_view, 4> status_classes = {"2xx", "3xx", "4xx", "5xx"};
// What http::Server refuses with; the last one stands for any other.
constexpr std::array<unsigned, 10> http_statuses = {400, 408, 413, 414, 431, 500, 501, 503, 505, 0};
constexpr std::array<std::string_view, static_cast<std::size_t>(Hindrance::count)> hindrances = {
    "unauthenticated", "authentication_unavailable", "forbidden",
    "queue_full",      "store_unavailable",          "fault"};

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

std::size_t place_of_method(std::string_view method) {
  return static_cast<std::size_t>(std::find(methods.begin(), methods.end() - 1, method) -
                                  methods.begin());
}

constexpr auto request_time_name = "emplace_request_duration_seconds";
constexpr auto request_time_help =
    "Time from a whole request to its answer, without reading and sending.";

}  // namespace

Instruments::Instruments(telemetry::Metrics& metrics)
    : reads_(metrics.histogram(request_time_name, request_time_help, request_times(),
                               label("kind", "read"))),
      writes_(metrics.histogram(request_time_name, request_time_help, request_times(),
                                label("kind", "write"))),
      searches_given_up_(metrics.counter(
          "emplace_search_budget_exceeded_total",
          "Searches for candidates that were given up after search_work_max steps.")),
      commits_(metrics.counter("emplace_commits_total", "Batches of writes that were stored.")),
      failed_commits_(metrics.counter("emplace_commit_failures_total",
                                      "Batches of writes that the store failed to store.")),
      batch_sizes_(metrics.histogram("emplace_commit_writes", "Writes in a batch.", batch_sizes())),
      commit_times_(metrics.histogram("emplace_commit_duration_seconds",
                                      "Time that the store took for a batch.", commit_times())) {
  static_assert(methods.size() == method_count && status_classes.size() == status_class_count &&
                http_statuses.size() == http_status_count);
  for (std::size_t m = 0; m < method_count; ++m) {
    for (std::size_t s = 0; s < status_class_count; ++s) {
      requests_[m][s] =
          &metrics.counter("emplace_requests_total", "Requests answered by the application.",
                           label("method", methods[m]) + "," + label("status", status_classes[s]));
    }
  }
  for (std::size_t i = 0; i < http_status_count; ++i) {
    const auto status = http_statuses[i] ? std::to_string(http_statuses[i]) : "other";
    http_refusals_[i] =
        &metrics.counter("emplace_http_refusals_total",
                         "Requests refused before the application: malformed or over a limit.",
                         label("status", status));
  }
  for (std::size_t i = 0; i < hindrances.size(); ++i) {
    hindrances_[i] = &metrics.counter("emplace_refusals_total",
                                      "Requests that the application refused, by reason.",
                                      label("reason", hindrances[i]));
  }
}

void Instruments::answered(std::string_view method, unsigned status,
                           std::chrono::nanoseconds time) {
  const std::size_t place = place_of_method(method);
  const std::size_t status_class = std::clamp(status / 100, 2u, 5u) - 2;
  requests_[place][status_class]->add();
  const bool read = method == "GET" || method == "HEAD" || method == "OPTIONS";
  (read ? reads_ : writes_).observe(static_cast<std::uint64_t>(time.count()));
}

void Instruments::refused_by_http(unsigned status) {
  const auto found = std::find(http_statuses.begin(), http_statuses.end() - 1, status);
  http_refusals_[static_cast<std::size_t>(found - http_statuses.begin())]->add();
}

void Instruments::committed(const store::CommitReport& report) {
  (report.stored ? commits_ : failed_commits_).add();
  batch_sizes_.observe(report.writes);
  commit_times_.observe(static_cast<std::uint64_t>(report.time.count()));
}

void add_ledger_gauges(telemetry::Metrics& metrics, const store::Ledger& ledger) {
  metrics.gauge("emplace_store_healthy", "1 while the store takes writes, else 0.",
                [&ledger] { return std::uint64_t{ledger.healthy()}; });
  metrics.gauge("emplace_writes_waiting", "Writes that wait to be stored.",
                [&ledger] { return std::uint64_t{ledger.waiting()}; });
  metrics.gauge("emplace_world_version", "Changes that led to the present state.",
                [&ledger] { return ledger.world()->version(); });
  metrics.gauge("emplace_resource_providers", "Resource providers.",
                [&ledger] { return std::uint64_t{ledger.world()->provider_count()}; });
  metrics.gauge("emplace_consumers", "Consumers with allocations.",
                [&ledger] { return std::uint64_t{ledger.world()->consumer_count()}; });
}

}  // namespace emplace::service
