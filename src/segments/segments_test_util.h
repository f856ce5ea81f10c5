// A plain reading of docs/segments.md for tests: no SQL, no cleverness, one customer at a time. The
// compiled queries are held against it.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "segments/condition.h"
#include "segments/condition_sql.h"
#include "storage/warehouse.h"

namespace rapport::segments_test {

struct EventRow {
  CustomerId customer;
  Timestamp at;
  std::string name;
  std::string properties;
};

struct TraitRow {
  CustomerId customer;
  Timestamp at;
  std::string name;
  std::string value;
};

/// What one workspace knows. The offset of a row is its place in `events` or `traits`, from 1.
struct History {
  WorkspaceId workspace;
  std::map<CustomerId, Timestamp> created;
  std::vector<EventRow> events;
  std::vector<TraitRow> traits;
  std::map<CustomerId, CustomerId> successors;

  CustomerId root(CustomerId customer) const {
    const auto found = successors.find(customer);
    return found == successors.end() ? customer : found->second;
  }

  /// Adds all of it in one batch; `through` must grow from call to call.
  void append_to(Warehouse& warehouse, Offset base) const {
    WarehouseBatch batch;
    Offset offset = base;
    for (const auto& [customer, at] : created) {
      batch.customers.push_back({++offset, workspace, customer, at});
    }
    for (const EventRow& row : events) {
      batch.events.push_back(
          {++offset, workspace, row.customer, 1, row.name, row.at, row.at, "m", row.properties});
    }
    for (const TraitRow& row : traits) {
      batch.traits.push_back({++offset, workspace, row.customer, row.name, row.value, row.at});
    }
    for (const auto& [customer, successor] : successors) {
      batch.successors.push_back({workspace, customer, successor});
    }
    batch.through = offset;
    warehouse.append(batch);
  }
};

/// One JSON value; absent when null, malformed or not there.
using Value = std::optional<simdjson::dom::element>;

inline Value child(const simdjson::dom::element& parent, const std::string& name) {
  simdjson::dom::object object;
  if (parent.get(object) == simdjson::SUCCESS) {
    for (const auto& entry : object) {
      if (entry.key == name) return entry.value;
    }
    return std::nullopt;
  }
  simdjson::dom::array array;
  if (parent.get(array) != simdjson::SUCCESS) return std::nullopt;
  static const std::regex kIndex("0|[1-9][0-9]{0,8}");
  if (!std::regex_match(name, kIndex)) return std::nullopt;
  size_t left = std::stoul(name);
  for (const simdjson::dom::element element : array) {
    if (left-- == 0) return element;
  }
  return std::nullopt;
}

inline Value follow(Value value, const std::vector<std::string>& names, size_t first) {
  for (size_t i = first; value && i < names.size(); ++i) value = child(*value, names[i]);
  if (value && value->is_null()) return std::nullopt;
  return value;
}

inline std::optional<std::string> text_of(const simdjson::dom::element& element) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

inline std::optional<double> number_of(const simdjson::dom::element& element) {
  double number = 0;
  if (element.is_number() && element.get(number) == simdjson::SUCCESS) return number;
  const auto text = text_of(element);
  static const std::regex kNumber("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?");
  if (!text || !std::regex_match(*text, kNumber)) return std::nullopt;
  return std::strtod(text->c_str(), nullptr);
}

inline std::optional<bool> flag_of(const simdjson::dom::element& element) {
  bool flag = false;
  if (element.get(flag) == simdjson::SUCCESS) return flag;
  const auto text = text_of(element);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

inline std::optional<Timestamp> instant_of(const simdjson::dom::element& element) {
  const auto text = text_of(element);
  return text ? parse_timestamp(*text) : std::nullopt;
}

inline double number_of(const Literal& literal) {
  if (const auto* whole = std::get_if<int64_t>(&literal)) return static_cast<double>(*whole);
  return std::get<double>(literal);
}

inline bool equal(const simdjson::dom::element& element, const Literal& literal) {
  if (const auto* flag = std::get_if<bool>(&literal)) return flag_of(element) == *flag;
  if (const auto* text = std::get_if<std::string>(&literal)) {
    if (text_of(element) == *text) return true;
    const auto instant = parse_timestamp(*text);
    return instant && instant_of(element) == *instant;
  }
  return number_of(element) == number_of(literal);
}

template <class T>
bool ordered(ValueOp op, const std::optional<T>& stored, const T& asked) {
  if (!stored) return false;
  switch (op) {
    case ValueOp::kGt:
      return *stored > asked;
    case ValueOp::kGte:
      return *stored >= asked;
    case ValueOp::kLt:
      return *stored < asked;
    default:
      return *stored <= asked;
  }
}

inline bool contains(const simdjson::dom::element& element, const Literal& literal) {
  simdjson::dom::array array;
  if (element.get(array) == simdjson::SUCCESS) {
    return std::any_of(array.begin(), array.end(),
                       [&](const simdjson::dom::element item) { return equal(item, literal); });
  }
  const auto stored = text_of(element);
  const auto* text = std::get_if<std::string>(&literal);
  return stored && text && stored->find(*text) != std::string::npos;
}

inline bool meets(const Value& value, const ValueTest& test) {
  if (is_negative(test.op)) return !meets(value, {positive_form(test.op), test.values});
  if (!value) return false;
  switch (test.op) {
    case ValueOp::kExists:
      return true;
    case ValueOp::kEq:
    case ValueOp::kIn:
      return std::any_of(test.values.begin(), test.values.end(),
                         [&](const Literal& literal) { return equal(*value, literal); });
    case ValueOp::kContains:
      return contains(*value, test.values.front());
    default:
      break;
  }
  const Literal& literal = test.values.front();
  const auto* text = std::get_if<std::string>(&literal);
  if (!text) return ordered(test.op, number_of(*value), number_of(literal));
  if (const auto instant = parse_timestamp(*text)) {
    return ordered(test.op, instant_of(*value), *instant);
  }
  return ordered(test.op, text_of(*value), *text);
}

class Reference {
 public:
  Reference(const History& history, const Moment& moment) : history_(history), moment_(moment) {}

  std::vector<CustomerId> members(const Condition& condition) {
    std::vector<CustomerId> out;
    for (const auto& [customer, at] : history_.created) {
      if (history_.root(customer) == customer && known(customer) && holds(condition, customer)) {
        out.push_back(customer);
      }
    }
    return out;
  }

 private:
  bool known(CustomerId customer) const {
    if (!moment_.historic) return true;
    const auto is_trace = [&](const auto& row) {
      return history_.root(row.customer) == customer && row.at <= moment_.at;
    };
    return std::any_of(history_.created.begin(), history_.created.end(),
                       [&](const auto& entry) {
                         return history_.root(entry.first) == customer &&
                                entry.second <= moment_.at;
                       }) ||
           std::any_of(history_.events.begin(), history_.events.end(), is_trace) ||
           std::any_of(history_.traits.begin(), history_.traits.end(), is_trace);
  }

  bool holds(const Condition& condition, CustomerId customer) {
    if (const auto* all = std::get_if<AllOf>(&condition.node)) {
      return std::all_of(all->children.begin(), all->children.end(),
                         [&](const Condition& c) { return holds(c, customer); });
    }
    if (const auto* any = std::get_if<AnyOf>(&condition.node)) {
      return std::any_of(any->children.begin(), any->children.end(),
                         [&](const Condition& c) { return holds(c, customer); });
    }
    if (const auto* negation = std::get_if<Negation>(&condition.node)) {
      return !holds(*negation->child, customer);
    }
    if (const auto* trait = std::get_if<TraitCondition>(&condition.node)) {
      return trait_holds(*trait, customer);
    }
    return event_holds(std::get<EventCondition>(condition.node), customer);
  }

  bool trait_holds(const TraitCondition& condition, CustomerId customer) {
    const TraitRow* in_force = nullptr;
    for (const TraitRow& row : history_.traits) {  // in the order of the log
      if (row.name != condition.trait.segments.front()) continue;
      if (history_.root(row.customer) != customer || row.at > moment_.horizon) continue;
      if (!in_force || row.at >= in_force->at) in_force = &row;
    }
    if (!in_force) return meets(std::nullopt, condition.test);
    simdjson::dom::parser parser;
    return meets(follow(parse(parser, in_force->value), condition.trait.segments, 1),
                 condition.test);
  }

  bool event_holds(const EventCondition& condition, CustomerId customer) {
    int64_t count = 0;
    for (const EventRow& row : history_.events) {
      if (row.name != condition.filter.names.names.front() ||
          history_.root(row.customer) != customer)
        continue;
      if (row.at > moment_.horizon) continue;
      if (condition.window.kind == Window::Kind::kWithin &&
          row.at <= moment_.at - condition.window.near)
        continue;
      simdjson::dom::parser parser;
      const Value properties = parse(parser, row.properties);
      count += std::all_of(condition.filter.where.begin(), condition.filter.where.end(),
                           [&](const PropertyTest& test) {
                             return meets(follow(properties, test.property.segments, 0), test.test);
                           });
    }
    return meets_count(condition.count, count);
  }

  static Value parse(simdjson::dom::parser& parser, const std::string& json) {
    simdjson::dom::element element;
    if (parser.parse(simdjson::padded_string(json)).get(element) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    return element;
  }

  const History& history_;
  const Moment moment_;
};

}  // namespace rapport::segments_test
