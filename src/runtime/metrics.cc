#include "runtime/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"

namespace rapport {

struct MetricsRegistry::Series {
  Counter counter;
  Gauge gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<double()> read;
};

struct MetricsRegistry::Family {
  std::string help;
  std::string kind;
  std::map<std::string, std::unique_ptr<Series>> series;  // by label text
};

namespace {

std::string escape(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

std::string label_text(const MetricLabels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}=\"{}\"", name, escape(value, true));
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string braced(const std::string& labels) {
  return labels.empty() ? "" : "{" + labels + "}";
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), buckets_(new std::atomic<uint64_t>[bounds_.size() + 1] {}) {
  ASSERT(std::is_sorted(bounds_.begin(), bounds_.end()));
}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

uint64_t Histogram::count() const {
  uint64_t total = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) total += buckets_[i].load();
  return total;
}

std::vector<double> duration_buckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

MetricsRegistry::MetricsRegistry() = default;
MetricsRegistry::~MetricsRegistry() = default;

MetricsRegistry::Series& MetricsRegistry::series(std::string_view name, std::string_view help,
                                                 std::string_view kind, MetricLabels labels,
                                                 std::vector<double> bounds) {
  const std::lock_guard lock(mutex_);
  auto& family = families_[std::string(name)];
  if (!family) {
    family = std::make_unique<Family>();
    family->help = help;
    family->kind = kind;
  }
  ASSERT(family->kind == kind);
  std::string key = label_text(labels);
  if (!family->series.contains(key) && family->series.size() >= limits::kMaxMetricSeries) {
    for (auto& label : labels) label.second = "other";
    key = label_text(labels);
  }
  auto& made = family->series[key];
  if (!made) {
    made = std::make_unique<Series>();
    if (kind == "histogram") made->histogram = std::make_unique<Histogram>(std::move(bounds));
  }
  return *made;
}

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help,
                                  MetricLabels labels) {
  return series(name, help, "counter", std::move(labels), {}).counter;
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  return series(name, help, "gauge", std::move(labels), {}).gauge;
}

Histogram& MetricsRegistry::histogram(std::string_view name, std::string_view help,
                                      std::vector<double> bounds, MetricLabels labels) {
  return *series(name, help, "histogram", std::move(labels), std::move(bounds)).histogram;
}

void MetricsRegistry::gauge_callback(std::string_view name, std::string_view help,
                                     std::function<double()> read, MetricLabels labels) {
  Series& made = series(name, help, "gauge", std::move(labels), {});
  const std::lock_guard lock(mutex_);
  made.read = std::move(read);
}

std::string MetricsRegistry::render() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escape(family->help, false), name,
                       family->kind);
    for (const auto& [labels, series] : family->series) {
      if (family->kind == "counter") {
        out += fmt::format("{}{} {}\n", name, braced(labels), series->counter.value());
      } else if (family->kind == "gauge") {
        const double value = series->read ? series->read() : series->gauge.value();
        out += fmt::format("{}{} {}\n", name, braced(labels), number(value));
      } else {
        const Histogram& h = *series->histogram;
        const std::string comma = labels.empty() ? "" : labels + ",";
        uint64_t total = 0;
        for (size_t i = 0; i <= h.bounds_.size(); ++i) {
          total += h.buckets_[i].load(std::memory_order_relaxed);
          const std::string le = i < h.bounds_.size() ? number(h.bounds_[i]) : "+Inf";
          out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, comma, le, total);
        }
        out += fmt::format("{}_sum{} {}\n", name, braced(labels), number(h.sum_.load()));
        out += fmt::format("{}_count{} {}\n", name, braced(labels), total);
      }
    }
  }
  return out;
}

}  // namespace rapport
