#include "segments/segment_cost.h"

#include <algorithm>
#include <cmath>

#include "segments/event_matcher.h"
#include "segments/event_window.h"
#include "segments/standing.h"

namespace rapport {
namespace {

// Nanoseconds a row on two cores, and what every part of a question takes whatever it reads.
constexpr double kScan = 2;        // a row passed over
constexpr double kCount = 30;      // a row of the name grouped by customer
constexpr double kProperty = 250;  // cutting one property out and comparing it
constexpr double kFunction = 700;  // comparing it by one of segment_functions.h
constexpr double kFollow = 200;    // gathering and following a history
constexpr double kPerLeaf = 8e6;

class Estimator {
 public:
  Estimator(const Moment& moment, const WorkspaceFigures& figures)
      : moment_(moment), figures_(figures) {}

  SegmentCost total(const Condition& condition) {
    add(condition);
    const double ns = ns_ + static_cast<double>(figures_.customers) * kScan;
    return {rows_ + figures_.customers,
            std::chrono::milliseconds(static_cast<int64_t>(std::ceil(ns / 1e6)))};
  }

 private:
  void add(const Condition& condition) {
    std::visit([&](const auto& node) { of(node); }, condition.node);
  }
  void of(const AllOf& node) {
    for (const Condition& child : node.children) add(child);
  }
  void of(const AnyOf& node) {
    for (const Condition& child : node.children) add(child);
  }
  void of(const Negation& node) { add(*node.child); }
  void of(const SegmentCondition& node) {
    if (node.resolved) add(*node.resolved);
  }
  void of(const TraitCondition& node) { trait(node.trait, per_test(node.test)); }
  void of(const GeoCondition& node) { trait(node.location, kFunction); }
  void of(const BucketCondition&) { ns_ += static_cast<double>(figures_.customers) * 100; }
  void of(const MessageCondition& node) { of(expand(node)); }
  void of(const ListCondition& node) { standing(standing_of(node)); }
  void of(const TopicCondition& node) {
    std::vector<EventNames> names;
    double each = kFollow;
    for (const TopicTrack& track : topic_tracks(node)) {
      names.push_back(track.filter.names);
      each = kFollow + per_where(track.filter.where);
    }
    events(names, {}, each);
  }

  void of(const EventCondition& node) {
    double each = kCount + per_where(node.filter.where) +
                  kProperty * static_cast<double>(node.aggregates.size());
    if (node.occurrence) each += kCount + per_where(node.occurrence->where);
    events({node.filter.names}, node.window, each);
  }
  void of(const AbsenceCondition& node) {
    Window since = node.window;
    if (since.kind != Window::Kind::kWithin) since = {};
    events({node.filter.names, node.absent.names}, since,
           kFollow + per_where(node.filter.where) + per_where(node.absent.where));
  }
  void of(const SequenceCondition& node) {
    std::vector<EventNames> names;
    double each = kFollow;
    for (const SequenceStep& step : node.steps) {
      names.push_back(step.filter.names);
      each += per_where(step.filter.where);
      if (!step.without) continue;
      names.push_back(step.without->names);
      each += per_where(step.without->where);
    }
    events(names, node.window, each);
  }
  void standing(const Standing& s) {
    events({{false, {s.begins, s.ends}}}, {}, kCount + per_where(s.where));
  }

  void events(const std::vector<EventNames>& names, const Window& window, double each) {
    static const TimeZone utc;
    const TimeRange range = window_range(window, {moment_.at, &utc, &utc}, moment_.horizon);
    double rows = 0;
    for (const auto& entry : figures_.events) {
      const bool asked = std::any_of(names.begin(), names.end(),
                                     [&](const EventNames& n) { return meets(n, entry.first); });
      if (asked) rows += share(entry.second, range);
    }
    rows_ += static_cast<uint64_t>(rows);
    ns_ += kPerLeaf + static_cast<double>(figures_.event_rows) * kScan + rows * each;
  }

  void trait(const ValuePath& path, double each) {
    const auto found = figures_.traits.find(path.segments.front());
    const double rows = found == figures_.traits.end() ? 0 : share(found->second, all_seen());
    rows_ += static_cast<uint64_t>(rows);
    ns_ += kPerLeaf + static_cast<double>(figures_.trait_rows) * kScan +
           rows * (kCount + kProperty + each);
  }

  TimeRange all_seen() const { return {kTimeBegin, moment_.horizon + Micros(1)}; }

  /// Rows of a name in `range`, were they spread evenly.
  static double share(const NameFigures& figures, const TimeRange& range) {
    const Timestamp from = std::max(range.from, figures.first);
    const Timestamp to = std::min(range.to, figures.last + Micros(1));
    if (to <= from) return 0;
    const double length = static_cast<double>((figures.last - figures.first).count() + 1);
    return std::ceil(static_cast<double>(figures.rows) * static_cast<double>((to - from).count()) /
                     length);
  }

  static double per_test(const ValueTest& test) {
    const bool function = test.case_insensitive || test.accent_insensitive ||
                          test.op == ValueOp::kMatches || is_relative(test.op);
    return function ? kFunction : 0;
  }
  static double per_where(const std::vector<PropertyTest>& where) {
    double sum = 0;
    for (const PropertyTest& test : where) sum += kProperty + per_test(test.test);
    return sum;
  }

  const Moment& moment_;
  const WorkspaceFigures& figures_;
  uint64_t rows_ = 0;
  double ns_ = 0;
};

}  // namespace

SegmentCost estimate_cost(const Condition& condition, const Moment& moment,
                          const WorkspaceFigures& figures) {
  return Estimator(moment, figures).total(condition);
}

std::shared_ptr<const WorkspaceFigures> SegmentCosts::figures(WorkspaceId workspace) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = counted_.find(workspace);
    if (found != counted_.end() && clock_.steady() - found->second.at < kFiguresLifetime) {
      return found->second.figures;
    }
  }
  auto fresh = std::make_shared<WorkspaceFigures>();
  const std::vector<WarehouseValue> parameters{workspace.value};
  const auto count = [&](const std::string& table, std::map<std::string, NameFigures>& names,
                         uint64_t& total) {
    warehouse_.query(
        "SELECT name, count(*), min(occurred_at), max(occurred_at) FROM " + table +
            " WHERE workspace = $1 AND name IS NOT NULL GROUP BY name",
        parameters, [&](const WarehouseRow& row) {
          const auto rows = static_cast<uint64_t>(row.integer(1));
          names[row.text(0)] = {rows, from_micros(row.integer(2)), from_micros(row.integer(3))};
          total += rows;
        });
  };
  count("events", fresh->events, fresh->event_rows);
  count("traits", fresh->traits, fresh->trait_rows);
  warehouse_.query(
      "SELECT count(*) FROM customers WHERE workspace = $1", parameters,
      [&](const WarehouseRow& row) { fresh->customers = static_cast<uint64_t>(row.integer(0)); });
  const std::lock_guard lock(mutex_);
  counted_[workspace] = {clock_.steady(), fresh};
  return fresh;
}

SegmentCost SegmentCosts::estimate(WorkspaceId workspace, const Condition& condition,
                                   const Moment& moment) const {
  return estimate_cost(condition, moment, *figures(workspace));
}

}  // namespace rapport
