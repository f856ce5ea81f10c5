#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "segments/condition.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 27> kValueOps{
    "eq",
    "ne",
    "in",
    "not_in",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "exists",
    "not_exists",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "includes",
    "includes_any",
    "includes_all",
    "before",
    "after",
    "within_last",
    "not_within_last",
    "within_next",
    "anniversary_within_next",
    "anniversary_within_last",
    "in_period",
};
constexpr std::array<std::string_view, 7> kCountOps{"eq", "ne",  "gt",     "gte",
                                                    "lt", "lte", "between"};
constexpr std::array<std::string_view, 5> kAggregates{"sum", "avg", "min", "max", "distinct"};
constexpr std::array<std::string_view, 6> kMessageFacts{"sent",    "delivered", "opened",
                                                        "clicked", "converted", "bounced"};
constexpr std::array<std::string_view, 5> kUnits{"day", "week", "month", "quarter", "year"};

bool meets(const CountTest& test, int64_t count) {
  switch (test.op) {
    case CountOp::kEq:
      return count == test.value;
    case CountOp::kNe:
      return count != test.value;
    case CountOp::kGt:
      return count > test.value;
    case CountOp::kGte:
      return count >= test.value;
    case CountOp::kLt:
      return count < test.value;
    case CountOp::kLte:
      return count <= test.value;
    case CountOp::kBetween:
      return count >= test.value && count <= test.upper;
  }
  return false;
}

bool meets_zero(const NumberTest& test) {
  switch (test.op) {
    case CountOp::kEq:
      return test.value == 0;
    case CountOp::kNe:
      return test.value != 0;
    case CountOp::kGt:
      return 0 > test.value;
    case CountOp::kGte:
      return 0 >= test.value;
    case CountOp::kLt:
      return 0 < test.value;
    case CountOp::kLte:
      return 0 <= test.value;
    case CountOp::kBetween:
      return 0 >= test.value && 0 <= test.upper;
  }
  return false;
}

bool meets_nothing(const EventCondition& event) {
  if (event.occurrence) return false;
  if (event.aggregates.empty()) return meets_count(event.count, 0);
  if (!event.count.empty() && !meets_count(event.count, 0)) return false;
  return std::all_of(
      event.aggregates.begin(), event.aggregates.end(), [](const AggregateTest& test) {
        const bool absent = test.aggregate == Aggregate::kAvg ||
                            test.aggregate == Aggregate::kMin || test.aggregate == Aggregate::kMax;
        return std::all_of(test.tests.begin(), test.tests.end(), [&](const NumberTest& t) {
          return absent ? t.op == CountOp::kNe : meets_zero(t);
        });
      });
}

/// What a customer without history may come to.
struct Outcomes {
  bool may_hold = false;
  bool may_not = false;
};

Outcomes certain(bool holds) {
  return {holds, !holds};
}

Outcomes outcomes(const Condition& condition);

struct OutcomesOf {
  Outcomes operator()(const AllOf& node) const {
    Outcomes out{true, false};
    for (const Condition& child : node.children) {
      const Outcomes of = outcomes(child);
      out = {out.may_hold && of.may_hold, out.may_not || of.may_not};
    }
    return out;
  }
  Outcomes operator()(const AnyOf& node) const {
    Outcomes out{false, true};
    for (const Condition& child : node.children) {
      const Outcomes of = outcomes(child);
      out = {out.may_hold || of.may_hold, out.may_not && of.may_not};
    }
    return out;
  }
  Outcomes operator()(const Negation& node) const {
    const Outcomes of = outcomes(*node.child);
    return {of.may_not, of.may_hold};
  }
  Outcomes operator()(const TraitCondition& node) const {
    return certain(is_negative(node.test.op));
  }
  Outcomes operator()(const EventCondition& node) const { return certain(meets_nothing(node)); }
  Outcomes operator()(const MessageCondition& node) const {
    return certain(meets_count(node.count, 0));
  }
  Outcomes operator()(const TopicCondition& node) const {
    const bool unasked = node.kind.value_or(TopicKind::kOptIn) != TopicKind::kOptIn;
    return certain(node.subscribed == unasked);
  }
  Outcomes operator()(const AbsenceCondition&) const { return certain(false); }
  Outcomes operator()(const SequenceCondition&) const { return certain(false); }
  Outcomes operator()(const ListCondition&) const { return certain(false); }
  Outcomes operator()(const GeoCondition&) const { return certain(false); }
  Outcomes operator()(const SegmentCondition& node) const {
    return node.resolved ? outcomes(*node.resolved) : Outcomes{true, true};
  }
  Outcomes operator()(const BucketCondition&) const { return {true, true}; }
};

Outcomes outcomes(const Condition& condition) {
  return std::visit(OutcomesOf{}, condition.node);
}

}  // namespace

bool meets_count(const std::vector<CountTest>& tests, int64_t count) {
  if (tests.empty()) return count >= 1;
  return std::all_of(tests.begin(), tests.end(),
                     [&](const CountTest& test) { return meets(test, count); });
}

bool holds_for_nothing(const Condition& condition) {
  return outcomes(condition).may_hold;
}

bool is_negative(ValueOp op) {
  return positive_form(op) != op;
}

ValueOp positive_form(ValueOp op) {
  switch (op) {
    case ValueOp::kNe:
      return ValueOp::kEq;
    case ValueOp::kNotIn:
      return ValueOp::kIn;
    case ValueOp::kNotExists:
      return ValueOp::kExists;
    case ValueOp::kNotContains:
      return ValueOp::kContains;
    case ValueOp::kNotWithinLast:
      return ValueOp::kWithinLast;
    default:
      return op;
  }
}

bool is_relative(ValueOp op) {
  switch (op) {
    case ValueOp::kWithinLast:
    case ValueOp::kNotWithinLast:
    case ValueOp::kWithinNext:
    case ValueOp::kAnniversaryWithinNext:
    case ValueOp::kAnniversaryWithinLast:
    case ValueOp::kInPeriod:
      return true;
    default:
      return false;
  }
}

std::string_view name_of(ValueOp op) {
  return kValueOps.at(static_cast<size_t>(op));
}
std::string_view name_of(CountOp op) {
  return kCountOps.at(static_cast<size_t>(op));
}
std::string_view name_of(Aggregate aggregate) {
  return kAggregates.at(static_cast<size_t>(aggregate));
}
std::string_view name_of(MessageFactKind fact) {
  return kMessageFacts.at(static_cast<size_t>(fact));
}
std::string name_of(Period period) {
  const std::string_view which = period.offset < 0 ? "last" : period.offset > 0 ? "next" : "this";
  return fmt::format("{}_{}", which, kUnits.at(static_cast<size_t>(period.unit)));
}

std::string to_text(const ValuePath& path) {
  std::string out;
  for (size_t i = 0; i < path.segments.size(); ++i) {
    if (i > 0) out += '.';
    for (const char c : path.segments[i]) {
      if (c == '.' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string format_duration(Micros length) {
  const int64_t seconds = length.count() / 1'000'000;
  for (const auto& [unit_s, letter] : {std::pair{86400, 'd'}, {3600, 'h'}, {60, 'm'}}) {
    if (seconds % unit_s == 0) return fmt::format("{}{}", seconds / unit_s, letter);
  }
  return fmt::format("{}s", seconds);
}

}  // namespace rapport
