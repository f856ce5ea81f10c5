#include <fmt/format.h>
#include <re2/re2.h>

#include <cmath>

#include "base/limits/segments.h"
#include "segments/condition_reader.h"

namespace rapport::condition_reader {
namespace {

enum class Operand : uint8_t { kNone, kOne, kList, kPair, kLength, kDays, kPeriod };

constexpr int kOps = static_cast<int>(ValueOp::kInPeriod) + 1;

Operand operand_of(ValueOp op) {
  switch (op) {
    case ValueOp::kExists:
    case ValueOp::kNotExists:
      return Operand::kNone;
    case ValueOp::kIn:
    case ValueOp::kNotIn:
    case ValueOp::kIncludesAny:
    case ValueOp::kIncludesAll:
      return Operand::kList;
    case ValueOp::kBetween:
      return Operand::kPair;
    case ValueOp::kWithinLast:
    case ValueOp::kNotWithinLast:
    case ValueOp::kWithinNext:
      return Operand::kLength;
    case ValueOp::kAnniversaryWithinNext:
    case ValueOp::kAnniversaryWithinLast:
      return Operand::kDays;
    case ValueOp::kInPeriod:
      return Operand::kPeriod;
    default:
      return Operand::kOne;
  }
}

bool is_ordering(ValueOp op) {
  return (op >= ValueOp::kGt && op <= ValueOp::kLte) || op == ValueOp::kBetween;
}

bool takes_text_only(ValueOp op) {
  return op == ValueOp::kStartsWith || op == ValueOp::kEndsWith || op == ValueOp::kMatches;
}

bool takes_folding(ValueOp op) {
  switch (op) {
    case ValueOp::kEq:
    case ValueOp::kNe:
    case ValueOp::kIn:
    case ValueOp::kNotIn:
    case ValueOp::kContains:
    case ValueOp::kNotContains:
    case ValueOp::kStartsWith:
    case ValueOp::kEndsWith:
    case ValueOp::kMatches:
    case ValueOp::kIncludes:
    case ValueOp::kIncludesAny:
    case ValueOp::kIncludesAll:
      return true;
    default:
      return false;
  }
}

Literal literal(Usage& usage, const dom::element& element, const std::string& path, ValueOp op) {
  count_value(usage, path);
  if (takes_text_only(op) && !element.is_string()) fail(path, "must be text");
  switch (element.type()) {
    case dom::element_type::BOOL:
      if (is_ordering(op)) fail(path, "must be a number or text, for booleans have no order");
      return bool(element);
    case dom::element_type::INT64:
      return int64_t(element);
    case dom::element_type::UINT64:
      return static_cast<double>(uint64_t(element));
    case dom::element_type::DOUBLE: {
      const double value = double(element);
      // A whole double is written back as an integer, so both spellings are one literal.
      if (value == std::floor(value) && std::abs(value) <= 9007199254740992.0) {
        return static_cast<int64_t>(value);
      }
      return value;
    }
    case dom::element_type::STRING:
      return text(element, path, limits::kMaxConditionTextBytes);
    case dom::element_type::NULL_VALUE:
      fail(path, "must not be null; use the operator exists or not_exists");
    default:
      fail(path, "must be text, a number or a boolean");
  }
}

void check_pattern(const std::string& pattern, const std::string& path) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits::kMaxRegexProgramBytes);
  const RE2 compiled(pattern, options);
  if (!compiled.ok()) fail(path, "is not a regular expression RE2 takes: " + compiled.error());
}

void read_list(Usage& usage, ValueTest& test, const dom::element& value, const std::string& path) {
  size_t index = 0;
  for (const dom::element item : as_array(value, path)) {
    test.values.push_back(literal(usage, item, fmt::format("{}[{}]", path, index++), test.op));
  }
  if (test.values.empty()) fail(path, "must hold at least one value");
}

void read_pair(Usage& usage, ValueTest& test, const dom::element& value, const std::string& path) {
  read_list(usage, test, value, path);
  if (test.values.size() != 2) fail(path, "must hold two values, the lower and the upper");
  const auto kind = [](const Literal& l) {
    const auto* text = std::get_if<std::string>(&l);
    return text == nullptr ? 0 : parse_timestamp(*text) ? 2 : 1;
  };
  if (kind(test.values[0]) != kind(test.values[1])) {
    fail(path + "[1]", "must be of the kind of the first: both numbers, times or texts");
  }
}

void read_operand(Usage& usage, ValueTest& test, const dom::element& value,
                  const std::string& path) {
  switch (operand_of(test.op)) {
    case Operand::kNone:
      fail(path, fmt::format("must be absent for {}", name_of(test.op)));
    case Operand::kOne:
      test.values.push_back(literal(usage, value, path, test.op));
      break;
    case Operand::kList:
      return read_list(usage, test, value, path);
    case Operand::kPair:
      return read_pair(usage, test, value, path);
    case Operand::kLength:
      test.length = duration(value, path);
      return;
    case Operand::kDays: {
      const Micros length = duration(value, path);
      const auto days = std::chrono::duration_cast<std::chrono::days>(length);
      if (days != length || days.count() > limits::kMaxAnniversaryDays) {
        fail(path, fmt::format("must be whole days, 1d to {}d", limits::kMaxAnniversaryDays));
      }
      test.days = static_cast<int>(days.count());
      return;
    }
    case Operand::kPeriod:
      test.period = period(value, path);
      return;
  }
  if (test.op == ValueOp::kBefore || test.op == ValueOp::kAfter) instant(value, path);
  if (test.op == ValueOp::kMatches) check_pattern(std::get<std::string>(test.values[0]), path);
}

void read_options(ValueTest& test, const dom::object& object, const std::string& path) {
  for (const auto& [key, member] :
       {std::pair{"case_insensitive", &ValueTest::case_insensitive},
        std::pair{"accent_insensitive", &ValueTest::accent_insensitive}}) {
    const auto found = find(object, key, path);
    if (!found) continue;
    const std::string field = fmt::format("{}.{}", path, key);
    test.*member = flag(*found, field);
    if (!(test.*member)) continue;
    if (!takes_folding(test.op) ||
        (test.op == ValueOp::kMatches && member == &ValueTest::accent_insensitive)) {
      fail(field, fmt::format("does not go with {}", name_of(test.op)));
    }
  }
  const auto calendar = operand_of(test.op);
  if (calendar == Operand::kDays || calendar == Operand::kPeriod) {
    test.zone = zone(object, path);
  } else if (find(object, "zone", path)) {
    fail(path + ".zone", fmt::format("does not go with {}", name_of(test.op)));
  }
}

}  // namespace

ValueTest value_test(Usage& usage, const dom::object& object, const std::string& path) {
  const std::string op_path = path + ".op";
  const std::string written = text(require(object, "op", path), op_path, 64);
  ValueTest test;
  bool known = false;
  std::string names;
  for (int index = 0; index < kOps; ++index) {
    const auto op = static_cast<ValueOp>(index);
    names += (names.empty() ? "" : ", ") + std::string(name_of(op));
    if (name_of(op) != written) continue;
    test.op = op;
    known = true;
  }
  if (!known) fail(op_path, "is not a known operator; known are: " + names);
  const std::string value_path = path + ".value";
  const auto value = find(object, "value", path);
  if (value) {
    read_operand(usage, test, *value, value_path);
  } else if (operand_of(test.op) != Operand::kNone) {
    fail(value_path, "is required");
  }
  read_options(test, object, path);
  return test;
}

}  // namespace rapport::condition_reader
