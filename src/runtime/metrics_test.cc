#include "runtime/metrics.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/limits.h"

namespace rapport {
namespace {

TEST(Metrics, WritesTheTextFormat) {
  MetricsRegistry registry;
  registry.counter("a_total", "Things", {{"kind", "x\"y\\z\n"}}).add(3);
  registry.gauge("b", "A level").set(1.5);
  registry.gauge_callback("c", "Asked", [] { return 7.0; });
  Histogram& h = registry.histogram("d_seconds", "Time", {0.1, 1}, {{"r", "/a"}});
  h.observe(0.1);
  h.observe(0.5);
  h.observe(2);
  EXPECT_EQ(registry.render(),
            "# HELP a_total Things\n# TYPE a_total counter\n"
            "a_total{kind=\"x\\\"y\\\\z\\n\"} 3\n"
            "# HELP b A level\n# TYPE b gauge\nb 1.5\n"
            "# HELP c Asked\n# TYPE c gauge\nc 7\n"
            "# HELP d_seconds Time\n# TYPE d_seconds histogram\n"
            "d_seconds_bucket{r=\"/a\",le=\"0.1\"} 1\n"
            "d_seconds_bucket{r=\"/a\",le=\"1\"} 2\n"
            "d_seconds_bucket{r=\"/a\",le=\"+Inf\"} 3\n"
            "d_seconds_sum{r=\"/a\"} 2.6\nd_seconds_count{r=\"/a\"} 3\n");
}

TEST(Metrics, SameNameAndLabelsAreOneSeries) {
  MetricsRegistry registry;
  EXPECT_EQ(&registry.counter("a", ""), &registry.counter("a", ""));
  EXPECT_NE(&registry.counter("a", ""), &registry.counter("a", "", {{"k", "v"}}));
}

TEST(Metrics, BoundsSeries) {
  MetricsRegistry registry;
  for (size_t i = 0; i < limits::kMaxMetricSeries + 10; ++i) {
    registry.counter("a", "", {{"k", std::to_string(i)}}).add();
  }
  EXPECT_EQ(registry.counter("a", "", {{"k", "other"}}).value(), 10u);
}

TEST(Metrics, CountsFromManyThreads) {
  MetricsRegistry registry;
  Counter& counter = registry.counter("a", "");
  Histogram& histogram = registry.histogram("b", "", duration_buckets());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10'000; ++k) {
        counter.add();
        histogram.observe(0.01);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000u);
  EXPECT_EQ(histogram.count(), 40'000u);
}

}  // namespace
}  // namespace rapport
