#include "segments/history_leaf.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/limits.h"
#include "base/limits/segments.h"
#include "base/text.h"
#include "segments/aggregate.h"
#include "segments/bucket.h"
#include "segments/customer_zone.h"
#include "segments/event_window.h"
#include "segments/geo_matcher.h"
#include "segments/sequence_matcher.h"
#include "segments/standing.h"

namespace rapport::history {
namespace {

using Events = std::vector<const HistoryEvent*>;

bool meets(const View& view, const EventMatcher& matcher, const HistoryEvent& event) {
  if (!matcher.relevant(event.name, event.own)) return false;
  JsonDocument document;
  return matcher.where().meets(document.parse(event.properties), view.asked());
}

Events in_window(const View& view, const Window& window) {
  const TimeRange range = window_range(window, view.asked(), view.moment().horizon);
  Events out;
  for (const HistoryEvent* event : view.events()) {
    if (range.holds(event->at)) out.push_back(event);
  }
  return out;
}

Events matching(const View& view, const EventFilter& filter, const Window& window) {
  const EventMatcher matcher(filter);
  Events out;
  for (const HistoryEvent* event : in_window(view, window)) {
    if (meets(view, matcher, *event)) out.push_back(event);
  }
  return out;
}

std::string shown(const HistoryEvent& event) {
  return fmt::format(R"({{"name":{},"at":"{}","offset":{}}})", json_quote(event.name),
                     format_timestamp(event.at), event.offset);
}

/// The latest of `events`, newest first, up to what an explanation shows.
std::string shown(const Events& events) {
  std::string out;
  const size_t count = std::min(events.size(), limits::kMaxEvidence);
  for (size_t i = 0; i < count; ++i) {
    out += (out.empty() ? "" : ",") + shown(*events[events.size() - 1 - i]);
  }
  return "[" + out + "]";
}

Answer occurrence_answer(const View& view, const OccurrenceTest& test, const Events& events) {
  if (events.empty()) return {false, R"({"count":0})"};
  const HistoryEvent& picked = test.last ? *events.back() : *events.front();
  JsonDocument document;
  const bool value =
      window_range(test.window, view.asked(), view.moment().horizon).holds(picked.at) &&
      PropertiesMatcher(test.where).meets(document.parse(picked.properties), view.asked());
  return {value, fmt::format(R"({{"count":{},"{}":{}}})", events.size(),
                             test.last ? "last" : "first", shown(picked))};
}

void earlier(std::optional<Timestamp>& best, std::optional<Timestamp> candidate) {
  if (candidate && (!best || *candidate < *best)) best = candidate;
}

/// When `range`, moments at which something counts, begins or ends next.
std::optional<Timestamp> next_edge(const TimeRange& range, Timestamp at) {
  if (range.from >= range.to) return std::nullopt;
  if (at < range.from && range.from < kTimeEnd) return range.from;
  if (at < range.to && range.to < kTimeEnd) return range.to;
  return std::nullopt;
}

/// The next instant at which an event of `filter` comes into `window` or leaves it, or a test on
/// its properties changes.
std::optional<Timestamp> may_change(const View& view, const EventFilter& filter,
                                    const Window& window) {
  const EventMatcher matcher(filter);
  std::optional<Timestamp> best;
  for (const HistoryEvent* event : view.events()) {
    if (!matcher.relevant(event->name, event->own)) continue;
    earlier(best, next_edge(counted_during(window, event->at, view.asked()), view.asked().at));
    if (!matcher.where().relative()) continue;
    JsonDocument document;
    earlier(best, matcher.where().next_change(document.parse(event->properties), view.asked()));
  }
  return best;
}

bool stands(const View& view, const Standing& standing) {
  const EventMatcher matcher({{false, {standing.begins, standing.ends}}, standing.where, true});
  bool state = false;
  for (const HistoryEvent* event : view.events()) {
    if (meets(view, matcher, *event)) state = event->name == standing.begins;
  }
  return state;
}

std::string channel_of(const HistoryEvent& event) {
  JsonDocument document;
  const auto value = follow(document.parse(event.properties), {{std::string(kChannelProperty)}}, 0);
  return std::string((value ? text_of(*value) : std::nullopt).value_or(""));
}

}  // namespace

View::View(const CustomerHistory& history, const Moment& moment, const TimeZone& workspace_zone)
    : history_(history), moment_(moment), asked_{moment.at, &workspace_zone, &workspace_zone} {
  for (const HistoryEvent& event : history.events) {
    if (event.at <= moment.horizon) events_.push_back(&event);
  }
  std::sort(events_.begin(), events_.end(), [](const HistoryEvent* a, const HistoryEvent* b) {
    return std::tie(a->at, a->offset) < std::tie(b->at, b->offset);
  });
  asked_.customer_zone = &customer_zone(trait(kZoneTrait), trait(kOtherZoneTrait), workspace_zone);
}

std::string_view View::trait(std::string_view name) const {
  const HistoryTrait* in_force = nullptr;
  for (const HistoryTrait& row : history_.traits) {
    if (row.name != name || row.at > moment_.horizon) continue;
    if (in_force == nullptr ||
        std::tie(row.at, row.offset) > std::tie(in_force->at, in_force->offset)) {
      in_force = &row;
    }
  }
  return in_force == nullptr ? std::string_view() : std::string_view(in_force->value);
}

Answer answer(const View& view, const TraitCondition& node) {
  JsonDocument document;
  const std::string_view json = view.trait(node.trait.segments.front());
  const JsonValue value = follow(json.empty() ? JsonValue() : document.parse(json), node.trait, 1);
  const bool meets = ValueMatcher(node.test).meets(value, view.asked());
  return {meets,
          fmt::format(R"({{"found":{}}})", value ? std::string(simdjson::minify(*value)) : "null")};
}

Answer answer(const View& view, const EventCondition& node) {
  const Events events = matching(view, node.filter, node.window);
  if (node.occurrence) return occurrence_answer(view, *node.occurrence, events);
  bool value = true;
  if (!node.count.empty() || node.aggregates.empty()) {
    value = meets_count(node.count, static_cast<int64_t>(events.size()));
  }
  std::string evidence = fmt::format(R"({{"count":{},"events":{})", events.size(), shown(events));
  for (const AggregateTest& test : node.aggregates) {
    Aggregated aggregated(test.aggregate);
    for (const HistoryEvent* event : events) {
      JsonDocument document;
      aggregated.add(follow(document.parse(event->properties), test.property, 0));
    }
    value = aggregated.meets(test.tests) && value;
    const auto number = aggregated.value();
    evidence += fmt::format(R"(,"{}":{})", name_of(test.aggregate),
                            number ? fmt::format("{}", *number) : "null");
  }
  return {value, evidence + "}"};
}

Answer answer(const View& view, const AbsenceCondition& node) {
  const EventMatcher absent(node.absent);
  for (const HistoryEvent* event : matching(view, node.filter, node.window)) {
    const Timestamp end = event->at + node.within;
    if (end > view.asked().at) continue;
    const bool followed =
        std::any_of(view.events().begin(), view.events().end(), [&](const HistoryEvent* other) {
          return std::tie(other->at, other->offset) > std::tie(event->at, event->offset) &&
                 other->at <= end && meets(view, absent, *other);
        });
    if (!followed) return {true, fmt::format(R"({{"event":{}}})", shown(*event))};
  }
  return {false, "{}"};
}

Answer answer(const View& view, const SequenceCondition& node) {
  std::vector<EventMatcher> steps;
  std::vector<std::optional<EventMatcher>> without;
  for (const SequenceStep& step : node.steps) {
    steps.emplace_back(step.filter);
    without.emplace_back();
    if (step.without) without.back().emplace(*step.without);
  }
  SequenceMatcher matcher(node);
  for (const HistoryEvent* event : in_window(view, node.window)) {
    SequenceEvent found{event->at, 0, 0};
    for (size_t i = 0; i < steps.size(); ++i) {
      if (meets(view, steps[i], *event)) found.steps |= uint32_t{1} << i;
      if (without[i] && meets(view, *without[i], *event)) found.without |= uint32_t{1} << i;
    }
    matcher.add(found);
  }
  const auto start = matcher.latest_start();
  if (!start) return {false, "{}"};
  return {true, fmt::format(R"({{"started_at":"{}"}})", format_timestamp(*start))};
}

Answer answer(const View& view, const MessageCondition& node) {
  return answer(view, expand(node));
}

Answer answer(const View& view, const ListCondition& node) {
  return {stands(view, standing_of(node)), "{}"};
}

Answer answer(const View& view, const TopicCondition& node) {
  const std::vector<TopicTrack> tracks = topic_tracks(node);
  TopicLedger ledger(node);
  for (const HistoryEvent* event : view.events()) {
    for (const TopicTrack& track : tracks) {
      if (meets(view, EventMatcher(track.filter), *event)) ledger.add(channel_of(*event), track);
    }
  }
  return {ledger.allowed() == node.subscribed, "{}"};
}

Answer answer(const View& view, const GeoCondition& node) {
  JsonDocument document;
  const std::string_view json = view.trait(node.location.segments.front());
  const JsonValue value =
      follow(json.empty() ? JsonValue() : document.parse(json), node.location, 1);
  std::string evidence = "{}";
  if (const auto point = location_of(value)) {
    evidence = fmt::format(R"({{"lat":{},"lon":{})", point->lat, point->lon);
    if (node.polygon.empty()) {
      evidence += fmt::format(R"(,"km":{:.3f})", distance_km(node.center, *point));
    }
    evidence += "}";
  }
  return {GeoMatcher(node).meets(value), evidence};
}

Answer answer(const View& view, const BucketCondition& node) {
  const int bucket = BucketHash(node.salt).of(view.customer());
  return {bucket >= node.from && bucket < node.to,
          fmt::format(R"({{"bucket":{}}})", bucket / 100.0)};
}

std::optional<Timestamp> may_change(const View& view, const TraitCondition& node) {
  JsonDocument document;
  const std::string_view json = view.trait(node.trait.segments.front());
  const JsonValue value = follow(json.empty() ? JsonValue() : document.parse(json), node.trait, 1);
  return ValueMatcher(node.test).next_change(value, view.asked());
}

std::optional<Timestamp> may_change(const View& view, const EventCondition& node) {
  auto best = may_change(view, node.filter, node.window);
  if (node.occurrence) {
    earlier(best,
            may_change(view, {node.filter.names, node.occurrence->where}, node.occurrence->window));
  }
  return best;
}

std::optional<Timestamp> may_change(const View& view, const AbsenceCondition& node) {
  auto best = may_change(view, node.filter, node.window);
  const Window ever;
  earlier(best, may_change(view, node.absent, ever));
  const EventMatcher matcher(node.filter);
  for (const HistoryEvent* event : view.events()) {
    if (matcher.relevant(event->name, event->own) && event->at + node.within > view.asked().at) {
      earlier(best, event->at + node.within);
    }
  }
  return best;
}

std::optional<Timestamp> may_change(const View& view, const SequenceCondition& node) {
  std::optional<Timestamp> best;
  for (const SequenceStep& step : node.steps) {
    earlier(best, may_change(view, step.filter, node.window));
    if (step.without) earlier(best, may_change(view, *step.without, node.window));
  }
  return best;
}

std::optional<Timestamp> may_change(const View& view, const MessageCondition& node) {
  return may_change(view, expand(node));
}

}  // namespace rapport::history
