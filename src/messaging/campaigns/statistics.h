// Intervals for rates and their difference. Pure.
//
// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
// (1927), for one rate; R. G. Newcombe, "Interval estimation for the difference between independent
// proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), method 10, for the
// difference; D. Katz, J. Baptista, S. P. Azen, M. C. Pike, "Obtaining confidence intervals for the
// risk ratio in cohort studies", Biometrics 34 (1978), for the ratio. All at 95 %.
#pragma once

#include <cstdint>
#include <optional>

namespace rapport {

struct Rate {
  int64_t successes = 0;
  int64_t trials = 0;
  double value() const {
    return trials == 0 ? 0 : static_cast<double>(successes) / static_cast<double>(trials);
  }
};

struct Interval {
  double low = 0;
  double high = 0;
};

Interval wilson_interval(const Rate& rate);

/// a − b.
Interval difference_interval(const Rate& a, const Rate& b);

/// a / b − 1; null when either has no success.
std::optional<Interval> relative_interval(const Rate& a, const Rate& b);

}  // namespace rapport
