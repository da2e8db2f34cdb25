#include "telemetry/metrics.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emplace::telemetry {
namespace {

using testing::HasSubstr;

TEST(Metrics, ACounterIsTextWithHelpAndType) {
  Metrics metrics;
  metrics.counter("writes_total", "Writes.").add(3);
  EXPECT_EQ(metrics.text(),
            "# HELP writes_total Writes.\n# TYPE writes_total counter\nwrites_total 3\n");
}

TEST(Metrics, SeriesOfOneMetricStandTogetherWhateverTheOrder) {
  Metrics metrics;
  metrics.counter("a_total", "A.", "kind=\"x\"").add();
  metrics.gauge("b", "B.", [] { return 7u; });
  metrics.counter("a_total", "A.", "kind=\"y\"").add(2);
  EXPECT_EQ(metrics.text(),
            "# HELP a_total A.\n# TYPE a_total counter\n"
            "a_total{kind=\"x\"} 1\na_total{kind=\"y\"} 2\n"
            "# HELP b B.\n# TYPE b gauge\nb 7\n");
}

TEST(Metrics, WhatSomeoneElseCountsIsAskedForEachTime) {
  Metrics metrics;
  std::uint64_t count = 1;
  metrics.counter("c_total", "C.", [&] { return count; });
  EXPECT_THAT(metrics.text(), HasSubstr("# TYPE c_total counter\nc_total 1\n"));
  count = 2;
  EXPECT_THAT(metrics.text(), HasSubstr("\nc_total 2\n"));
}

TEST(Metrics, AHistogramsBucketsAddUpAndABoundBelongsToItsBucket) {
  Metrics metrics;
  auto& histogram = metrics.histogram("size", "Sizes.", {.bounds = {1, 4}});
  for (const auto value : {0u, 1u, 2u, 4u, 5u})
    histogram.observe(value);
  EXPECT_EQ(metrics.text(),
            "# HELP size Sizes.\n# TYPE size histogram\n"
            "size_bucket{le=\"1\"} 2\nsize_bucket{le=\"4\"} 4\nsize_bucket{le=\"+Inf\"} 5\n"
            "size_sum 12\nsize_count 5\n");
}

TEST(Metrics, AHistogramOfNanosecondsShowsSeconds) {
  Metrics metrics;
  auto& histogram = metrics.histogram("time_seconds", "Times.",
                                      {.bounds = {50'000, 1'000'000'000}, .per_shown_unit = 1e9},
                                      "kind=\"read\"");
  histogram.observe(250'000'000);
  EXPECT_THAT(metrics.text(), HasSubstr("time_seconds_bucket{kind=\"read\",le=\"5e-05\"} 0\n"
                                        "time_seconds_bucket{kind=\"read\",le=\"1\"} 1\n"
                                        "time_seconds_bucket{kind=\"read\",le=\"+Inf\"} 1\n"
                                        "time_seconds_sum{kind=\"read\"} 0.25\n"
                                        "time_seconds_count{kind=\"read\"} 1\n"));
}

TEST(Metrics, NothingIsLostWhenManyThreadsCount) {
  Metrics metrics;
  auto& counter = metrics.counter("a_total", "A.");
  auto& histogram = metrics.histogram("b", "B.", {.bounds = {10}});
  constexpr unsigned thread_count = metric_parts + 3, rounds = 10'000;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < thread_count; ++i) {
    threads.emplace_back([&] {
      for (unsigned n = 0; n < rounds; ++n) {
        counter.add();
        histogram.observe(2);
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(counter.value(), thread_count * rounds);
  EXPECT_EQ(histogram.read().counts[0], thread_count * rounds);
  EXPECT_EQ(histogram.read().sum, 2 * thread_count * rounds);
}

}  // namespace
}  // namespace emplace::telemetry
