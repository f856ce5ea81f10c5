// Counters, gauges and histograms in Prometheus' text format.
//
// A registry hands out references that live as long as it does; asking again for the same name and
// labels gives the same object. Asking takes a lock, so callers keep the reference; increments are
// lock-free and relaxed. A name has one kind and one help text. Labels must be few: the number of
// series is bounded, beyond it a shared overflow series answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rapport {

class Counter {
 public:
  void add(uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  /// `bounds` are upper limits, rising; +Inf is added.
  explicit Histogram(std::vector<double> bounds);
  void observe(double value);
  uint64_t count() const;

 private:
  friend class MetricsRegistry;
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// 0.5 ms … 10 s, for request and job durations in seconds.
std::vector<double> duration_buckets();

class MetricsRegistry {
 public:
  MetricsRegistry();
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       MetricLabels labels = {});
  /// Asked at each exposition, under the registry's lock; must be quick and not throw.
  void gauge_callback(std::string_view name, std::string_view help, std::function<double()> read,
                      MetricLabels labels = {});
  /// Prometheus text exposition format 0.0.4.
  std::string render() const;

 private:
  struct Series;
  struct Family;
  Series& series(std::string_view name, std::string_view help, std::string_view kind,
                 MetricLabels labels, std::vector<double> bounds);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

}  // namespace rapport
