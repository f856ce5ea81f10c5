#include "segments/condition_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"
#include "base/text.h"

namespace rapport::condition_reader {

void fail(const std::string& path, std::string message) {
  throw Error::invalid(path, std::move(message));
}

dom::object as_object(const dom::element& element, const std::string& path, std::string_view what) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) fail(path, fmt::format("must be {}", what));
  return object;
}

dom::array as_array(const dom::element& element, const std::string& path) {
  dom::array array;
  if (element.get(array) != simdjson::SUCCESS) fail(path, "must be an array");
  return array;
}

/// A key given twice is refused: readers of JSON disagree on which one counts.
std::optional<dom::element> find(const dom::object& object, std::string_view key,
                                 const std::string& path) {
  std::optional<dom::element> found;
  for (const auto& entry : object) {
    if (entry.key != key) continue;
    if (found) fail(fmt::format("{}.{}", path, key), "is given twice");
    found = entry.value;
  }
  return found;
}

dom::element require(const dom::object& object, std::string_view key, const std::string& path) {
  const auto found = find(object, key, path);
  if (!found) fail(fmt::format("{}.{}", path, key), "is required");
  return *found;
}

void allow_keys(const dom::object& object, const std::string& path,
                std::initializer_list<std::string_view> allowed) {
  for (const auto& entry : object) {
    if (std::find(allowed.begin(), allowed.end(), entry.key) == allowed.end()) {
      fail(fmt::format("{}.{}", path, utf8_prefix(entry.key, 64)), "is not a known field here");
    }
  }
}

std::string text(const dom::element& element, const std::string& path, size_t max_bytes) {
  std::string_view view;
  if (element.get(view) != simdjson::SUCCESS) fail(path, "must be text");
  if (view.size() > max_bytes) fail(path, fmt::format("is longer than {} bytes", max_bytes));
  return std::string(view);
}

std::string name(const dom::element& element, const std::string& path, size_t max_bytes) {
  std::string out = text(element, path, max_bytes);
  if (out.empty()) fail(path, "must not be empty");
  return out;
}

double number(const dom::element& element, const std::string& path, double low, double high) {
  double value = 0;
  if (!element.is_number() || element.get(value) != simdjson::SUCCESS || value < low ||
      value > high) {
    fail(path, fmt::format("must be a number from {} to {}", low, high));
  }
  return value;
}

bool flag(const dom::element& element, const std::string& path) {
  bool value = false;
  if (element.get(value) != simdjson::SUCCESS) fail(path, "must be true or false");
  return value;
}

Micros duration(const dom::element& element, const std::string& path) {
  const auto length = parse_duration(text(element, path, 64));
  if (!length) {
    fail(path, "must be a whole number and a unit s, m, h, d or w, like 90d, and not zero");
  }
  return *length;
}

Timestamp instant(const dom::element& element, const std::string& path) {
  const auto time = parse_timestamp(text(element, path, 64));
  if (!time) fail(path, "must be a date or a date and time, like 2026-03-01T09:00:00+07:00");
  return *time;
}

Period period(const dom::element& element, const std::string& path) {
  const std::string written = text(element, path, 64);
  for (const int offset : {-1, 0, 1}) {
    for (const PeriodUnit unit : {PeriodUnit::kDay, PeriodUnit::kWeek, PeriodUnit::kMonth,
                                  PeriodUnit::kQuarter, PeriodUnit::kYear}) {
      if (name_of(Period{offset, unit}) == written) return {offset, unit};
    }
  }
  fail(path, "must be this, last or next, and day, week, month, quarter or year, like last_month");
}

ZoneOf zone(const dom::object& object, const std::string& path) {
  const auto found = find(object, "zone", path);
  if (!found) return ZoneOf::kWorkspace;
  const std::string written = text(*found, path + ".zone", 64);
  if (written == "customer") return ZoneOf::kCustomer;
  if (written != "workspace") fail(path + ".zone", "must be workspace or customer");
  return ZoneOf::kWorkspace;
}

ValuePath value_path(const dom::element& element, const std::string& path) {
  const std::string written = text(element, path, limits::kMaxConditionTextBytes);
  ValuePath out;
  std::string segment;
  const auto finish = [&] {
    if (segment.empty()) fail(path, "has an empty name; write a dot inside a name as \\.");
    if (segment.size() > limits::kMaxTraitNameBytes) {
      fail(path, fmt::format("has a name longer than {} bytes", limits::kMaxTraitNameBytes));
    }
    out.segments.push_back(std::exchange(segment, {}));
  };
  for (size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\') {
      const char next = i + 1 < written.size() ? written[++i] : '\0';
      if (next != '.' && next != '\\') fail(path, "a backslash stands only before . or \\");
      segment += next;
    } else if (written[i] == '.') {
      finish();
    } else {
      segment += written[i];
    }
  }
  finish();
  if (out.segments.size() > limits::kMaxJsonDepth) {
    fail(path, fmt::format("has more than {} names", limits::kMaxJsonDepth));
  }
  return out;
}

void count_node(Usage& usage, const std::string& path) {
  if (++usage.nodes > limits::kMaxConditionNodes) {
    fail(path, fmt::format("is one part too many: a condition has at most {}",
                           limits::kMaxConditionNodes));
  }
}

void count_value(Usage& usage, const std::string& path) {
  if (++usage.values > limits::kMaxConditionValues) {
    fail(path, fmt::format("is one value too many: a condition holds at most {}",
                           limits::kMaxConditionValues));
  }
}

EventNames event_names(Usage& usage, const dom::object& object, const std::string& path) {
  const std::string field = path + ".event";
  const dom::element element = require(object, "event", path);
  EventNames out;
  dom::object prefix;
  dom::array list;
  if (element.get(prefix) == simdjson::SUCCESS) {
    allow_keys(prefix, field, {"prefix"});
    out.prefix = true;
    out.names.push_back(
        name(require(prefix, "prefix", field), field + ".prefix", limits::kMaxEventNameBytes));
  } else if (element.get(list) == simdjson::SUCCESS) {
    size_t index = 0;
    for (const dom::element item : list) {
      const std::string item_path = fmt::format("{}[{}]", field, index++);
      count_value(usage, item_path);
      out.names.push_back(name(item, item_path, limits::kMaxEventNameBytes));
      if (std::count(out.names.begin(), out.names.end(), out.names.back()) > 1) {
        fail(item_path, "is given twice");
      }
    }
    if (out.names.empty()) fail(field, "must hold at least one name");
  } else {
    std::string_view view;
    if (element.get(view) != simdjson::SUCCESS) {
      fail(field, "must be a name, a list of names, or {\"prefix\":…}");
    }
    out.names.push_back(name(element, field, limits::kMaxEventNameBytes));
  }
  return out;
}

std::vector<PropertyTest> where(Usage& usage, const dom::object& object, const std::string& path) {
  std::vector<PropertyTest> out;
  const auto list = find(object, "where", path);
  if (!list) return out;
  size_t index = 0;
  for (const dom::element item : as_array(*list, path + ".where")) {
    const std::string item_path = fmt::format("{}.where[{}]", path, index++);
    count_node(usage, item_path);
    const dom::object test = as_object(item, item_path, "an object");
    allow_keys(test, item_path,
               {"property", "op", "value", "case_insensitive", "accent_insensitive", "zone"});
    out.push_back({value_path(require(test, "property", item_path), item_path + ".property"),
                   value_test(usage, test, item_path)});
  }
  return out;
}

namespace {

std::pair<dom::element, dom::element> pair_of(const dom::element& element,
                                              const std::string& path) {
  const dom::array array = as_array(element, path);
  if (array.size() != 2) fail(path, "must hold two values");
  return {array.at(0).value_unsafe(), array.at(1).value_unsafe()};
}

}  // namespace

Window window(const dom::object& object, const std::string& path) {
  Window out;
  bool given = false;
  const auto take = [&](std::string_view key, Window::Kind kind) -> std::optional<dom::element> {
    auto found = find(object, key, path);
    if (!found) return found;
    if (given) fail(fmt::format("{}.{}", path, key), "is a second window; there is one at most");
    given = true;
    out.kind = kind;
    return found;
  };
  if (const auto e = take("within", Window::Kind::kWithin)) {
    out.near = duration(*e, path + ".within");
  }
  if (const auto e = take("older_than", Window::Kind::kOlderThan)) {
    out.near = duration(*e, path + ".older_than");
  }
  if (const auto e = take("between", Window::Kind::kBetween)) {
    const auto [from, to] = pair_of(*e, path + ".between");
    out.from = instant(from, path + ".between[0]");
    out.to = instant(to, path + ".between[1]");
    if (out.to <= out.from) fail(path + ".between[1]", "must be later than the first");
  }
  if (const auto e = take("between_ago", Window::Kind::kBetweenAgo)) {
    const auto [far, near] = pair_of(*e, path + ".between_ago");
    out.far = duration(far, path + ".between_ago[0]");
    out.near = duration(near, path + ".between_ago[1]");
    if (out.far <= out.near) fail(path + ".between_ago[1]", "must be shorter than the first");
  }
  if (const auto e = take("in_period", Window::Kind::kInPeriod)) {
    out.period = period(*e, path + ".in_period");
    out.zone = zone(object, path);
  } else if (find(object, "zone", path)) {
    fail(path + ".zone", "stands only beside in_period");
  }
  return out;
}

std::vector<CountTest> count_tests(const dom::element& element, const std::string& path) {
  constexpr std::string_view kKnown = "eq, ne, gt, gte, lt, lte, between";
  std::vector<CountTest> out;
  const auto whole = [](const dom::element& e, const std::string& field) {
    int64_t value = 0;
    if (e.get(value) != simdjson::SUCCESS || value < 0 || value > limits::kMaxConditionCount) {
      fail(field, fmt::format("must be a whole number from 0 to {}", limits::kMaxConditionCount));
    }
    return value;
  };
  for (const auto& entry : as_object(element, path, "an object like {\"gte\":3}")) {
    const std::string op_path = fmt::format("{}.{}", path, utf8_prefix(entry.key, 64));
    CountTest test;
    bool known = false;
    for (int op = 0; op <= static_cast<int>(CountOp::kBetween); ++op) {
      if (name_of(static_cast<CountOp>(op)) != entry.key) continue;
      test.op = static_cast<CountOp>(op);
      known = true;
    }
    if (!known) fail(op_path, fmt::format("is not one of {}", kKnown));
    if (test.op == CountOp::kBetween) {
      const auto [low, high] = pair_of(entry.value, op_path);
      test.value = whole(low, op_path + "[0]");
      test.upper = whole(high, op_path + "[1]");
      if (test.upper < test.value) fail(op_path + "[1]", "must not be below the first");
    } else {
      test.value = whole(entry.value, op_path);
    }
    for (const CountTest& other : out) {
      if (other.op == test.op) fail(op_path, "is given twice");
    }
    out.push_back(test);
  }
  if (out.empty()) fail(path, fmt::format("must hold at least one of {}", kKnown));
  std::sort(out.begin(), out.end(),
            [](const CountTest& a, const CountTest& b) { return a.op < b.op; });
  return out;
}

namespace {

std::vector<NumberTest> number_tests(const dom::object& object, const std::string& path) {
  std::vector<NumberTest> out;
  const auto value = [](const dom::element& e, const std::string& field) {
    return number(e, field, -limits::kMaxConditionNumber, limits::kMaxConditionNumber);
  };
  for (int index = 0; index <= static_cast<int>(CountOp::kBetween); ++index) {
    const auto op = static_cast<CountOp>(index);
    const auto found = find(object, name_of(op), path);
    if (!found) continue;
    const std::string field = fmt::format("{}.{}", path, name_of(op));
    NumberTest test{op, 0, 0};
    if (op == CountOp::kBetween) {
      const auto [low, high] = pair_of(*found, field);
      test.value = value(low, field + "[0]");
      test.upper = value(high, field + "[1]");
      if (test.upper < test.value) fail(field + "[1]", "must not be below the first");
    } else {
      test.value = value(*found, field);
    }
    out.push_back(test);
  }
  if (out.empty()) fail(path, "must hold at least one of eq, ne, gt, gte, lt, lte, between");
  return out;
}

}  // namespace

std::vector<AggregateTest> aggregates(Usage& usage, const dom::object& object,
                                      const std::string& path) {
  std::vector<AggregateTest> out;
  for (const Aggregate kind :
       {Aggregate::kSum, Aggregate::kAvg, Aggregate::kMin, Aggregate::kMax, Aggregate::kDistinct}) {
    const auto found = find(object, name_of(kind), path);
    if (!found) continue;
    const std::string field = fmt::format("{}.{}", path, name_of(kind));
    count_node(usage, field);
    const dom::object test =
        as_object(*found, field, "an object like {\"property\":\"total\",\"gte\":1000}");
    allow_keys(test, field, {"property", "eq", "ne", "gt", "gte", "lt", "lte", "between"});
    out.push_back({kind, value_path(require(test, "property", field), field + ".property"),
                   number_tests(test, field)});
  }
  return out;
}

}  // namespace rapport::condition_reader
