#include "customers/activity_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/limits/console.h"
#include "stream/event.h"

namespace rapport {
namespace {

using Days = std::chrono::days;
using LocalDay = std::chrono::local_time<Days>;

constexpr int64_t kDayUs = 86'400'000'000;
constexpr size_t kKept = 256;

/// The local day of a UTC column as SQL: its zone's offset, piecewise, then whole days.
std::string local_day_sql(const TimeZone& zone, Timestamp from, Timestamp to,
                          const std::string& column) {
  std::string offset = "CASE";
  Timestamp at = from;
  while (at < to) {
    const auto here = zone.offset_at(at);
    Timestamp next = at + Days(1);
    if (zone.offset_at(next) != here) {
      // Clocks change within this day: find the first microsecond of the new offset.
      Timestamp before = at;
      while (next - before > Micros(1)) {
        const Timestamp middle = before + (next - before) / 2;
        (zone.offset_at(middle) == here ? before : next) = middle;
      }
      offset +=
          fmt::format(" WHEN {} < {} THEN {}", column, to_micros(next), here.count() * 1'000'000);
    }
    at = next;
  }
  const auto last = zone.offset_at(to).count() * 1'000'000;
  const std::string shift =
      offset == "CASE" ? std::to_string(last) : fmt::format("{} ELSE {} END", offset, last);
  return fmt::format("({} + {}) // {}", column, shift, kDayUs);
}

std::string date_text(LocalDay day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()));
}

std::string name_list(const std::vector<std::string>& names, std::vector<WarehouseValue>& params) {
  std::string list;
  for (const std::string& name : names) {
    params.emplace_back(name);
    list += fmt::format("{}${}", list.empty() ? "" : ", ", params.size());
  }
  return list;
}

/// "34.4000" is "34.4".
std::string plain_decimal(std::string decimal) {
  if (decimal.find('.') == std::string::npos) return decimal;
  decimal.erase(decimal.find_last_not_of('0') + 1);
  if (decimal.ends_with('.')) decimal.pop_back();
  return decimal;
}

/// `groups` is the SQL of what rows are gathered by: the local day, or the span.
std::string figures_sql(const std::string& group, const std::string& own_not_in,
                        const std::string& names) {
  return fmt::format(R"sql(
SELECT g, count(DISTINCT c) FILTER (WHERE own), count(*) FILTER (WHERE own),
  CAST(coalesce(sum(CASE WHEN name = 'Order Completed' THEN amount ELSE -amount END), 0) AS VARCHAR),
  count(DISTINCT message) FILTER (WHERE name = $5),
  count(DISTINCT message) FILTER (WHERE name = $6),
  count(DISTINCT message) FILTER (WHERE name = $7)
FROM (SELECT CAST({} AS BIGINT) AS g, coalesce(s.successor, e.customer) AS c, e.name AS name,
    e.name NOT IN ({}) AS own,
    CASE WHEN e.name IN ({}) THEN json_extract_string(e.properties, '$.message_id') END AS message,
    CASE WHEN e.type = {} AND e.name IN ('Order Completed', 'Order Refunded')
      AND upper(coalesce(json_extract_string(e.properties, '$.currency'), '')) IN ('', $4)
      THEN TRY_CAST(coalesce(json_extract_string(e.properties, '$.total'),
        json_extract_string(e.properties, '$.revenue'),
        json_extract_string(e.properties, '$.value')) AS DECIMAL(24, 4)) END AS amount
  FROM events e LEFT JOIN successors s ON s.workspace = $1 AND s.customer = e.customer
  WHERE e.workspace = $1 AND e.occurred_at >= $2 AND e.occurred_at < $3)
GROUP BY g)sql",
                     group, own_not_in, names, static_cast<int>(EventType::kTrack));
}

std::string new_customers_sql(const std::string& group) {
  return fmt::format(
      "SELECT CAST({} AS BIGINT) AS g, count(*) FROM customers e WHERE e.workspace = $1 AND "
      "e.created_at >= $2 "
      "AND e.created_at < $3 AND e.customer NOT IN (SELECT customer FROM successors "
      "WHERE workspace = $1) GROUP BY g",
      group);
}

}  // namespace

Activity ActivityReader::read(WorkspaceId workspace, int64_t days, const TimeZone& zone,
                              const std::string& currency) const {
  if (days < 1 || days > limits::kMaxActivityDays) {
    throw Error::invalid("days", fmt::format("must be 1 to {}", limits::kMaxActivityDays));
  }
  const Key key{workspace.value, days, zone.name(), currency};
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found != kept_.end() && clock_.steady() - found->second.at < limits::kActivityKept) {
      return found->second.activity;
    }
  }
  Activity activity = compute(workspace, days, zone, currency);
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kKept) kept_.clear();
  kept_[key] = {clock_.steady(), activity};
  return activity;
}

Activity ActivityReader::compute(WorkspaceId workspace, int64_t days, const TimeZone& zone,
                                 const std::string& currency) const {
  const LocalDay today = std::chrono::floor<Days>(zone.to_local(clock_.now()));
  const LocalDay first = today - Days(2 * days - 1);
  const LocalDay middle = today - Days(days - 1);
  const Timestamp from = zone.to_utc(first);
  const Timestamp half = zone.to_utc(middle);
  const Timestamp to = zone.to_utc(today + Days(1));

  Activity activity;
  for (LocalDay day = first; day < middle; day += Days(1)) {
    activity.previous_days.push_back({date_text(day), {}});
  }
  for (LocalDay day = middle; day <= today; day += Days(1)) {
    activity.days.push_back({date_text(day), {}});
  }
  const int64_t first_number = first.time_since_epoch().count();
  const auto by_day = [&](int64_t number) -> ActivityFigures* {
    const int64_t at = number - first_number;
    if (at < 0 || at >= 2 * days) return nullptr;
    return at < days ? &activity.previous_days[size_t(at)].figures
                     : &activity.days[size_t(at - days)].figures;
  };
  const auto by_span = [&](int64_t number) {
    return number == 0 ? &activity.previous : &activity.current;
  };

  std::vector<WarehouseValue> parameters{workspace.value, to_micros(from), to_micros(to), currency,
                                         names_.sent,     names_.opened,   names_.clicked};
  const std::string own = name_list(names_.all, parameters);
  const std::vector<WarehouseValue> span{workspace.value, to_micros(from), to_micros(to)};
  const auto gather = [&](const std::string& occurred, const std::string& created, auto place) {
    warehouse_.query(figures_sql(occurred, own, "$5, $6, $7"), parameters,
                     [&](const WarehouseRow& row) {
                       ActivityFigures* into = place(row.integer(0));
                       if (into == nullptr) return;
                       into->active_customers = row.integer(1);
                       into->events = row.integer(2);
                       into->revenue = plain_decimal(row.text(3));
                       into->sent = row.integer(4);
                       into->opened = row.integer(5);
                       into->clicked = row.integer(6);
                     });
    warehouse_.query(new_customers_sql(created), span, [&](const WarehouseRow& row) {
      if (ActivityFigures* into = place(row.integer(0))) into->new_customers = row.integer(1);
    });
  };
  gather(local_day_sql(zone, from, to, "e.occurred_at"),
         local_day_sql(zone, from, to, "e.created_at"), by_day);
  gather(fmt::format("CASE WHEN e.occurred_at < {} THEN 0 ELSE 1 END", to_micros(half)),
         fmt::format("CASE WHEN e.created_at < {} THEN 0 ELSE 1 END", to_micros(half)), by_span);
  return activity;
}

}  // namespace rapport
