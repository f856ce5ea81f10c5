#include "segments/history_evaluator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/history_leaf.h"

namespace rapport {
namespace {

using history::Answer;
using history::View;

bool holds(const View& view, const Condition& condition);

struct Holds {
  const View& view;
  bool operator()(const AllOf& node) const {
    return std::all_of(node.children.begin(), node.children.end(),
                       [&](const Condition& c) { return holds(view, c); });
  }
  bool operator()(const AnyOf& node) const {
    return std::any_of(node.children.begin(), node.children.end(),
                       [&](const Condition& c) { return holds(view, c); });
  }
  bool operator()(const Negation& node) const { return !holds(view, *node.child); }
  bool operator()(const SegmentCondition& node) const {
    ENSURE(node.resolved != nullptr);
    return holds(view, *node.resolved);
  }
  template <class Leaf>
  bool operator()(const Leaf& leaf) const {
    return history::answer(view, leaf).value;
  }
};

bool holds(const View& view, const Condition& condition) {
  return std::visit(Holds{view}, condition.node);
}

std::optional<Timestamp> may_change(const View& view, const Condition& condition);

struct MayChange {
  const View& view;
  std::optional<Timestamp> earliest(const std::vector<Condition>& children) const {
    std::optional<Timestamp> best;
    for (const Condition& child : children) {
      const auto at = may_change(view, child);
      if (at && (!best || *at < *best)) best = at;
    }
    return best;
  }
  std::optional<Timestamp> operator()(const AllOf& node) const { return earliest(node.children); }
  std::optional<Timestamp> operator()(const AnyOf& node) const { return earliest(node.children); }
  std::optional<Timestamp> operator()(const Negation& node) const {
    return may_change(view, *node.child);
  }
  std::optional<Timestamp> operator()(const SegmentCondition& node) const {
    ENSURE(node.resolved != nullptr);
    return may_change(view, *node.resolved);
  }
  template <class Leaf>
  std::optional<Timestamp> operator()(const Leaf& leaf) const {
    return history::may_change(view, leaf);
  }
};

std::optional<Timestamp> may_change(const View& view, const Condition& condition) {
  return std::visit(MayChange{view}, condition.node);
}

class Explainer {
 public:
  Explainer(const CustomerHistory& history, const Moment& moment, const TimeZone& zone)
      : history_(history), moment_(moment), zone_(zone), view_(history, moment, zone) {}

  Verdict explain(const Condition& condition, const std::string& pointer) const {
    Verdict out = std::visit([&](const auto& node) { return of(node, pointer); }, condition.node);
    out.pointer = pointer;
    out.next_change_at = next_change(condition, out.value);
    return out;
  }

  std::optional<Timestamp> next_change(const Condition& condition, bool now) const {
    Timestamp at = moment_.at;
    for (size_t i = 0; i < limits::kMaxForeseenChanges; ++i) {
      const auto candidate = may_change(view_at(at), condition);
      if (!candidate || *candidate <= at) return std::nullopt;
      at = *candidate;
      if (holds(view_at(at), condition) != now) return at;
    }
    return std::nullopt;
  }

 private:
  /// What will be known then is what is known now: facts ahead of the horizon stay unseen.
  View view_at(Timestamp at) const {
    return View(history_, Moment{at, moment_.horizon, moment_.historic}, zone_);
  }

  Verdict of(const AllOf& node, const std::string& pointer) const {
    Verdict out = with_children("all", node.children, pointer + "/all/");
    out.value = std::all_of(out.children.begin(), out.children.end(),
                            [](const Verdict& child) { return child.value; });
    return out;
  }
  Verdict of(const AnyOf& node, const std::string& pointer) const {
    Verdict out = with_children("any", node.children, pointer + "/any/");
    out.value = std::any_of(out.children.begin(), out.children.end(),
                            [](const Verdict& child) { return child.value; });
    return out;
  }
  Verdict of(const Negation& node, const std::string& pointer) const {
    return with_child("not", *node.child, pointer + "/not", true);
  }
  Verdict of(const SegmentCondition& node, const std::string& pointer) const {
    ENSURE(node.resolved != nullptr);
    Verdict out = with_child("segment", *node.resolved, pointer + "/segment", false);
    out.evidence = fmt::format(R"({{"segment":"{}"}})", to_public(node.segment));
    return out;
  }
  template <class Leaf>
  Verdict of(const Leaf& leaf, const std::string&) const {
    Verdict out;
    Answer answer = history::answer(view_, leaf);
    out.kind = kind_of(leaf);
    out.value = answer.value;
    out.evidence = std::move(answer.evidence);
    return out;
  }

  Verdict with_children(std::string kind, const std::vector<Condition>& children,
                        const std::string& pointer) const {
    Verdict out;
    out.kind = std::move(kind);
    for (const Condition& child : children) {
      out.children.push_back(explain(child, pointer + std::to_string(out.children.size())));
    }
    return out;
  }
  Verdict with_child(std::string kind, const Condition& child, const std::string& pointer,
                     bool negated) const {
    Verdict out;
    out.kind = std::move(kind);
    out.children.push_back(explain(child, pointer));
    out.value = out.children.front().value != negated;
    return out;
  }

  static std::string kind_of(const TraitCondition&) { return "trait"; }
  static std::string kind_of(const EventCondition&) { return "event"; }
  static std::string kind_of(const AbsenceCondition&) { return "absence"; }
  static std::string kind_of(const SequenceCondition&) { return "sequence"; }
  static std::string kind_of(const MessageCondition&) { return "message"; }
  static std::string kind_of(const ListCondition&) { return "list"; }
  static std::string kind_of(const TopicCondition&) { return "topic"; }
  static std::string kind_of(const GeoCondition&) { return "location"; }
  static std::string kind_of(const BucketCondition&) { return "bucket"; }

  const CustomerHistory& history_;
  const Moment& moment_;
  const TimeZone& zone_;
  View view_;
};

}  // namespace

bool HistoryEvaluator::holds(const CustomerHistory& history, const Moment& moment) const {
  return rapport::holds(View(history, moment, workspace_zone_), condition_);
}

Verdict HistoryEvaluator::explain(const CustomerHistory& history, const Moment& moment) const {
  return Explainer(history, moment, workspace_zone_).explain(condition_, "");
}

std::optional<Timestamp> HistoryEvaluator::next_change(const CustomerHistory& history,
                                                       const Moment& moment) const {
  return Explainer(history, moment, workspace_zone_)
      .next_change(condition_, holds(history, moment));
}

}  // namespace rapport
