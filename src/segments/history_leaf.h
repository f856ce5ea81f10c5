// The leaves of HistoryEvaluator: what one node without children says of one history. For
// history_*.cc.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "segments/event_matcher.h"
#include "segments/history_evaluator.h"

namespace rapport::history {

/// One history at one moment. The history outlives it.
class View {
 public:
  View(const CustomerHistory& history, const Moment& moment, const TimeZone& workspace_zone);

  CustomerId customer() const { return history_.customer; }
  const AskedAt& asked() const { return asked_; }
  const Moment& moment() const { return moment_; }
  /// JSON of the trait in force, empty when it has no value.
  std::string_view trait(std::string_view name) const;
  /// Events in order of time, then arrival.
  const std::vector<const HistoryEvent*>& events() const { return events_; }

 private:
  const CustomerHistory& history_;
  Moment moment_;
  AskedAt asked_;
  std::vector<const HistoryEvent*> events_;
};

/// What a leaf says. `evidence` is a JSON object.
struct Answer {
  bool value = false;
  std::string evidence = "{}";
};

Answer answer(const View& view, const TraitCondition& node);
Answer answer(const View& view, const EventCondition& node);
Answer answer(const View& view, const AbsenceCondition& node);
Answer answer(const View& view, const SequenceCondition& node);
Answer answer(const View& view, const MessageCondition& node);
Answer answer(const View& view, const ListCondition& node);
Answer answer(const View& view, const TopicCondition& node);
Answer answer(const View& view, const GeoCondition& node);
Answer answer(const View& view, const BucketCondition& node);

/// Instants after the view's moment at which the answer of a leaf may change by itself: the
/// earliest, or null.
std::optional<Timestamp> may_change(const View& view, const TraitCondition& node);
std::optional<Timestamp> may_change(const View& view, const EventCondition& node);
std::optional<Timestamp> may_change(const View& view, const AbsenceCondition& node);
std::optional<Timestamp> may_change(const View& view, const SequenceCondition& node);
std::optional<Timestamp> may_change(const View& view, const MessageCondition& node);
template <class Leaf>
std::optional<Timestamp> may_change(const View&, const Leaf&) {
  return std::nullopt;
}

}  // namespace rapport::history
