// Numbers computed from one property of many events, exact whatever the order.
//
// Sums and averages are kept in millionths, each value rounded to the nearest first, so 0.1 + 0.2
// is 0.3; values beyond ±10^12 are left out of them. Minimum and maximum are doubles. Distinct
// values are texts, numbers and booleans; 42 and "42" are two, 42 and 42.0 are one. Plain values;
// one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "segments/condition.h"
#include "segments/json_value.h"

namespace rapport {

__extension__ using Int128 = __int128;

constexpr double kMaxSummand = 1e12;
/// Millionths of a number, halves away from zero; null beyond ±kMaxSummand.
std::optional<int64_t> millionths(double value);
/// A name under which equal values are one; null for arrays and objects.
std::optional<std::string> distinct_key(const simdjson::dom::element& value);

class Aggregated {
 public:
  explicit Aggregated(Aggregate aggregate) : aggregate_(aggregate) {}
  void add(const JsonValue& value);
  /// Whether what was added meets every test.
  bool meets(const std::vector<NumberTest>& tests) const;
  /// The number itself, to be shown; null where there is none.
  std::optional<double> value() const;

 private:
  bool meets(const NumberTest& test) const;

  Aggregate aggregate_;
  Int128 sum_ = 0;  // millionths
  int64_t count_ = 0;
  std::optional<double> extreme_;
  std::map<std::string, int64_t> distinct_;
};

}  // namespace rapport
