#include "segments/value_matcher.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/text_folding.h"

namespace rapport {
namespace {

namespace dom = simdjson::dom;

template <class T>
bool compare(ValueOp op, const T& stored, const T& asked, const T& upper) {
  switch (op) {
    case ValueOp::kGt:
    case ValueOp::kAfter:
      return stored > asked;
    case ValueOp::kGte:
      return stored >= asked;
    case ValueOp::kLt:
    case ValueOp::kBefore:
      return stored < asked;
    case ValueOp::kLte:
      return stored <= asked;
    case ValueOp::kBetween:
      return stored >= asked && stored <= upper;
    default:
      return false;
  }
}

std::shared_ptr<const re2::RE2> compile(const ValueTest& test) {
  if (test.op != ValueOp::kMatches) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits::kMaxRegexProgramBytes);
  options.set_case_sensitive(!test.case_insensitive);
  return std::make_shared<const re2::RE2>(std::get<std::string>(test.values.front()), options);
}

}  // namespace

std::optional<LocalDay> plain_day(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto instant = parse_timestamp(text);
  if (!instant) return std::nullopt;
  return LocalDay(std::chrono::floor<std::chrono::days>(*instant).time_since_epoch());
}

ValueMatcher::ValueMatcher(ValueTest test)
    : test_(std::move(test)), op_(positive_form(test_.op)), pattern_(compile(test_)) {
  for (const Literal& literal : test_.values) {
    Prepared& value = values_.emplace_back();
    value.literal = literal;
    if (const auto* text = std::get_if<std::string>(&literal)) {
      value.is_text = true;
      value.text = folded(*text);
      value.instant = parse_timestamp(*text);
    }
  }
}

std::string ValueMatcher::folded(std::string_view text) const {
  if (!test_.case_insensitive && !test_.accent_insensitive) return std::string(text);
  return fold_text(text, test_.case_insensitive, test_.accent_insensitive);
}

bool ValueMatcher::meets(const JsonValue& value, const AskedAt& asked) const {
  const bool positively = value && positive(*value, asked);
  return positively != (op_ != test_.op);
}

bool ValueMatcher::positive(const dom::element& element, const AskedAt& asked) const {
  switch (op_) {
    case ValueOp::kExists:
      return true;
    case ValueOp::kEq:
    case ValueOp::kIn:
      return equals_any(element);
    case ValueOp::kContains:
      return contains(element);
    case ValueOp::kIncludes:
    case ValueOp::kIncludesAny:
    case ValueOp::kIncludesAll:
      return includes(element);
    case ValueOp::kStartsWith:
    case ValueOp::kEndsWith:
    case ValueOp::kMatches:
      return text_test(element);
    case ValueOp::kWithinLast:
    case ValueOp::kWithinNext:
    case ValueOp::kAnniversaryWithinNext:
    case ValueOp::kAnniversaryWithinLast:
    case ValueOp::kInPeriod:
      return relative(element, asked);
    default:
      return ordered(element);
  }
}

bool ValueMatcher::equals(const dom::element& element, const Prepared& value) const {
  if (value.is_text) {
    const auto text = text_of(element);
    if (!text) return false;
    if (test_.case_insensitive || test_.accent_insensitive ? folded(*text) == value.text
                                                           : *text == value.text) {
      return true;
    }
    return value.instant && parse_timestamp(*text) == value.instant;
  }
  if (const auto* flag = std::get_if<bool>(&value.literal)) return flag_of(element) == *flag;
  return number_of(element) == as_double(value.literal);
}

bool ValueMatcher::equals_any(const dom::element& element) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const Prepared& value) { return equals(element, value); });
}

bool ValueMatcher::contains(const dom::element& element) const {
  if (element.is_array()) return includes(element);
  const auto text = text_of(element);
  const Prepared& value = values_.front();
  return text && value.is_text && folded(*text).find(value.text) != std::string::npos;
}

bool ValueMatcher::includes(const dom::element& element) const {
  dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return false;
  const auto holds = [&](const Prepared& value) {
    return std::any_of(array.begin(), array.end(),
                       [&](const dom::element item) { return equals(item, value); });
  };
  return op_ == ValueOp::kIncludesAll ? std::all_of(values_.begin(), values_.end(), holds)
                                      : std::any_of(values_.begin(), values_.end(), holds);
}

bool ValueMatcher::text_test(const dom::element& element) const {
  const auto text = text_of(element);
  if (!text) return false;
  if (op_ == ValueOp::kMatches) {
    return re2::RE2::PartialMatch(re2::StringPiece(text->data(), text->size()), *pattern_);
  }
  const std::string stored = folded(*text);
  const std::string& asked = values_.front().text;
  return op_ == ValueOp::kStartsWith ? stored.starts_with(asked) : stored.ends_with(asked);
}

bool ValueMatcher::ordered(const dom::element& element) const {
  const Prepared& low = values_.front();
  const Prepared& high = values_.back();
  if (!low.is_text) {
    const auto stored = number_of(element);
    return stored && compare(op_, *stored, as_double(low.literal), as_double(high.literal));
  }
  if (low.instant) {
    const auto stored = instant_of(element);
    return stored && compare(op_, *stored, *low.instant, *high.instant);
  }
  const auto text = text_of(element);
  return text && compare<std::string_view>(op_, *text, low.text, high.text);
}

/// Moments at which the value meets a test of one stretch of time.
std::optional<TimeRange> ValueMatcher::holds_during(const dom::element& element,
                                                    const AskedAt& asked) const {
  const auto text = text_of(element);
  const auto instant = text ? parse_timestamp(*text) : std::nullopt;
  if (!instant) return std::nullopt;
  if (op_ == ValueOp::kWithinLast) return TimeRange{*instant, *instant + test_.length};
  if (op_ == ValueOp::kWithinNext) return TimeRange{*instant - test_.length, *instant};
  const TimeZone& zone = asked.zone(test_.zone);
  const LocalDay day = plain_day(*text).value_or(local_day(*instant, zone));
  const DayRange days = period_days(day, test_.period.unit, -test_.period.offset);
  return TimeRange{start_of(days.from, zone), start_of(days.to, zone)};
}

bool ValueMatcher::relative(const dom::element& element, const AskedAt& asked) const {
  if (op_ != ValueOp::kAnniversaryWithinNext && op_ != ValueOp::kAnniversaryWithinLast) {
    const auto range = holds_during(element, asked);
    return range && range->holds(asked.at);
  }
  const auto text = text_of(element);
  const auto instant = text ? parse_timestamp(*text) : std::nullopt;
  if (!instant) return false;
  const TimeZone& zone = asked.zone(test_.zone);
  return anniversary_within(plain_day(*text).value_or(local_day(*instant, zone)),
                            local_day(asked.at, zone), test_.days,
                            op_ == ValueOp::kAnniversaryWithinNext);
}

std::optional<Timestamp> ValueMatcher::next_change(const JsonValue& value,
                                                   const AskedAt& asked) const {
  if (!value || !is_relative(op_)) return std::nullopt;
  if (op_ == ValueOp::kAnniversaryWithinNext || op_ == ValueOp::kAnniversaryWithinLast) {
    const auto text = text_of(*value);
    const auto instant = text ? parse_timestamp(*text) : std::nullopt;
    if (!instant) return std::nullopt;
    const TimeZone& zone = asked.zone(test_.zone);
    const auto day = anniversary_change(plain_day(*text).value_or(local_day(*instant, zone)),
                                        local_day(asked.at, zone), test_.days,
                                        op_ == ValueOp::kAnniversaryWithinNext);
    if (!day) return std::nullopt;
    return start_of(*day, zone);
  }
  const auto range = holds_during(*value, asked);
  if (!range || range->from >= range->to) return std::nullopt;
  if (asked.at < range->from) return range->from;
  if (asked.at < range->to) return range->to;
  return std::nullopt;
}

}  // namespace rapport
