// Instruments: what the service counts for its operators, by name. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "store/ledger.h"
#include "telemetry/metrics.h"

namespace emplace::service {

// Why the application did not do what it was asked, as far as an operator can do something about
// it.
enum class Hindrance {
  unauthenticated,             // 401
  authentication_unavailable,  // 503: who asks can't be found out now
  forbidden,                   // 403
  queue_full,                  // 503: queue_max
  store_unavailable,           // 503
  fault,                       // 500
  count
};

class Instruments {
 public:
  // `metrics` outlives it.
  explicit Instruments(telemetry::Metrics& metrics);

  // A request that the application answered; the time is its own, without reading and sending.
  void answered(std::string_view method, unsigned status, std::chrono::nanoseconds time);
  // A request that did not get to the application.
  void refused_by_http(unsigned status);
  void hindered(Hindrance hindrance) { hindrances_[static_cast<std::size_t>(hindrance)]->add(); }
  void search_budget_exceeded() { searches_given_up_.add(); }
  void committed(const store::CommitReport& report);

 private:
  using Counter = telemetry::Counter;
  static constexpr std::size_t method_count = 7, status_class_count = 4, http_status_count = 10;

  std::array<std::array<Counter*, status_class_count>, method_count> requests_{};
  telemetry::Histogram& reads_;
  telemetry::Histogram& writes_;
  std::array<Counter*, http_status_count> http_refusals_{};
  std::array<Counter*, static_cast<std::size_t>(Hindrance::count)> hindrances_{};
  Counter& searches_given_up_;
  Counter& commits_;
  Counter& failed_commits_;
  telemetry::Histogram& batch_sizes_;
  telemetry::Histogram& commit_times_;
};

// What the Ledger knows: commands waiting, health, version and size of the World.
// `ledger` outlives the last `metrics.text()`.
void add_ledger_gauges(telemetry::Metrics& metrics, const store::Ledger& ledger);

}  // namespace emplace::service
