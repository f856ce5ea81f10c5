#include "segments/segment_insight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/limits/segment_engine.h"
#include "runtime/zone_cache.h"
#include "segments/calendar.h"

namespace rapport {
namespace {

constexpr std::string_view kFindSurvivor =
    "SELECT coalesce(merged_into, id) FROM customers WHERE id = $1 AND workspace = $2";
constexpr std::string_view kListMerged =
    "SELECT id FROM customers WHERE merged_into = $1 AND workspace = $2";
constexpr std::string_view kListTraits =
    "SELECT name, value, occurred_at, log_offset FROM customer_traits "
    "WHERE customer = $1 AND workspace = $2";

constexpr int kLooks = 3;
constexpr size_t kShares = 20;             // shown of traits, and of outcomes
constexpr size_t kMaxComparedBytes = 100;  // of a trait's value; longer ones tell people apart
constexpr size_t kMaxComparedValues = 50'000;
constexpr std::chrono::days kOutcomes{30};

/// What the state knows of one customer in one segment.
struct Known {
  SegmentDefinition definition;
  CustomerId customer;
  std::vector<CustomerId> ids;  // with those merged into it
  std::vector<HistoryTrait> traits;
  int64_t due_us = kNeverUs;
  int64_t now_us = 0;
};

Known read_known(Connection& c, WorkspaceId workspace, SegmentId segment, CustomerId customer) {
  Known known;
  const auto survivor = c.find(
      kFindSurvivor, [](Statement& row) { return CustomerId{row.id(0)}; }, customer, workspace);
  if (!survivor) throw Error::not_found("customer");
  known.customer = *survivor;
  known.ids.push_back(*survivor);
  c.each(
      kListMerged, [&](Statement& row) { known.ids.push_back({row.id(0)}); }, *survivor, workspace);
  bool found = false;
  for (StoredVersion& v : list_segment_versions(c, workspace)) {
    if (v.definition.segment != segment) continue;
    if (!found || v.status == VersionStatus::kLive) known.definition = std::move(v.definition);
    found = true;
    if (v.status == VersionStatus::kLive) break;
  }
  if (!found) {
    throw Error(ErrorCode::kUnavailable, "The segment is not followed yet")
        .with_retry_after(std::chrono::seconds(1));
  }
  c.each(
      kListTraits,
      [&](Statement& row) {
        known.traits.push_back(
            {row.time(2), row.id(3), std::string(row.text(0)), std::string(row.text(1))});
      },
      *survivor, workspace);
  if (const auto stored = read_segment_state(c, *survivor)) known.due_us = stored->due_us;
  known.now_us = read_segment_time(c);
  return known;
}

/// Events of these customers that the condition looks at.
std::vector<HistoryEvent> read_events(const Warehouse& warehouse, WorkspaceId workspace,
                                      const std::vector<CustomerId>& ids,
                                      const std::vector<EventNames>& names) {
  std::vector<HistoryEvent> events;
  if (names.empty()) return events;
  std::vector<WarehouseValue> parameters{workspace.value};
  std::string list;
  for (const CustomerId id : ids) {
    parameters.emplace_back(id.value);
    list += fmt::format("{}${}", list.empty() ? "" : ", ", parameters.size());
  }
  const std::string sql =
      "SELECT occurred_at, log_offset, name, properties, origin FROM events WHERE workspace = $1 "
      "AND customer IN (" +
      list + ") AND " + event_names_sql(names, parameters);
  warehouse.query(sql, parameters, [&](const WarehouseRow& row) {
    events.push_back({from_micros(row.integer(0)), row.id(1), row.text(2), row.text(3),
                      row.integer(4) == kWarehouseSystem});
  });
  return events;
}

std::vector<SegmentInsight::Share> most_different(std::vector<SegmentInsight::Share> shares) {
  const auto gap = [](const SegmentInsight::Share& s) { return std::abs(s.first - s.second); };
  std::sort(shares.begin(), shares.end(), [&](const auto& a, const auto& b) {
    return std::tuple(-gap(a), a.name, a.value) < std::tuple(-gap(b), b.name, b.value);
  });
  if (shares.size() > kShares) shares.resize(kShares);
  return shares;
}

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

using Counts = std::map<std::pair<std::string, std::string>, std::pair<uint64_t, uint64_t>>;

std::vector<SegmentInsight::Share> to_shares(const Counts& counts, uint64_t first,
                                             uint64_t second) {
  std::vector<SegmentInsight::Share> out;
  for (const auto& [key, count] : counts) {
    out.push_back({key.first, key.second, share(count.first, first), share(count.second, second)});
  }
  return most_different(std::move(out));
}

}  // namespace

SegmentInsight::Explanation SegmentInsight::explain(WorkspaceId workspace, SegmentId segment,
                                                    CustomerId customer) const {
  segments_.get(workspace, segment);
  for (int look = 1;; ++look) {
    Explanation found = explain_once(workspace, segment, customer);
    if (!found.member || *found.member == found.verdict.value || look == kLooks) return found;
  }
}

SegmentInsight::Explanation SegmentInsight::explain_once(WorkspaceId workspace, SegmentId segment,
                                                         CustomerId customer) const {
  Known known =
      state_.read_value([&](Connection& c) { return read_known(c, workspace, segment, customer); });
  const Condition condition = resolve_definition(known.definition);
  const SegmentProgram program = compile_definition(known.definition);
  CustomerHistory history;
  history.customer = known.customer;
  history.traits = std::move(known.traits);
  history.events = read_events(warehouse_, workspace, known.ids, event_names(program));
  // Nothing changes by itself before the customer's next moment, so until then now is as good as
  // the projection's own time.
  const int64_t clock_us = to_micros(clock_.now());
  const int64_t at_us = known.due_us > clock_us ? std::max(clock_us, known.now_us) : known.now_us;
  const TimeZone* zone = system_zones().find(known.definition.time_zone);
  static const TimeZone kUtc;
  Explanation out;
  out.customer = known.customer;
  out.at = from_micros(at_us);
  out.verdict = HistoryEvaluator(condition, zone != nullptr ? *zone : kUtc)
                    .explain(history, Moment::live(out.at));
  out.member = memberships_.contains(workspace, segment, known.customer);
  return out;
}

std::vector<int64_t> size_edges(SizeUnit unit, Timestamp from, Timestamp last,
                                const TimeZone& zone) {
  using std::chrono::hours;
  std::vector<int64_t> edges;
  const auto first_hour = std::chrono::floor<hours>(from).time_since_epoch().count();
  if (unit == SizeUnit::kHour) {
    for (int64_t at = first_hour; Timestamp(hours(at)) < last; ++at) edges.push_back(at);
    if (!edges.empty()) edges.push_back(edges.back() + 1);
    return edges;
  }
  const auto begin = [&](LocalDay day) {
    return std::chrono::ceil<hours>(start_of(day, zone)).time_since_epoch().count();
  };
  LocalDay day = local_day(from, zone);
  if (begin(day) > first_hour) day -= std::chrono::days(1);
  for (; Timestamp(hours(begin(day))) < last; day += std::chrono::days(1)) {
    edges.push_back(begin(day));
  }
  if (!edges.empty()) edges.push_back(begin(day));
  return edges;
}

std::vector<SegmentInsight::SizePoint> SegmentInsight::sizes(WorkspaceId workspace,
                                                             SegmentId segment, SizeUnit unit,
                                                             Timestamp from, Timestamp to) const {
  using std::chrono::hours;
  segments_.get(workspace, segment);
  const auto width = hours(unit == SizeUnit::kDay ? 24 : 1);
  if (to - from > static_cast<int64_t>(limits::kMaxSizePoints) * width) {
    throw Error::invalid("from",
                         fmt::format("is more than {} points before `to`", limits::kMaxSizePoints));
  }
  const auto edges =
      size_edges(unit, from, std::min(to, clock_.now() + Micros(1)), segments_.zone(workspace));
  std::vector<SizePoint> out;
  if (edges.empty()) return out;
  state_.read([&](Connection& c) {
    const auto before = find_segment_hour_before(c, workspace, segment, edges.front());
    const auto found = list_segment_hours(c, workspace, segment, edges.front(), edges.back());
    int64_t size = before ? before->size : 0;
    auto next = found.begin();
    for (size_t i = 0; i + 1 < edges.size(); ++i) {
      SizePoint point;
      point.at = Timestamp(hours(edges[i]));
      for (; next != found.end() && next->hour < edges[i + 1]; ++next) {
        point.entered += next->entered;
        point.left += next->left;
        size = next->size;
      }
      point.size = size;
      // Before it was first computed the segment had no size.
      if (before || next != found.begin()) out.push_back(point);
    }
  });
  return out;
}

std::vector<SegmentInsight::Movement> SegmentInsight::movements(WorkspaceId workspace,
                                                                SegmentId segment, Timestamp from,
                                                                Timestamp to, Offset after,
                                                                size_t limit) const {
  segments_.get(workspace, segment);
  std::vector<Movement> out;
  const std::vector<WarehouseValue> parameters{workspace.value,
                                               to_micros(from),
                                               to_micros(to),
                                               after,
                                               to_public(segment),
                                               limit,
                                               std::string(kSegmentEnteredEvent),
                                               std::string(kSegmentLeftEvent)};
  warehouse_.query(
      "SELECT coalesce(s.successor, e.customer), CASE WHEN e.name = $7 THEN 1 ELSE 0 END, "
      "e.occurred_at,"
      " json_extract_string(e.properties, '$.cause'), e.log_offset FROM events e"
      " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = e.customer"
      " WHERE e.workspace = $1 AND e.occurred_at >= $2 AND e.occurred_at < $3"
      " AND e.log_offset > $4 AND e.name IN ($7, $8) AND e.customer <> 0"
      " AND json_extract_string(e.properties, '$.segment_id') = $5"
      " AND e.origin = 3"
      " ORDER BY e.log_offset LIMIT $6",
      parameters, [&](const WarehouseRow& row) {
        out.push_back({CustomerId{row.id(0)}, row.integer(1) != 0, from_micros(row.integer(2)),
                       row.is_null(3) ? std::string() : row.text(3), row.id(4)});
      });
  return out;
}

CustomerSet SegmentInsight::members(WorkspaceId workspace, SegmentId id) const {
  const Segment segment = segments_.get(workspace, id);
  if (auto live = memberships_.snapshot(workspace, id)) return std::move(*live);
  CustomerSet set;
  segments_.each_member(
      segment, [&](CustomerId customer) { set.add(customer); }, std::nullopt);
  return set;
}

SegmentInsight::Overlap SegmentInsight::overlap(WorkspaceId workspace,
                                                std::span<const SegmentId> segments) const {
  std::vector<CustomerSet> sets;
  Overlap out;
  for (const SegmentId segment : segments) {
    sets.push_back(members(workspace, segment));
    out.sizes.push_back(sets.back().size());
  }
  out.exact = count_exact_overlaps(sets);
  return out;
}

SegmentInsight::Comparison SegmentInsight::compare(WorkspaceId workspace, SegmentId first,
                                                   SegmentId second) const {
  const CustomerSet a = members(workspace, first);
  const CustomerSet b = members(workspace, second);
  Comparison out;
  out.first_size = a.size();
  out.second_size = b.size();
  Counts traits;
  const auto count = [&](Counts& counts, CustomerId customer, std::string name, std::string value) {
    const bool in_a = a.contains(customer);
    const bool in_b = b.contains(customer);
    if ((!in_a && !in_b) || counts.size() >= kMaxComparedValues) return;
    auto& [of_a, of_b] = counts[{std::move(name), std::move(value)}];
    of_a += in_a ? 1 : 0;
    of_b += in_b ? 1 : 0;
  };
  a.each([&](CustomerId customer) { out.both += b.contains(customer) ? 1 : 0; });
  warehouse_.query(
      "SELECT c, name, arg_max(value, o::HUGEINT * 18446744073709551616 + l) FROM ("
      "SELECT coalesce(s.successor, t.customer) AS c, t.name AS name, t.value AS value,"
      " t.occurred_at AS o, t.log_offset AS l FROM traits t"
      " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = t.customer"
      " WHERE t.workspace = $1) GROUP BY c, name",
      std::vector<WarehouseValue>{workspace.value}, [&](const WarehouseRow& row) {
        if (row.is_null(2)) return;
        std::string value = row.text(2);
        if (value.size() > kMaxComparedBytes) return;
        count(traits, CustomerId{row.id(0)}, row.text(1), std::move(value));
      });
  // A value that one person alone has tells nothing of two groups.
  std::erase_if(traits, [](const auto& t) { return t.second.first + t.second.second < 2; });
  out.traits = to_shares(traits, out.first_size, out.second_size);
  Counts outcomes;
  warehouse_.query(
      "SELECT DISTINCT coalesce(s.successor, e.customer), e.name FROM events e"
      " LEFT JOIN successors s ON s.workspace = $1 AND s.customer = e.customer"
      " WHERE e.workspace = $1 AND e.occurred_at > $2 AND e.customer <> 0 AND e.name <> ''",
      std::vector<WarehouseValue>{workspace.value, to_micros(clock_.now() - kOutcomes)},
      [&](const WarehouseRow& row) {
        count(outcomes, CustomerId{row.id(0)}, row.text(1), std::string());
      });
  out.outcomes = to_shares(outcomes, out.first_size, out.second_size);
  return out;
}

}  // namespace rapport
