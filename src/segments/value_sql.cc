#include "segments/value_sql.h"

#include <fmt/format.h>

#include "base/error.h"
#include "segments/json_value.h"

namespace rapport {
namespace {

// What JSON calls a number, as whole text.
constexpr std::string_view kNumberPattern = R"('-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?')";

/// Microseconds since 1970, or null when the value is no text that parse_timestamp takes.
std::string instant_of_sql(const ValueSql& value) {
  return fmt::format("segment_instant({})", value.text);
}

std::string bind(SqlBinder& binder, const Literal& literal) {
  return std::visit([&](const auto& value) { return binder.bind(value); }, literal);
}

/// Equal to one of `values`.
std::string in_sql(SqlBinder& binder, const std::vector<Literal>& values, const ValueSql& value) {
  std::string texts;
  std::string numbers;
  std::string instants;
  std::string out;
  const auto add = [](std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ", ") + item;
  };
  for (const Literal& literal : values) {
    if (const auto* text = std::get_if<std::string>(&literal)) {
      add(texts, binder.bind(*text));
      if (const auto t = parse_timestamp(*text)) add(instants, binder.bind(*t));
    } else if (const auto* flag = std::get_if<bool>(&literal)) {
      out += fmt::format("{0} = '{2}' OR {1} = '{2}' OR ", value.json, value.text,
                         *flag ? "true" : "false");
    } else {
      add(numbers, binder.bind(as_double(literal)));
    }
  }
  if (!texts.empty()) out += fmt::format("{} IN ({}) OR ", value.text, texts);
  if (!numbers.empty()) out += fmt::format("{} IN ({}) OR ", number_of_sql(value), numbers);
  if (!instants.empty()) out += fmt::format("{} IN ({}) OR ", instant_of_sql(value), instants);
  out.resize(out.size() - 4);
  return "(" + out + ")";
}

/// An element of an array that is equal.
std::string includes_sql(SqlBinder& binder, const std::vector<Literal>& values,
                         const ValueSql& value) {
  const std::string equal = in_sql(binder, values, {"e", text_of_sql("e")});
  return fmt::format(
      "len(list_filter(CASE WHEN starts_with({0}, '[') THEN json_extract({0}, '$[*]')::VARCHAR[]"
      " END, lambda e: coalesce({1}, FALSE))) > 0",
      value.json, equal);
}

std::string contains_sql(SqlBinder& binder, const Literal& literal, const ValueSql& value) {
  std::string out = includes_sql(binder, {literal}, value);
  if (const auto* text = std::get_if<std::string>(&literal)) {
    out += fmt::format(" OR contains({}, {})", value.text, binder.bind(*text));
  }
  return "(" + out + ")";
}

std::string_view operator_of(ValueOp op) {
  switch (op) {
    case ValueOp::kGt:
    case ValueOp::kAfter:
      return ">";
    case ValueOp::kGte:
    case ValueOp::kBetween:
      return ">=";
    case ValueOp::kLt:
    case ValueOp::kBefore:
      return "<";
    default:
      return "<=";
  }
}

/// What the stored value is compared as, and the literal beside it.
std::string order_sql(SqlBinder& binder, std::string_view op, const Literal& literal,
                      const ValueSql& value) {
  if (const auto* text = std::get_if<std::string>(&literal)) {
    if (const auto t = parse_timestamp(*text)) {
      return fmt::format("({} {} {})", instant_of_sql(value), op, binder.bind(*t));
    }
    return fmt::format("({} {} {})", value.text, op, binder.bind(*text));
  }
  return fmt::format("({} {} {})", number_of_sql(value), op, binder.bind(as_double(literal)));
}

/// Everything else: the evaluators' own code.
std::string function_sql(SqlBinder& binder, const ValueTest& test, const ValueSql& value,
                         const AskedSql& asked) {
  ValueTest positive = test;
  positive.op = positive_form(test.op);
  return fmt::format("segment_meets({}, {}, {}, {})", value.json,
                     binder.bind("{" + to_json(positive) + "}"), binder.bind(asked.asked.at),
                     needs_customer_zone(test) ? asked.customer_zone
                                               : binder.bind(asked.asked.workspace_zone->name()));
}

}  // namespace

std::string text_of_sql(std::string_view json) {
  // Without an escape the text is what stands between the quotation marks, which hold no other.
  return fmt::format(R"(CASE WHEN starts_with({0}, '"') THEN CASE WHEN contains({0}, chr(92)) THEN)"
                     R"( json_extract_string({0}, '$') ELSE trim({0}, '"') END END)",
                     json);
}

std::string number_of_sql(const ValueSql& value) {
  // Of all JSON values only numbers start with a character from '-' to '9'.
  return fmt::format(
      "(CASE WHEN {0} >= '-' AND {0} < ':' THEN TRY_CAST({0} AS DOUBLE)"
      " WHEN regexp_full_match({1}, {2}) THEN TRY_CAST({1} AS DOUBLE) END)",
      value.json, value.text, kNumberPattern);
}

std::string distinct_key_sql(const ValueSql& value) {
  // A text without an escape is as it stands, with its quotation marks.
  return fmt::format(
      R"((CASE WHEN starts_with({0}, '"') THEN CASE WHEN contains({0}, chr(92)) THEN)"
      R"( '"' || json_extract_string({0}, '$') || '"' ELSE {0} END)"
      R"( WHEN {0} >= '-' AND {0} < ':' THEN 'n' || (TRY_CAST({0} AS DOUBLE) + 0.0)::VARCHAR)"
      R"( WHEN {0} IN ('true', 'false') THEN {0} END))",
      value.json);
}

std::string json_pointer(const ValuePath& path, size_t first) {
  std::string out;
  for (size_t i = first; i < path.segments.size(); ++i) {
    out += '/';
    for (const char c : path.segments[i]) {
      if (c == '~') {
        out += "~0";
      } else if (c == '/') {
        out += "~1";
      } else {
        out += c;
      }
    }
  }
  return out;
}

bool needs_customer_zone(const ValueTest& test) {
  return test.zone == ZoneOf::kCustomer;
}

std::string test_sql(SqlBinder& binder, const ValueTest& test, const ValueSql& value,
                     const AskedSql& asked) {
  if (test.case_insensitive || test.accent_insensitive) {
    return function_sql(binder, test, value, asked);
  }
  const ValueOp op = positive_form(test.op);
  switch (op) {
    case ValueOp::kExists:
      return fmt::format("({0} IS NOT NULL AND {0} <> 'null')", value.json);
    case ValueOp::kEq:
    case ValueOp::kIn:
      return in_sql(binder, test.values, value);
    case ValueOp::kContains:
      return contains_sql(binder, test.values.front(), value);
    case ValueOp::kIncludes:
    case ValueOp::kIncludesAny:
      return "(" + includes_sql(binder, test.values, value) + ")";
    case ValueOp::kGt:
    case ValueOp::kGte:
    case ValueOp::kLt:
    case ValueOp::kLte:
    case ValueOp::kBefore:
    case ValueOp::kAfter:
      return order_sql(binder, operator_of(op), test.values.front(), value);
    case ValueOp::kBetween:
      return fmt::format("({} AND {})", order_sql(binder, ">=", test.values[0], value),
                         order_sql(binder, "<=", test.values[1], value));
    case ValueOp::kStartsWith:
    case ValueOp::kEndsWith:
      return fmt::format("{}({}, {})", op == ValueOp::kStartsWith ? "starts_with" : "suffix",
                         value.text, bind(binder, test.values.front()));
    case ValueOp::kWithinLast:
    case ValueOp::kWithinNext: {
      const bool last = op == ValueOp::kWithinLast;
      const Timestamp from = last ? asked.asked.at - test.length : asked.asked.at;
      const Timestamp to = last ? asked.asked.at : asked.asked.at + test.length;
      return fmt::format("({0} > {1} AND {0} <= {2})", instant_of_sql(value), binder.bind(from),
                         binder.bind(to));
    }
    default:
      return function_sql(binder, test, value, asked);
  }
}

std::string whole_test_sql(SqlBinder& binder, const ValueTest& test, const ValueSql& value,
                           const AskedSql& asked) {
  return fmt::format("{}coalesce({}, FALSE)", is_negative(test.op) ? "NOT " : "",
                     test_sql(binder, test, value, asked));
}

}  // namespace rapport
