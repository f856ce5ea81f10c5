#include "segments/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rapport {
namespace {

template <class T>
bool compare(CountOp op, const T& value, const T& low, const T& high) {
  switch (op) {
    case CountOp::kEq:
      return value == low;
    case CountOp::kNe:
      return value != low;
    case CountOp::kGt:
      return value > low;
    case CountOp::kGte:
      return value >= low;
    case CountOp::kLt:
      return value < low;
    case CountOp::kLte:
      return value <= low;
    case CountOp::kBetween:
      return value >= low && value <= high;
  }
  return false;
}

/// Of a number in a condition, which parse_condition keeps within ±kMaxConditionNumber.
Int128 asked_millionths(double value) {
  return static_cast<Int128>(std::llround(value * 1e6));
}

}  // namespace

std::optional<int64_t> millionths(double value) {
  if (!(std::abs(value) <= kMaxSummand)) return std::nullopt;
  return std::llround(value * 1e6);
}

std::optional<std::string> distinct_key(const simdjson::dom::element& value) {
  if (const auto text = text_of(value)) return "s" + std::string(*text);
  double number = 0;
  if (value.is_number() && value.get(number) == simdjson::SUCCESS) {
    return fmt::format("n{}", number + 0.0);  // one zero, not two
  }
  bool flag = false;
  if (value.get(flag) == simdjson::SUCCESS) return flag ? "true" : "false";
  return std::nullopt;
}

void Aggregated::add(const JsonValue& value) {
  if (!value) return;
  if (aggregate_ == Aggregate::kDistinct) {
    if (auto key = distinct_key(*value)) ++distinct_[std::move(*key)];
    return;
  }
  const auto number = number_of(*value);
  if (!number) return;
  if (aggregate_ == Aggregate::kMin || aggregate_ == Aggregate::kMax) {
    const bool least = aggregate_ == Aggregate::kMin;
    if (!extreme_ || (least ? *number < *extreme_ : *number > *extreme_)) extreme_ = number;
    return;
  }
  const auto units = millionths(*number);
  if (!units) return;
  sum_ += *units;
  ++count_;
}

bool Aggregated::meets(const NumberTest& test) const {
  switch (aggregate_) {
    case Aggregate::kSum:
      return compare<Int128>(test.op, sum_, asked_millionths(test.value),
                             asked_millionths(test.upper));
    case Aggregate::kAvg:
      if (count_ == 0) return test.op == CountOp::kNe;
      return compare<Int128>(test.op, sum_, asked_millionths(test.value) * count_,
                             asked_millionths(test.upper) * count_);
    case Aggregate::kMin:
    case Aggregate::kMax:
      if (!extreme_) return test.op == CountOp::kNe;
      return compare(test.op, *extreme_, test.value, test.upper);
    case Aggregate::kDistinct:
      return compare(test.op, static_cast<double>(distinct_.size()), test.value, test.upper);
  }
  return false;
}

bool Aggregated::meets(const std::vector<NumberTest>& tests) const {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const NumberTest& test) { return meets(test); });
}

std::optional<double> Aggregated::value() const {
  switch (aggregate_) {
    case Aggregate::kSum:
      return static_cast<double>(sum_) / 1e6;
    case Aggregate::kAvg:
      if (count_ == 0) return std::nullopt;
      return static_cast<double>(sum_) / 1e6 / static_cast<double>(count_);
    case Aggregate::kMin:
    case Aggregate::kMax:
      return extreme_;
    case Aggregate::kDistinct:
      return static_cast<double>(distinct_.size());
  }
  return std::nullopt;
}

}  // namespace rapport
