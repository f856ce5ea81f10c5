#include "segments/condition_sql.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/error.h"
#include "base/limits.h"

namespace rapport {
namespace {

// What JSON calls a number, as whole text.
constexpr std::string_view kNumberPattern = R"('-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?')";
// What parse_timestamp takes; the calendar itself is checked by the cast to TIMESTAMP.
constexpr std::string_view kTimePattern =
    R"('[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ]([01][0-9]|2[0-3]):[0-5][0-9])"
    R"((:([0-5][0-9]|60)([.,][0-9]{1,18})?)?([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?')";

/// SQL of one JSON value: `json` its normalised text, `text` its characters when it is a string.
struct ValueSql {
  std::string json;
  std::string text;
};

std::string text_of(std::string_view json) {
  return fmt::format(R"(CASE WHEN starts_with({0}, '"') THEN json_extract_string({0}, '$') END)",
                     json);
}

/// DOUBLE, or null when the value is no number and no text that is one.
std::string number_of(const ValueSql& value) {
  // Of all JSON values only numbers start with a character from '-' to '9'.
  return fmt::format(
      "(CASE WHEN {0} >= '-' AND {0} < ':' THEN TRY_CAST({0} AS DOUBLE)"
      " WHEN regexp_full_match({1}, {2}) THEN TRY_CAST({1} AS DOUBLE) END)",
      value.json, value.text, kNumberPattern);
}

/// Microseconds since 1970, or null when the value is no text that parse_timestamp takes.
std::string instant_of(const ValueSql& value) {
  constexpr std::string_view kForm =
      "(CASE WHEN regexp_full_match({0}, {1}) AND left({0}, 4) <> '0000' THEN"
      " epoch_us(TRY_CAST(left({0}, 10) AS TIMESTAMP)) + CASE WHEN length({0}) > 10 THEN"
      " TRY_CAST(substr({0}, 12, 2) AS BIGINT) * 3600000000"
      " + TRY_CAST(substr({0}, 15, 2) AS BIGINT) * 60000000"
      " + CASE WHEN substr({0}, 17, 1) = ':' THEN"
      " TRY_CAST(substr({0}, 18, 2) AS BIGINT) * 1000000 ELSE 0 END"
      " + coalesce(TRY_CAST(rpad(left(nullif(regexp_extract({0}, '[.,]([0-9]+)', 1), ''), 6), 6,"
      " '0') AS BIGINT), 0)"
      " - CASE WHEN regexp_matches(substr({0}, 17), '[+-]') THEN"
      " (CASE WHEN contains(substr({0}, 17), '-') THEN -1 ELSE 1 END)"
      " * (TRY_CAST(regexp_extract(substr({0}, 17), '[+-]([0-9]{{2}})', 1) AS BIGINT) * 3600000000"
      " + coalesce(TRY_CAST(nullif(regexp_extract(substr({0}, 17), '[+-][0-9]{{2}}:?([0-9]{{2}})',"
      " 1), '') AS BIGINT), 0) * 60000000) ELSE 0 END"
      " ELSE 0 END END)";
  return fmt::format(kForm, value.text, kTimePattern);
}

/// RFC 6901 pointer of path segments from `first` on; empty text is the whole value.
std::string pointer(const ValuePath& path, size_t first) {
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

class Compiler {
 public:
  Compiler(WorkspaceId workspace, const Moment& moment) : moment_(moment) { bind(workspace.value); }

  CompiledCondition compile(const Condition& condition, std::optional<CustomerId> after) {
    std::string sql = "SELECT u.customer AS customer FROM customers u WHERE u.workspace = $1";
    if (after) sql += fmt::format(" AND u.customer > {}", bind(after->value));
    // A merged customer has no history under its own id, so a condition that nothing meets by
    // itself already leaves it out, and likewise whoever was unknown at the moment.
    if (holds_for_nothing(condition)) {
      sql +=
          " AND NOT EXISTS (SELECT 1 FROM successors s"
          " WHERE s.workspace = $1 AND s.customer = u.customer)";
      if (moment_.historic) sql += " AND u.customer IN (" + known_by_then() + ")";
    }
    sql += " AND " + predicate(condition);
    return {std::move(sql), std::move(parameters_)};
  }

 private:
  template <class T>
  std::string bind(T value) {
    parameters_.emplace_back(std::move(value));
    return fmt::format("${}", parameters_.size());
  }

  std::string bind(const Literal& literal) {
    return std::visit([&](const auto& value) { return bind(value); }, literal);
  }

  /// Bound when first needed: a parameter that the text does not name cannot be bound.
  const std::string& horizon() {
    if (horizon_.empty()) horizon_ = bind(to_micros(moment_.horizon));
    return horizon_;
  }

  /// Customers created by then or with anything recorded of them by then.
  std::string known_by_then() {
    const std::string later = fmt::format(
        "(SELECT customer FROM customers WHERE workspace = $1 AND created_at > {})", horizon());
    return fmt::format(
        "SELECT coalesce(s.successor, k.customer) FROM ("
        "SELECT customer FROM customers WHERE workspace = $1 AND created_at <= {0}"
        " UNION ALL SELECT customer FROM events WHERE workspace = $1 AND occurred_at <= {0}"
        " AND customer IN {1}"
        " UNION ALL SELECT customer FROM traits WHERE workspace = $1 AND occurred_at <= {0}"
        " AND customer IN {1}) k"
        " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = k.customer",
        horizon_, later);
  }

  std::string predicate(const Condition& condition) {
    return std::visit([&](const auto& node) { return node_sql(node); }, condition.node);
  }

  std::string node_sql(const AllOf& node) { return joined(node.children, " AND ", "TRUE"); }
  std::string node_sql(const AnyOf& node) { return joined(node.children, " OR ", "FALSE"); }
  std::string node_sql(const Negation& node) { return "(NOT " + predicate(*node.child) + ")"; }

  template <class Node>
  std::string node_sql(const Node&) {
    refuse("this condition");
  }

  [[noreturn]] static void refuse(std::string_view what) {
    throw Error(ErrorCode::kUnprocessable, fmt::format("The warehouse does not answer {}.", what))
        .with_field("condition", "is not answered yet");
  }

  std::string joined(const std::vector<Condition>& children, std::string_view separator,
                     std::string_view when_empty) {
    if (children.empty()) return std::string(when_empty);
    std::string out = "(";
    for (size_t i = 0; i < children.size(); ++i) {
      if (i > 0) out += separator;
      out += predicate(children[i]);
    }
    return out + ")";
  }

  /// Customers whose row in force meets the positive form; the rest is its complement. Whoever has
  /// no row at all that meets it is out at once, which spares grouping everyone's history. The key
  /// of arg_max is time and offset in one number, 2^64 apart: many times faster than a pair.
  std::string node_sql(const TraitCondition& node) {
    const std::string name = bind(node.trait.segments.front());
    const std::string path = node.trait.segments.size() == 1 ? "'$'" : bind(pointer(node.trait, 1));
    const std::string meets = test_sql(node.test, {"j", "x"});
    return fmt::format(
        "(u.customer {} (WITH r AS (SELECT c, o, l, coalesce({}, FALSE) AS p FROM ("
        "SELECT c, o, l, j, {} AS x FROM (SELECT coalesce(s.successor, t.customer) AS c,"
        " t.occurred_at AS o, t.log_offset AS l, TRY(json_extract(t.value, {}))::VARCHAR AS j"
        " FROM traits t LEFT JOIN successors s ON s.workspace = $1 AND s.customer = t.customer"
        " WHERE t.workspace = $1 AND t.name = {} AND t.occurred_at <= {})))"
        " SELECT c FROM r WHERE c IN (SELECT c FROM r WHERE p)"
        " GROUP BY c HAVING arg_max(p, o::HUGEINT * 18446744073709551616 + l)))",
        is_negative(node.test.op) ? "NOT IN" : "IN", meets, text_of("j"), path, name, horizon());
  }

  /// Customers whose count meets the tests. When none at all would do, it is the complement of
  /// those whose count does not meet them, so that nobody's silence has to be listed.
  std::string node_sql(const EventCondition& node) {
    if (node.filter.names.prefix || node.filter.names.names.size() != 1 ||
        node.window.kind > Window::Kind::kWithin || !node.aggregates.empty() || node.occurrence) {
      refuse("this form of event");
    }
    const bool zero_meets = meets_count(node.count, 0);
    std::string rows = fmt::format(
        "FROM events e LEFT JOIN successors s ON s.workspace = $1 AND s.customer = e.customer"
        " WHERE e.workspace = $1 AND e.name = {} AND e.occurred_at <= {}",
        bind(node.filter.names.names.front()), horizon());
    if (node.window.kind == Window::Kind::kWithin) {
      rows +=
          fmt::format(" AND e.occurred_at > {}", bind(to_micros(moment_.at - node.window.near)));
    }
    if (!node.filter.where.empty()) {
      rows = filtered_rows(node.filter.where, rows);
    } else {
      rows = "SELECT coalesce(s.successor, e.customer) AS c " + rows;
    }
    const std::string meets = count_sql(node.count);
    return fmt::format("(u.customer {} (SELECT c FROM ({}) GROUP BY c HAVING {}))",
                       zero_meets ? "NOT IN" : "IN", rows,
                       zero_meets ? "NOT (" + meets + ")" : meets);
  }

  std::string filtered_rows(const std::vector<PropertyTest>& tests, const std::string& rows) {
    std::map<std::string, size_t> columns;  // by pointer: a property tested twice is read once
    std::string json_columns;
    std::string text_columns;
    std::string where;
    for (const PropertyTest& test : tests) {
      const auto [found, added] = columns.emplace(pointer(test.property, 0), columns.size());
      const ValueSql value{fmt::format("j{}", found->second), fmt::format("x{}", found->second)};
      if (added) {
        json_columns += fmt::format(", TRY(json_extract(e.properties, {}))::VARCHAR AS {}",
                                    bind(found->first), value.json);
        text_columns += fmt::format(", {}, {} AS {}", value.json, text_of(value.json), value.text);
      }
      where += fmt::format("{}{}coalesce({}, FALSE)", where.empty() ? "" : " AND ",
                           is_negative(test.test.op) ? "NOT " : "", test_sql(test.test, value));
    }
    return fmt::format(
        "SELECT c FROM (SELECT c{} FROM (SELECT coalesce(s.successor, e.customer) AS c{} {}))"
        " WHERE {}",
        text_columns, json_columns, rows, where);
  }

  std::string count_sql(const std::vector<CountTest>& tests) {
    if (tests.empty()) return "count(*) >= 1";
    std::string out;
    for (const CountTest& test : tests) {
      out += fmt::format("{}count(*) {} {}", out.empty() ? "" : " AND ", operator_of(test.op),
                         bind(test.value));
    }
    return out;
  }

  static std::string_view operator_of(CountOp op) {
    switch (op) {
      case CountOp::kEq:
        return "=";
      case CountOp::kNe:
        return "<>";
      case CountOp::kGt:
        return ">";
      case CountOp::kGte:
        return ">=";
      case CountOp::kLt:
        return "<";
      case CountOp::kLte:
        return "<=";
      case CountOp::kBetween:
        refuse("count between");
    }
    return "=";
  }

  /// The positive form of a test; null counts as false.
  std::string test_sql(const ValueTest& test, const ValueSql& value) {
    switch (positive_form(test.op)) {
      case ValueOp::kExists:
        return fmt::format("({0} IS NOT NULL AND {0} <> 'null')", value.json);
      case ValueOp::kIn:
        return in_sql(test.values, value);
      case ValueOp::kContains:
        return contains_sql(test.values.front(), value);
      case ValueOp::kGt:
        return order_sql(">", test.values.front(), value);
      case ValueOp::kGte:
        return order_sql(">=", test.values.front(), value);
      case ValueOp::kLt:
        return order_sql("<", test.values.front(), value);
      case ValueOp::kLte:
        return order_sql("<=", test.values.front(), value);
      case ValueOp::kEq:
        return in_sql(test.values, value);
      default:
        refuse(name_of(test.op));
    }
  }

  /// Equal to one of `values`.
  std::string in_sql(const std::vector<Literal>& values, const ValueSql& value) {
    std::string texts;
    std::string numbers;
    std::string instants;
    std::string out;
    const auto add = [](std::string& list, const std::string& item) {
      list += (list.empty() ? "" : ", ") + item;
    };
    for (const Literal& literal : values) {
      if (const auto* text = std::get_if<std::string>(&literal)) {
        add(texts, bind(*text));
        if (const auto t = parse_timestamp(*text)) add(instants, bind(to_micros(*t)));
      } else if (const auto* flag = std::get_if<bool>(&literal)) {
        out += fmt::format("{0} = '{2}' OR {1} = '{2}' OR ", value.json, value.text,
                           *flag ? "true" : "false");
      } else {
        add(numbers, bind(as_double(literal)));
      }
    }
    if (!texts.empty()) out += fmt::format("{} IN ({}) OR ", value.text, texts);
    if (!numbers.empty()) out += fmt::format("{} IN ({}) OR ", number_of(value), numbers);
    if (!instants.empty()) out += fmt::format("{} IN ({}) OR ", instant_of(value), instants);
    out.resize(out.size() - 4);
    return "(" + out + ")";
  }

  /// Text within text, or an element of an array that is equal.
  std::string contains_sql(const Literal& literal, const ValueSql& value) {
    const std::string equal = in_sql({literal}, {"e", text_of("e")});
    std::string out = fmt::format(
        "len(list_filter(CASE WHEN starts_with({0}, '[') THEN json_extract({0}, '$[*]')::VARCHAR[]"
        " END, lambda e: coalesce({1}, FALSE))) > 0",
        value.json, equal);
    if (const auto* text = std::get_if<std::string>(&literal)) {
      out += fmt::format(" OR contains({}, {})", value.text, bind(*text));
    }
    return "(" + out + ")";
  }

  std::string order_sql(std::string_view op, const Literal& literal, const ValueSql& value) {
    if (const auto* text = std::get_if<std::string>(&literal)) {
      if (const auto t = parse_timestamp(*text)) {
        return fmt::format("({} {} {})", instant_of(value), op, bind(to_micros(*t)));
      }
      return fmt::format("({} {} {})", value.text, op, bind(*text));
    }
    return fmt::format("({} {} {})", number_of(value), op, bind(as_double(literal)));
  }

  static double as_double(const Literal& literal) {
    if (const auto* whole = std::get_if<int64_t>(&literal)) return static_cast<double>(*whole);
    return std::get<double>(literal);
  }

  const Moment& moment_;
  std::vector<WarehouseValue> parameters_;
  std::string horizon_;
};

}  // namespace

CompiledCondition compile_condition(WorkspaceId workspace, const Condition& condition,
                                    const Moment& moment, std::optional<CustomerId> after) {
  return Compiler(workspace, moment).compile(condition, after);
}

}  // namespace rapport
