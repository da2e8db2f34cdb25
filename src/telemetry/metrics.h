// Metrics: counters, gauges and histograms, and their text in Prometheus' format (0.0.4).
// Any thread may add to them; none of it waits.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace emplace::telemetry {

// Each number is kept in so many parts, of which a thread adds to its own: threads that share a
// cache line would slow one another down.
inline constexpr std::size_t metric_parts = 8;
inline constexpr std::size_t cache_line_bytes = 64;
// The part of the calling thread.
std::size_t metric_part();

class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    parts_[metric_part()].value.fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const;

 private:
  struct alignas(cache_line_bytes) Part {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Part, metric_parts> parts_;
};

// What a histogram counts: whole numbers up to and including each of the bounds, and all others.
struct Buckets {
  std::vector<std::uint64_t> bounds;  // ascending
  // How many of what is counted make one of what is shown: 1e9 to count nanoseconds and show
  // seconds.
  double per_shown_unit = 1;
};

class Histogram {
 public:
  explicit Histogram(Buckets buckets);

  void observe(std::uint64_t value);
  const Buckets& buckets() const { return buckets_; }

  struct Reading {
    std::vector<std::uint64_t> counts;  // of each bucket alone, that without a bound at the end
    std::uint64_t sum = 0;              // of what was observed
  };
  Reading read() const;

 private:
  static constexpr std::size_t cells_per_line = cache_line_bytes / sizeof(std::uint64_t);
  struct alignas(cache_line_bytes) Line {
    std::array<std::atomic<std::uint64_t>, cells_per_line> cells{};
  };

  // The cells of a part are the buckets' counts, then the sum.
  std::atomic<std::uint64_t>& cell(std::size_t part, std::size_t number) const {
    return lines_[part * lines_per_part_ + number / cells_per_line].cells[number % cells_per_line];
  }

  const Buckets buckets_;
  const std::size_t lines_per_part_;
  std::unique_ptr<Line[]> lines_;
};

class Metrics {
 public:
  // Adds a series to the metric of that name, and the metric if it is new. All series of a metric
  // have one type and one help, a short sentence. `labels` is ready for the format, such as
  // `method="GET"`; empty: none. What is returned lives as long as this.
  // Requires: names of [a-z_] that no other type has; labels whose values need no escape.
  Counter& counter(std::string_view name, std::string_view help, std::string_view labels = "");
  Histogram& histogram(std::string_view name, std::string_view help, Buckets buckets,
                       std::string_view labels = "");
  // Numbers that someone else keeps, asked for at each text(), on its thread.
  using Read = std::function<std::uint64_t()>;
  void counter(std::string_view name, std::string_view help, Read read);
  void gauge(std::string_view name, std::string_view help, Read read);

  // All of them, as Prometheus reads it.
  std::string text() const;

 private:
  struct Series {
    std::string labels;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Histogram> histogram;
    Read read;
  };
  struct Family {
    std::string name, help;
    std::string_view type;
    std::vector<Series> series;
  };

  Series& add(std::string_view name, std::string_view help, std::string_view type,
              std::string_view labels);

  mutable std::mutex mutex_;  // guards the list, not the numbers
  std::vector<Family> families_;
};

}  // namespace emplace::telemetry
