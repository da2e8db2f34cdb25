#include "telemetry/metrics.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace emplace::telemetry {
namespace {

std::string in_braces(const std::string& labels, const std::string& more = "") {
  if (labels.empty() && more.empty()) return "";
  return "{" + labels + (labels.empty() || more.empty() ? "" : ",") + more + "}";
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  const auto to = std::back_inserter(out);
  const auto& buckets = histogram.buckets();
  const auto reading = histogram.read();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < reading.counts.size(); ++i) {
    total += reading.counts[i];
    const std::string bound =
        i < buckets.bounds.size()
            ? fmt::format("{}", static_cast<double>(buckets.bounds[i]) / buckets.per_shown_unit)
            : "+Inf";
    fmt::format_to(to, "{}_bucket{} {}\n", name, in_braces(labels, "le=\"" + bound + "\""), total);
  }
  fmt::format_to(to, "{}_sum{} {}\n{}_count{} {}\n", name, in_braces(labels),
                 static_cast<double>(reading.sum) / buckets.per_shown_unit, name, in_braces(labels),
                 total);
}

}  // namespace

std::size_t metric_part() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t part =
      threads.fetch_add(1, std::memory_order_relaxed) % metric_parts;
  return part;
}

std::uint64_t Counter::value() const {
  std::uint64_t sum = 0;
  for (const auto& part : parts_)
    sum += part.value.load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(Buckets buckets)
    : buckets_(std::move(buckets)),
      lines_per_part_((buckets_.bounds.size() + 2 + cells_per_line - 1) / cells_per_line),
      lines_(std::make_unique<Line[]>(lines_per_part_ * metric_parts)) {}

void Histogram::observe(std::uint64_t value) {
  const auto& bounds = buckets_.bounds;
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  const std::size_t part = metric_part();
  cell(part, static_cast<std::size_t>(bucket)).fetch_add(1, std::memory_order_relaxed);
  cell(part, bounds.size() + 1).fetch_add(value, std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  const std::size_t bucket_count = buckets_.bounds.size() + 1;
  Reading reading;
  reading.counts.resize(bucket_count);
  for (std::size_t part = 0; part < metric_parts; ++part) {
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket)
      reading.counts[bucket] += cell(part, bucket).load(std::memory_order_relaxed);
    reading.sum += cell(part, bucket_count).load(std::memory_order_relaxed);
  }
  return reading;
}

Metrics::Series& Metrics::add(std::string_view name, std::string_view help, std::string_view type,
                              std::string_view labels) {
  auto family = std::find_if(families_.begin(), families_.end(),
                             [&](const Family& known) { return known.name == name; });
  if (family == families_.end()) {
    family = families_.insert(family, {std::string(name), std::string(help), type, {}});
  }
  return family->series.emplace_back(Series{std::string(labels), nullptr, nullptr, nullptr});
}

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& series = add(name, help, "counter", labels);
  series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Buckets buckets,
                              std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& series = add(name, help, "histogram", labels);
  series.histogram = std::make_unique<Histogram>(std::move(buckets));
  return *series.histogram;
}

void Metrics::counter(std::string_view name, std::string_view help, Read read) {
  const std::lock_guard lock(mutex_);
  add(name, help, "counter", "").read = std::move(read);
}

void Metrics::gauge(std::string_view name, std::string_view help, Read read) {
  const std::lock_guard lock(mutex_);
  add(name, help, "gauge", "").read = std::move(read);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", family.name,
                   family.help, family.name, family.type);
    for (const auto& series : family.series) {
      if (series.histogram) {
        append_histogram(out, family.name, series.labels, *series.histogram);
        continue;
      }
      const std::uint64_t value = series.counter ? series.counter->value() : series.read();
      fmt::format_to(std::back_inserter(out), "{}{} {}\n", family.name, in_braces(series.labels),
                     value);
    }
  }
  return out;
}

}  // namespace emplace::telemetry
