#include "segments/event_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "segments/customer_zone.h"
#include "segments/event_window.h"

namespace rapport {

std::string SqlScope::zones() {
  const std::string first = binder.bind(kZoneTrait);
  const std::string second = binder.bind(kOtherZoneTrait);
  return fmt::format(
      "(SELECT c, segment_zone(coalesce(arg_max(v, k) FILTER (WHERE n = {0}), ''),"
      " coalesce(arg_max(v, k) FILTER (WHERE n = {1}), ''), {2}) AS zone FROM ("
      "SELECT coalesce(s.successor, t.customer) AS c, t.name AS n, coalesce(t.value, 'null') AS v,"
      " t.occurred_at::HUGEINT * 18446744073709551616 + t.log_offset AS k FROM traits t"
      " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = t.customer"
      " WHERE t.workspace = $1 AND t.name IN ({0}, {1}) AND t.occurred_at <= {3}) GROUP BY c)",
      first, second, binder.bind(asked.workspace_zone->name()), binder.bind(moment.horizon));
}

AskedSql EventRows::asked() {
  return {scope_.asked, "z"};
}

std::string EventRows::bounds(const TimeRange& range, std::string_view time) {
  std::string out;
  if (range.from > kTimeBegin) {
    out += fmt::format("{} >= {}", time, scope_.binder.bind(range.from));
  }
  if (range.to < kTimeEnd) {
    out += fmt::format("{}{} < {}", out.empty() ? "" : " AND ", time, scope_.binder.bind(range.to));
  }
  return out;
}

void EventRows::read(const EventNames& names) {
  std::string predicate;
  if (names.prefix) {
    predicate = fmt::format("starts_with(e.name, {})", scope_.binder.bind(names.names.front()));
  } else if (names.names.size() == 1) {
    predicate = fmt::format("e.name = {}", scope_.binder.bind(names.names.front()));
  } else {
    for (const std::string& name : names.names) {
      predicate += (predicate.empty() ? "" : ", ") + scope_.binder.bind(name);
    }
    predicate = fmt::format("e.name IN ({})", predicate);
  }
  names_ += (names_.empty() ? "" : " OR ") + predicate;
}

/// Holds the window of every customer, wherever they live.
TimeRange EventRows::widest(const Window& window) const {
  TimeRange range = window_range(window, scope_.asked, scope_.moment.horizon);
  if (window.kind == Window::Kind::kInPeriod && window.zone == ZoneOf::kCustomer) {
    // No two clocks are more than 26 hours apart, so the customer's period and the workspace's
    // begin within two days of each other; on the far side of a year's end, within a period.
    constexpr auto kApart = std::chrono::days(2);
    const AskedAt before{scope_.asked.at - kApart, scope_.asked.workspace_zone,
                         scope_.asked.workspace_zone};
    const AskedAt after{scope_.asked.at + kApart, scope_.asked.workspace_zone,
                        scope_.asked.workspace_zone};
    range.from = window_range(window, before, kTimeEnd - kApart).from - kApart;
    range.to = std::min(window_range(window, after, kTimeEnd - kApart).to + kApart,
                        scope_.moment.horizon + Micros(1));
  }
  return range;
}

void EventRows::within(const Window& window) {
  if (window.kind == Window::Kind::kInPeriod && window.zone == ZoneOf::kCustomer) {
    filter(in(window));
  }
  times_ = bounds(widest(window), "e.occurred_at");
}

void EventRows::since(const Window& window) {
  times_ = bounds({widest(window).from, scope_.moment.horizon + Micros(1)}, "e.occurred_at");
}

std::string EventRows::named(const EventNames& names) {
  name_column_ = true;
  if (names.prefix) {
    return fmt::format("starts_with(n, {})", scope_.binder.bind(names.names.front()));
  }
  std::string list;
  for (const std::string& name : names.names) {
    list += (list.empty() ? "" : ", ") + scope_.binder.bind(name);
  }
  return fmt::format("n IN ({})", list);
}

ValueSql EventRows::property(const ValuePath& path) {
  const auto [found, added] = properties_.emplace(json_pointer(path, 0), properties_.size());
  return {fmt::format("j{}", found->second), fmt::format("x{}", found->second)};
}

std::string EventRows::meets(const std::vector<PropertyTest>& tests) {
  std::string out;
  for (const PropertyTest& test : tests) {
    zone_column_ = zone_column_ || needs_customer_zone(test.test);
    out += (out.empty() ? "" : " AND ") +
           whole_test_sql(scope_.binder, test.test, property(test.property), asked());
  }
  return out.empty() ? "TRUE" : "(" + out + ")";
}

std::string EventRows::matches(const EventFilter& filter, bool name_too) {
  if (!name_too) return meets(filter.where);
  if (filter.where.empty()) return named(filter.names);
  return fmt::format("({} AND {})", named(filter.names), meets(filter.where));
}

std::string EventRows::in(const Window& window) {
  if (window.kind == Window::Kind::kInPeriod && window.zone == ZoneOf::kCustomer) {
    zone_column_ = true;
    return fmt::format("(t < {} AND segment_in_period(t, {}, {}, z))",
                       scope_.binder.bind(scope_.moment.horizon + Micros(1)),
                       scope_.binder.bind(name_of(window.period)),
                       scope_.binder.bind(scope_.asked.at));
  }
  return bounded(window, "t");
}

std::string EventRows::bounded(const Window& window, std::string_view time) {
  const std::string out = bounds(window_range(window, scope_.asked, scope_.moment.horizon), time);
  return out.empty() ? "TRUE" : "(" + out + ")";
}

void EventRows::filter(const std::string& predicate) {
  if (predicate == "TRUE") return;
  filter_ += (filter_.empty() ? "" : " AND ") + predicate;
}

void EventRows::column(const std::string& expression, std::string_view alias) {
  columns_ += fmt::format(", {} AS {}", expression, alias);
}

std::string EventRows::sql() {
  if (times_.empty()) {
    times_ = bounds({kTimeBegin, scope_.moment.horizon + Micros(1)}, "e.occurred_at");
  }
  std::string rows = "SELECT coalesce(s.successor, e.customer) AS c";
  if (!columns_.empty() || !filter_.empty()) rows += ", e.occurred_at AS t, e.log_offset AS o";
  if (name_column_) rows += ", e.name AS n";
  // Among some customers, properties are cut out of the rows that are left.
  const bool narrowed = !scope_.within.empty();
  if (narrowed && !properties_.empty()) rows += ", e.properties AS q";
  std::string texts;
  std::string cut;
  for (const auto& [pointer, index] : properties_) {
    cut += fmt::format(", TRY(json_extract({}, {}))::VARCHAR AS j{}",
                       narrowed ? "q" : "e.properties", scope_.binder.bind(pointer), index);
    texts += fmt::format(", {} AS x{}", text_of_sql(fmt::format("j{}", index)), index);
  }
  if (!narrowed) rows += cut;
  rows += fmt::format(
      " FROM events e LEFT JOIN successors s ON s.workspace = $1 AND s.customer = e.customer"
      " WHERE e.workspace = $1 AND ({}){} AND {}",
      names_, own_ ? fmt::format(" AND e.origin = {}", kWarehouseSystem) : "", times_);
  if (narrowed) {
    rows = fmt::format("SELECT *{} FROM (SELECT * FROM ({}) WHERE c IN ({}))", cut, rows,
                       scope_.within);
  }
  if (zone_column_) {
    rows = fmt::format(
        "SELECT r.*{}, coalesce(y.zone, {}) AS z FROM ({}) r LEFT JOIN {} y ON y.c = r.c", texts,
        scope_.binder.bind(scope_.asked.workspace_zone->name()), rows, scope_.zones());
  } else if (!texts.empty()) {
    rows = fmt::format("SELECT *{} FROM ({})", texts, rows);
  }
  if (columns_.empty() && filter_.empty()) return rows;
  return fmt::format("SELECT c{} FROM ({}){}{}", columns_, rows, filter_.empty() ? "" : " WHERE ",
                     filter_);
}

}  // namespace rapport
