#include "messaging/campaigns/statistics.h"

#include <algorithm>
#include <cmath>

namespace rapport {
namespace {

constexpr double kZ = 1.959963984540054;  // two-sided 95 % of the normal distribution

}  // namespace

Interval wilson_interval(const Rate& rate) {
  if (rate.trials == 0) return {0, 1};
  const auto n = static_cast<double>(rate.trials);
  const double p = rate.value();
  const double centre = p + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {std::max(0.0, (centre - spread) / scale), std::min(1.0, (centre + spread) / scale)};
}

Interval difference_interval(const Rate& a, const Rate& b) {
  const Interval ia = wilson_interval(a);
  const Interval ib = wilson_interval(b);
  const double difference = a.value() - b.value();
  const double below = std::hypot(a.value() - ia.low, ib.high - b.value());
  const double above = std::hypot(ia.high - a.value(), b.value() - ib.low);
  return {difference - below, difference + above};
}

std::optional<Interval> relative_interval(const Rate& a, const Rate& b) {
  if (a.successes == 0 || b.successes == 0) return std::nullopt;
  const double ratio = a.value() / b.value();
  const double error = std::sqrt((1 - a.value()) / static_cast<double>(a.successes) +
                                 (1 - b.value()) / static_cast<double>(b.successes));
  return Interval{ratio * std::exp(-kZ * error) - 1, ratio * std::exp(kZ * error) - 1};
}

}  // namespace rapport
