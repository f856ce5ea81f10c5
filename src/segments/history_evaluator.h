// The plain reading of docs/segments.md: one customer's whole history in, the answer of every node
// out, with the evidence and the moment it changes by itself.
//
// It follows no shortcut, so the other evaluators are held against it and an explanation is made of
// it. Time grows with events × nodes; for one customer at a time. Pure; a HistoryEvaluator is used
// by one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "segments/asked_at.h"
#include "segments/condition.h"
#include "segments/moment.h"

namespace rapport {

struct HistoryEvent {
  Timestamp at;
  Offset offset = 0;
  std::string name;
  std::string properties;  // JSON object
  bool own = false;        // the program itself wrote it
};

struct HistoryTrait {
  Timestamp at;
  Offset offset = 0;
  std::string name;
  std::string value;  // JSON; empty or null: removed
};

/// Of one customer with everybody merged into them. In any order.
struct CustomerHistory {
  CustomerId customer;  // the survivor
  std::vector<HistoryEvent> events;
  std::vector<HistoryTrait> traits;
};

struct Verdict {
  std::string pointer;  // RFC 6901, from the condition's root: "/all/1"
  std::string kind;     // "all", "trait", "event", …
  bool value = false;
  /// When the answer of this node becomes another though nothing happens; null when it never does,
  /// or not before limits::kMaxForeseenChanges instants at which a part of it changes.
  std::optional<Timestamp> next_change_at;
  std::string evidence = "{}";  // JSON object
  std::vector<Verdict> children;
};

class HistoryEvaluator {
 public:
  /// `condition` resolved (segment_references.h). Both must outlive the evaluator.
  HistoryEvaluator(const Condition& condition, const TimeZone& workspace_zone)
      : condition_(condition), workspace_zone_(workspace_zone) {}

  bool holds(const CustomerHistory& history, const Moment& moment) const;
  Verdict explain(const CustomerHistory& history, const Moment& moment) const;
  /// When `holds` becomes another though nothing happens; as Verdict::next_change_at.
  std::optional<Timestamp> next_change(const CustomerHistory& history, const Moment& moment) const;

 private:
  const Condition& condition_;
  const TimeZone& workspace_zone_;
};

}  // namespace rapport
