#include "segments/condition.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace rapport {
namespace {

namespace dom = simdjson::dom;

struct OpName {
  ValueOp op;
  std::string_view name;
};
constexpr std::array kValueOps{
    OpName{ValueOp::kEq, "eq"},
    OpName{ValueOp::kNe, "ne"},
    OpName{ValueOp::kIn, "in"},
    OpName{ValueOp::kNotIn, "not_in"},
    OpName{ValueOp::kGt, "gt"},
    OpName{ValueOp::kGte, "gte"},
    OpName{ValueOp::kLt, "lt"},
    OpName{ValueOp::kLte, "lte"},
    OpName{ValueOp::kExists, "exists"},
    OpName{ValueOp::kNotExists, "not_exists"},
    OpName{ValueOp::kContains, "contains"},
    OpName{ValueOp::kNotContains, "not_contains"},
};

struct CountName {
  CountOp op;
  std::string_view name;
};
constexpr std::array kCountOps{
    CountName{CountOp::kEq, "eq"},   CountName{CountOp::kNe, "ne"}, CountName{CountOp::kGt, "gt"},
    CountName{CountOp::kGte, "gte"}, CountName{CountOp::kLt, "lt"}, CountName{CountOp::kLte, "lte"},
};

std::string_view name_of(ValueOp op) {
  for (const OpName& entry : kValueOps) {
    if (entry.op == op) return entry.name;
  }
  return {};
}

std::string_view name_of(CountOp op) {
  for (const CountName& entry : kCountOps) {
    if (entry.op == op) return entry.name;
  }
  return {};
}

bool takes_nothing(ValueOp op) {
  return op == ValueOp::kExists || op == ValueOp::kNotExists;
}
bool takes_list(ValueOp op) {
  return op == ValueOp::kIn || op == ValueOp::kNotIn;
}
bool is_ordering(ValueOp op) {
  return op >= ValueOp::kGt && op <= ValueOp::kLte;
}

class Parser {
 public:
  explicit Parser(std::string_view root) : root_(root) {}

  Condition parse(const dom::element& element, const std::string& path, size_t depth) {
    if (depth > limits::kMaxConditionDepth) {
      fail(path, fmt::format("is nested deeper than {}", limits::kMaxConditionDepth));
    }
    count_node(path);
    const dom::object object = as_object(element, path, "a condition object");
    if (find(object, "all", path)) return Condition{AllOf{children(object, "all", path, depth)}};
    if (find(object, "any", path)) {
      AnyOf any{children(object, "any", path, depth)};
      if (any.children.empty()) fail(path + ".any", "must hold at least one condition");
      return Condition{std::move(any)};
    }
    if (const auto child = find(object, "not", path)) {
      allow_keys(object, path, {"not"});
      return Condition{
          Negation{std::make_shared<const Condition>(parse(*child, path + ".not", depth + 1))}};
    }
    if (const auto trait = find(object, "trait", path)) {
      allow_keys(object, path, {"trait", "op", "value"});
      return Condition{
          TraitCondition{value_path(*trait, path + ".trait"), value_test(object, path)}};
    }
    if (find(object, "event", path)) return Condition{event(object, path)};
    fail(path, "must hold one of: all, any, not, trait, event");
  }

  [[noreturn]] static void fail(const std::string& path, std::string message) {
    throw Error::invalid(path, std::move(message));
  }

 private:
  static dom::object as_object(const dom::element& element, const std::string& path,
                               std::string_view what) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) fail(path, fmt::format("must be {}", what));
    return object;
  }

  static dom::array as_array(const dom::element& element, const std::string& path) {
    dom::array array;
    if (element.get(array) != simdjson::SUCCESS) fail(path, "must be an array");
    return array;
  }

  /// A key given twice is refused: readers of JSON disagree on which one counts.
  static std::optional<dom::element> find(const dom::object& object, std::string_view key,
                                          const std::string& path) {
    std::optional<dom::element> found;
    for (const auto& entry : object) {
      if (entry.key != key) continue;
      if (found) fail(fmt::format("{}.{}", path, key), "is given twice");
      found = entry.value;
    }
    return found;
  }

  static dom::element require(const dom::object& object, std::string_view key,
                              const std::string& path) {
    const auto found = find(object, key, path);
    if (!found) fail(fmt::format("{}.{}", path, key), "is required");
    return *found;
  }

  static void allow_keys(const dom::object& object, const std::string& path,
                         std::initializer_list<std::string_view> allowed) {
    for (const auto& entry : object) {
      if (std::find(allowed.begin(), allowed.end(), entry.key) == allowed.end()) {
        fail(fmt::format("{}.{}", path, utf8_prefix(entry.key, 64)), "is not a known field here");
      }
    }
  }

  void count_node(const std::string& path) {
    if (++nodes_ > limits::kMaxConditionNodes) {
      fail(std::string(root_), fmt::format("has more than {} parts; the first too many is {}",
                                           limits::kMaxConditionNodes, path));
    }
  }

  std::vector<Condition> children(const dom::object& object, std::string_view key,
                                  const std::string& path, size_t depth) {
    allow_keys(object, path, {key});
    const std::string list_path = fmt::format("{}.{}", path, key);
    std::vector<Condition> out;
    size_t index = 0;
    for (const dom::element child : as_array(require(object, key, path), list_path)) {
      out.push_back(parse(child, fmt::format("{}[{}]", list_path, index++), depth + 1));
    }
    return out;
  }

  static std::string text(const dom::element& element, const std::string& path, size_t max_bytes) {
    std::string_view view;
    if (element.get(view) != simdjson::SUCCESS) fail(path, "must be text");
    if (view.size() > max_bytes) fail(path, fmt::format("is longer than {} bytes", max_bytes));
    return std::string(view);
  }

  static ValuePath value_path(const dom::element& element, const std::string& path) {
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

  Literal literal(const dom::element& element, const std::string& path, ValueOp op) {
    if (++values_ > limits::kMaxConditionValues) {
      fail(path, fmt::format("is one value too many: a condition holds at most {}",
                             limits::kMaxConditionValues));
    }
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

  ValueTest value_test(const dom::object& object, const std::string& path) {
    const std::string op_path = path + ".op";
    const std::string op_name = text(require(object, "op", path), op_path, 64);
    const auto* entry = std::find_if(kValueOps.begin(), kValueOps.end(),
                                     [&](const OpName& o) { return o.name == op_name; });
    if (entry == kValueOps.end()) {
      std::string known;
      for (const OpName& o : kValueOps) known += (known.empty() ? "" : ", ") + std::string(o.name);
      fail(op_path, "is not a known operator; known are: " + known);
    }
    ValueTest test{entry->op, {}};
    const std::string value_path = path + ".value";
    if (takes_nothing(test.op)) {
      if (find(object, "value", path)) fail(value_path, "must be absent for " + op_name);
      return test;
    }
    const dom::element value = require(object, "value", path);
    if (!takes_list(test.op)) {
      test.values.push_back(literal(value, value_path, test.op));
      return test;
    }
    size_t index = 0;
    for (const dom::element item : as_array(value, value_path)) {
      test.values.push_back(literal(item, fmt::format("{}[{}]", value_path, index++), test.op));
    }
    if (test.values.empty()) fail(value_path, "must hold at least one value");
    return test;
  }

  EventCondition event(const dom::object& object, const std::string& path) {
    allow_keys(object, path, {"event", "count", "within", "where"});
    EventCondition out;
    out.event = text(require(object, "event", path), path + ".event", limits::kMaxEventNameBytes);
    if (out.event.empty()) fail(path + ".event", "must not be empty");
    if (const auto count = find(object, "count", path)) {
      out.count = count_tests(*count, path + ".count");
    }
    if (const auto within = find(object, "within", path)) {
      out.within = parse_duration(text(*within, path + ".within", 64));
      if (!out.within) {
        fail(path + ".within",
             "must be a whole number and a unit s, m, h, d or w, like 90d, and not zero");
      }
    }
    if (const auto where = find(object, "where", path)) {
      size_t index = 0;
      for (const dom::element item : as_array(*where, path + ".where")) {
        const std::string item_path = fmt::format("{}.where[{}]", path, index++);
        count_node(item_path);
        const dom::object test = as_object(item, item_path, "an object");
        allow_keys(test, item_path, {"property", "op", "value"});
        out.where.push_back(
            {value_path(require(test, "property", item_path), item_path + ".property"),
             value_test(test, item_path)});
      }
    }
    return out;
  }

  static std::vector<CountTest> count_tests(const dom::element& element, const std::string& path) {
    std::vector<CountTest> out;
    for (const auto& entry : as_object(element, path, "an object like {\"gte\":3}")) {
      const std::string op_path = fmt::format("{}.{}", path, utf8_prefix(entry.key, 64));
      const auto* op = std::find_if(kCountOps.begin(), kCountOps.end(),
                                    [&](const CountName& o) { return o.name == entry.key; });
      if (op == kCountOps.end()) fail(op_path, "is not one of eq, ne, gt, gte, lt, lte");
      int64_t value = 0;
      if (entry.value.get(value) != simdjson::SUCCESS || value < 0 ||
          value > limits::kMaxConditionCount) {
        fail(op_path,
             fmt::format("must be a whole number from 0 to {}", limits::kMaxConditionCount));
      }
      for (const CountTest& other : out) {
        if (other.op == op->op) fail(op_path, "is given twice");
      }
      out.push_back({op->op, value});
    }
    if (out.empty()) fail(path, "must hold at least one of eq, ne, gt, gte, lt, lte");
    std::sort(out.begin(), out.end(),
              [](const CountTest& a, const CountTest& b) { return a.op < b.op; });
    return out;
  }

  std::string_view root_;
  size_t nodes_ = 0;
  size_t values_ = 0;
};

void write(std::string& out, const Literal& literal) {
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) {
          out += value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::string>) {
          out += json_quote(value);
        } else {
          out += fmt::format("{}", value);
        }
      },
      literal);
}

void write(std::string& out, const ValueTest& test) {
  out += fmt::format(R"("op":"{}")", name_of(test.op));
  if (takes_nothing(test.op)) return;
  out += R"(,"value":)";
  if (!takes_list(test.op)) return write(out, test.values.front());
  for (size_t i = 0; i < test.values.size(); ++i) {
    out += i == 0 ? '[' : ',';
    write(out, test.values[i]);
  }
  out += ']';
}

std::string format_duration(Micros length) {
  int64_t seconds = length.count() / 1'000'000;
  for (const auto& [unit_s, letter] : {std::pair{86400, 'd'}, {3600, 'h'}, {60, 'm'}}) {
    if (seconds % unit_s == 0) return fmt::format("{}{}", seconds / unit_s, letter);
  }
  return fmt::format("{}s", seconds);
}

void write(std::string& out, const Condition& condition);

void write_list(std::string& out, std::string_view key, const std::vector<Condition>& children) {
  out += fmt::format("{{\"{}\":[", key);
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) out += ',';
    write(out, children[i]);
  }
  out += "]}";
}

void write_event(std::string& out, const EventCondition& event) {
  out += R"({"event":)" + json_quote(event.event);
  if (!event.count.empty()) {
    out += R"(,"count":{)";
    for (size_t i = 0; i < event.count.size(); ++i) {
      if (i > 0) out += ',';
      out += fmt::format(R"("{}":{})", name_of(event.count[i].op), event.count[i].value);
    }
    out += '}';
  }
  if (event.within) out += fmt::format(R"(,"within":"{}")", format_duration(*event.within));
  if (!event.where.empty()) {
    out += R"(,"where":[)";
    for (size_t i = 0; i < event.where.size(); ++i) {
      if (i > 0) out += ',';
      out += R"({"property":)" + json_quote(to_text(event.where[i].property)) + ",";
      write(out, event.where[i].test);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

void write(std::string& out, const Condition& condition) {
  std::visit(
      [&](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, AllOf>) {
          write_list(out, "all", node.children);
        } else if constexpr (std::is_same_v<T, AnyOf>) {
          write_list(out, "any", node.children);
        } else if constexpr (std::is_same_v<T, Negation>) {
          out += R"({"not":)";
          write(out, *node.child);
          out += '}';
        } else if constexpr (std::is_same_v<T, TraitCondition>) {
          out += R"({"trait":)" + json_quote(to_text(node.trait)) + ",";
          write(out, node.test);
          out += '}';
        } else {
          write_event(out, node);
        }
      },
      condition.node);
}

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
  }
  return false;
}

}  // namespace

Condition parse_condition(std::string_view json, std::string_view field) {
  const std::string root(field);
  dom::parser parser;
  // Each level of a condition is an object and an array; a leaf adds up to three.
  if (parser.allocate(std::max<size_t>(json.size(), 64), 2 * limits::kMaxConditionDepth + 8) !=
      simdjson::SUCCESS) {
    throw Error(ErrorCode::kInternal, "The condition could not be read.");
  }
  const auto document = parser.parse(simdjson::padded_string(json));
  if (document.error() == simdjson::DEPTH_ERROR) {
    Parser::fail(root, fmt::format("is nested deeper than {}", limits::kMaxConditionDepth));
  }
  if (document.error() != simdjson::SUCCESS) Parser::fail(root, "is not valid JSON");
  return Parser(root).parse(document.value_unsafe(), root, 1);
}

std::string to_json(const Condition& condition) {
  std::string out;
  write(out, condition);
  return out;
}

bool meets_count(const std::vector<CountTest>& tests, int64_t count) {
  if (tests.empty()) return count >= 1;
  return std::all_of(tests.begin(), tests.end(),
                     [&](const CountTest& test) { return meets(test, count); });
}

bool holds_for_nothing(const Condition& condition) {
  return std::visit(
      [](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, AllOf>) {
          return std::all_of(node.children.begin(), node.children.end(), holds_for_nothing);
        } else if constexpr (std::is_same_v<T, AnyOf>) {
          return std::any_of(node.children.begin(), node.children.end(), holds_for_nothing);
        } else if constexpr (std::is_same_v<T, Negation>) {
          return !holds_for_nothing(*node.child);
        } else if constexpr (std::is_same_v<T, TraitCondition>) {
          return is_negative(node.test.op);
        } else {
          return meets_count(node.count, 0);
        }
      },
      condition.node);
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
    default:
      return op;
  }
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

}  // namespace rapport
