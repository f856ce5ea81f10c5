#include "segments/leaf_evaluator.h"

#include <algorithm>
#include <map>
#include <set>

#include "segments/aggregate.h"
#include "segments/customer_zone.h"
#include "segments/event_window.h"
#include "segments/segment_states.h"
#include "segments/sequence_matcher.h"
#include "segments/standing.h"

namespace rapport {
namespace {

constexpr size_t kMaxSteps = 16;  // instants looked at for the moment of a change

PartId path_in(const LiveLeaf& leaf, size_t track, const ValuePath& path) {
  const std::vector<ValuePath>& kept = leaf.spec.tracks[track].kept;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i].segments == path.segments) return leaf.paths[track][i];
  }
  return 0;
}

std::vector<PreparedLeaf::KeptTest> kept_tests(const LiveLeaf& leaf, size_t track,
                                               const std::vector<PropertyTest>& tests,
                                               bool relative_only) {
  std::vector<PreparedLeaf::KeptTest> out;
  for (const PropertyTest& test : tests) {
    if (relative_only && !is_relative(test.test.op)) continue;
    out.push_back({path_in(leaf, track, test.property), ValueMatcher(test.test)});
  }
  return out;
}

/// Reads one leaf of one subject, at one instant after the other.
class Evaluator {
 public:
  Evaluator(const LiveLeaf& leaf, const LeafSubject& subject)
      : leaf_(leaf), prepared_(*leaf.prepared), subject_(subject), customer_zone_(&subject.zone) {
    if (!prepared_.customer_zone) return;
    const std::string first(subject.trait(kZoneTrait).value_or(""));
    const std::string other(subject.trait(kOtherZoneTrait).value_or(""));
    customer_zone_ = &customer_zone(first, other, subject.zone);
  }

  AskedAt asked_at(int64_t at_us) const {
    return {from_micros(at_us), &subject_.zone, customer_zone_};
  }
  bool value(int64_t at_us) {
    const AskedAt asked = asked_at(at_us);
    return std::visit([&](const auto& node) { return holds(node, asked); },
                      leaf_.spec.condition.node);
  }
  std::vector<SegmentFact> counted(const Window& window, const AskedAt& asked) {
    std::vector<SegmentFact> out;
    each_counted(window, asked, [&](const SegmentFact& fact) { out.push_back(fact); });
    return out;
  }
  /// The latest event that was followed by none, in a window that only loses events; null: none.
  std::optional<int64_t> latest_unfollowed(const AbsenceCondition& node, const AskedAt& asked);
  /// When the next event of the window that nothing has followed so far is known to be one.
  int64_t next_unfollowed(const AbsenceCondition& node, const AskedAt& asked);
  std::optional<Timestamp> latest_start(const SequenceCondition& node, const AskedAt& asked);
  /// Instants after `asked.at` at which the value may change, in order; sets `open` when there are
  /// others later than these.
  std::set<int64_t> instants(const AskedAt& asked, bool& open);

 private:
  // Logic and short forms are never leaves.
  template <class T>
  bool holds(const T&, const AskedAt&) {
    return false;
  }
  bool holds(const TraitCondition& node, const AskedAt& asked) {
    return prepared_.trait->meets(trait(node.trait), asked);
  }
  bool holds(const GeoCondition& node, const AskedAt&) {
    return prepared_.geo->meets(trait(node.location));
  }
  bool holds(const BucketCondition& node, const AskedAt&) {
    const int bucket = prepared_.bucket->of(subject_.customer);
    return node.from <= bucket && bucket < node.to;
  }
  bool holds(const ListCondition&, const AskedAt&) { return stands(); }
  bool holds(const TopicCondition& node, const AskedAt&) {
    return (leaf_.tracks.size() == 2 ? stands() : is_allowed(node)) == node.subscribed;
  }
  /// What begins is the first track, what ends it the second; with a property kept, of each value
  /// of it by itself.
  bool stands();
  bool is_allowed(const TopicCondition& node);
  /// The text of the property that a leaf keeps of a fact; empty without.
  std::string kept_text(const SegmentFact& fact);
  bool holds(const EventCondition& node, const AskedAt& asked);
  bool holds(const AbsenceCondition& node, const AskedAt& asked);
  bool holds(const SequenceCondition& node, const AskedAt& asked);

  JsonValue trait(const ValuePath& path) {
    const auto json = subject_.trait(path.segments.front());
    return json ? follow(document_.parse(*json), path, 1) : std::nullopt;
  }
  bool meets(const SegmentFact& fact, const std::vector<PreparedLeaf::KeptTest>& tests,
             const AskedAt& asked) {
    return std::all_of(tests.begin(), tests.end(), [&](const PreparedLeaf::KeptTest& test) {
      const auto json = subject_.state.value(fact, test.path);
      return test.matcher.meets(json ? document_.parse(*json) : std::nullopt, asked);
    });
  }
  bool passes(const SegmentFact& fact, size_t filter, const AskedAt& asked) {
    const PreparedLeaf::Filter& f = prepared_.filters[filter];
    return subject_.state.passed(fact, f.track) && meets(fact, f.relative, asked);
  }
  /// Facts of the first filter in the window, the latest first.
  template <class Visit>
  void each_counted(const Window& window, const AskedAt& asked, const Visit& visit) {
    const TimeRange range = window_range(window, asked, kTimeEnd);
    const auto facts = subject_.state.facts();
    for (auto it = facts.rbegin(); it != facts.rend(); ++it) {
      if (it->at_us < to_micros(range.from)) return;
      if (it->at_us < to_micros(range.to) && passes(*it, 0, asked)) visit(*it);
    }
  }
  bool meets_aggregate(const AggregateTest& test, PartId path,
                       const std::vector<SegmentFact>& facts);

  const LiveLeaf& leaf_;
  const PreparedLeaf& prepared_;
  const LeafSubject& subject_;
  const TimeZone* customer_zone_ = nullptr;
  JsonDocument document_;
};

bool Evaluator::holds(const EventCondition& node, const AskedAt& asked) {
  if (node.aggregates.empty() && !node.occurrence) {
    int64_t count = 0;
    each_counted(node.window, asked, [&](const SegmentFact&) { ++count; });
    return meets_count(node.count, count);
  }
  std::vector<SegmentFact> facts = counted(node.window, asked);
  if (node.occurrence) {
    if (facts.empty()) return false;
    const SegmentFact& picked = node.occurrence->last ? facts.front() : facts.back();
    return window_range(node.occurrence->window, asked, kTimeEnd)
               .holds(from_micros(picked.at_us)) &&
           meets(picked, prepared_.occurrence, asked);
  }
  if (!node.count.empty() && !meets_count(node.count, static_cast<int64_t>(facts.size()))) {
    return false;
  }
  for (size_t i = 0; i < node.aggregates.size(); ++i) {
    if (!meets_aggregate(node.aggregates[i], prepared_.aggregates[i], facts)) return false;
  }
  return true;
}

bool Evaluator::meets_aggregate(const AggregateTest& test, PartId path,
                                const std::vector<SegmentFact>& facts) {
  Aggregated aggregated(test.aggregate);
  for (const SegmentFact& fact : facts) {
    if (const auto json = subject_.state.value(fact, path)) aggregated.add(document_.parse(*json));
  }
  return aggregated.meets(test.tests);
}

bool Evaluator::holds(const AbsenceCondition& node, const AskedAt& asked) {
  return latest_unfollowed(node, asked).has_value();
}

std::optional<int64_t> Evaluator::latest_unfollowed(const AbsenceCondition& node,
                                                    const AskedAt& asked) {
  const TimeRange range = window_range(node.window, asked, kTimeEnd);
  const auto facts = subject_.state.facts();
  std::optional<int64_t> next_absent;
  // From the latest back: what follows an event has been seen before it.
  for (auto it = facts.rbegin(); it != facts.rend(); ++it) {
    if (it->at_us < to_micros(range.from)) return std::nullopt;
    const bool known = it->at_us + node.within.count() <= to_micros(asked.at);
    if (known && it->at_us < to_micros(range.to) && passes(*it, 0, asked) &&
        (!next_absent || *next_absent > it->at_us + node.within.count())) {
      return it->at_us;
    }
    if (passes(*it, 1, asked)) next_absent = it->at_us;
  }
  return std::nullopt;
}

int64_t Evaluator::next_unfollowed(const AbsenceCondition& node, const AskedAt& asked) {
  const bool rolling = node.window.kind == Window::Kind::kWithin;
  const auto facts = subject_.state.facts();
  std::optional<int64_t> next_absent;
  int64_t next = kNeverUs;
  for (auto it = facts.rbegin(); it != facts.rend(); ++it) {
    const int64_t known_us = it->at_us + node.within.count();
    if (known_us <= to_micros(asked.at)) return next;
    const bool followed = next_absent && *next_absent <= known_us;
    const bool there = !rolling || node.within < node.window.near;
    if (there && !followed && passes(*it, 0, asked)) next = known_us;
    if (passes(*it, 1, asked)) next_absent = it->at_us;
  }
  return next;
}

std::string Evaluator::kept_text(const SegmentFact& fact) {
  if (leaf_.paths[0].empty()) return {};
  const auto json = subject_.state.value(fact, leaf_.paths[0].front());
  const JsonValue value = json ? document_.parse(*json) : std::nullopt;
  return std::string((value ? text_of(*value) : std::nullopt).value_or(""));
}

bool Evaluator::stands() {
  std::map<std::string, bool> state;
  for (const SegmentFact& fact : subject_.state.facts()) {
    const bool begins = subject_.state.passed(fact, leaf_.tracks[0]);
    if (!begins && !subject_.state.passed(fact, leaf_.tracks[1])) continue;
    state[kept_text(fact)] = begins;
  }
  return std::any_of(state.begin(), state.end(), [](const auto& entry) { return entry.second; });
}

bool Evaluator::is_allowed(const TopicCondition& node) {
  const std::vector<TopicTrack> tracks = topic_tracks(node);
  TopicLedger ledger(node);
  for (const SegmentFact& fact : subject_.state.facts()) {
    for (size_t i = 0; i < tracks.size(); ++i) {
      if (subject_.state.passed(fact, leaf_.tracks[i])) ledger.add(kept_text(fact), tracks[i]);
    }
  }
  return ledger.allowed();
}

bool Evaluator::holds(const SequenceCondition& node, const AskedAt& asked) {
  return latest_start(node, asked).has_value();
}

std::optional<Timestamp> Evaluator::latest_start(const SequenceCondition& node,
                                                 const AskedAt& asked) {
  const TimeRange range = window_range(node.window, asked, kTimeEnd);
  SequenceMatcher matcher(node);
  for (const SegmentFact& fact : subject_.state.facts()) {
    if (fact.at_us < to_micros(range.from)) continue;
    if (fact.at_us >= to_micros(range.to)) break;
    SequenceEvent event;
    event.at = from_micros(fact.at_us);
    for (size_t i = 0; i < prepared_.steps.size(); ++i) {
      const PreparedLeaf::Step& step = prepared_.steps[i];
      if (passes(fact, step.filter, asked)) event.steps |= uint32_t{1} << i;
      if (step.without && passes(fact, *step.without, asked)) event.without |= uint32_t{1} << i;
    }
    if (event.steps != 0 || event.without != 0) matcher.add(event);
  }
  return matcher.latest_start();
}

/// Gathers the instants at which parts of a leaf change by themselves.
class Instants {
 public:
  explicit Instants(const AskedAt& asked) : asked_(asked) {}

  void add(Timestamp t) {
    if (t > asked_.at && t < kTimeEnd) found.insert(to_micros(t));
  }
  void add(const Window& window, int64_t occurred_us) {
    const TimeRange range = counted_during(window, from_micros(occurred_us), asked_);
    if (range.from >= range.to) return;
    add(range.from);
    add(range.to);
  }
  void add(const ValueMatcher& matcher, const JsonValue& value) {
    const auto change = matcher.next_change(value, asked_);
    if (!change) return;
    add(*change);
    open = true;
  }

  std::set<int64_t> found;
  bool open = false;  // a value may change once more after what was found

 private:
  const AskedAt& asked_;
};

std::set<int64_t> Evaluator::instants(const AskedAt& asked, bool& open) {
  Instants out(asked);
  const Condition& condition = leaf_.spec.condition;
  if (const auto* node = std::get_if<TraitCondition>(&condition.node)) {
    out.add(*prepared_.trait, trait(node->trait));
    open = out.open;
    return std::move(out.found);
  }
  const auto* event = std::get_if<EventCondition>(&condition.node);
  const auto* absence = std::get_if<AbsenceCondition>(&condition.node);
  const auto* sequence = std::get_if<SequenceCondition>(&condition.node);
  for (const SegmentFact& fact : subject_.state.facts()) {
    bool concerned = false;
    for (const PreparedLeaf::Filter& filter : prepared_.filters) {
      if (!subject_.state.passed(fact, filter.track)) continue;
      concerned = true;
      for (const PreparedLeaf::KeptTest& test : filter.relative) {
        const auto json = subject_.state.value(fact, test.path);
        out.add(test.matcher, json ? document_.parse(*json) : std::nullopt);
      }
    }
    if (!concerned) continue;
    for (const PreparedLeaf::KeptTest& test : prepared_.occurrence) {
      const auto json = subject_.state.value(fact, test.path);
      out.add(test.matcher, json ? document_.parse(*json) : std::nullopt);
    }
    if (event != nullptr) out.add(event->window, fact.at_us);
    if (event != nullptr && event->occurrence) out.add(event->occurrence->window, fact.at_us);
    if (sequence != nullptr) out.add(sequence->window, fact.at_us);
    if (absence != nullptr) {
      out.add(absence->window, fact.at_us);
      out.add(from_micros(fact.at_us) + absence->within);
    }
  }
  open = out.open;
  return std::move(out.found);
}

/// Whether as time passes the window only loses events, the oldest first, and nothing else of the
/// leaf changes.
bool only_loses(const LiveLeaf& leaf, const Window& window) {
  const auto& filters = leaf.prepared->filters;
  return (window.kind == Window::Kind::kWithin || window.kind == Window::Kind::kEver) &&
         std::all_of(filters.begin(), filters.end(),
                     [](const PreparedLeaf::Filter& f) { return f.relative.empty(); });
}

int64_t end_in(const Window& window, int64_t occurred_us) {
  return window.kind == Window::Kind::kWithin ? occurred_us + window.near.count() : kNeverUs;
}

// The events leave the window in the order of their times, so the counts to come are known.
int64_t next_count_change(const EventCondition& node, std::vector<SegmentFact> counted,
                          bool value) {
  auto left = static_cast<int64_t>(counted.size());
  for (size_t i = counted.size(); i-- > 0;) {  // the latest stand first
    --left;
    if (i > 0 && counted[i - 1].at_us == counted[i].at_us) continue;
    if (meets_count(node.count, left) != value) return counted[i].at_us + node.window.near.count();
  }
  return kNeverUs;
}

}  // namespace

PreparedLeaf::PreparedLeaf(const LiveLeaf& leaf) {
  const LeafSpec& spec = leaf.spec;
  customer_zone = spec.customer_zone;
  std::vector<const EventFilter*> sources;
  if (const auto* node = std::get_if<TraitCondition>(&spec.condition.node)) {
    trait.emplace(node->test);
  } else if (const auto* where = std::get_if<GeoCondition>(&spec.condition.node)) {
    geo.emplace(*where);
  } else if (const auto* part = std::get_if<BucketCondition>(&spec.condition.node)) {
    bucket.emplace(part->salt);
  } else if (const auto* event = std::get_if<EventCondition>(&spec.condition.node)) {
    sources.push_back(&event->filter);
    if (event->occurrence) occurrence = kept_tests(leaf, 0, event->occurrence->where, false);
    for (const AggregateTest& test : event->aggregates) {
      aggregates.push_back(path_in(leaf, 0, test.property));
    }
  } else if (const auto* absence = std::get_if<AbsenceCondition>(&spec.condition.node)) {
    sources = {&absence->filter, &absence->absent};
  } else if (const auto* sequence = std::get_if<SequenceCondition>(&spec.condition.node)) {
    for (const SequenceStep& step : sequence->steps) {
      Step& out = steps.emplace_back();
      out.filter = sources.size();
      sources.push_back(&step.filter);
      if (!step.without) continue;
      out.without = sources.size();
      sources.push_back(&*step.without);
    }
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    filters.push_back({leaf.tracks[i], kept_tests(leaf, i, sources[i]->where, true)});
  }
}

bool evaluate_leaf(const LiveLeaf& leaf, const LeafSubject& subject, int64_t at_us) {
  return Evaluator(leaf, subject).value(at_us);
}

int64_t next_leaf_change(const LiveLeaf& leaf, const LeafSubject& subject, int64_t at_us,
                         bool value) {
  Evaluator evaluator(leaf, subject);
  const AskedAt asked = evaluator.asked_at(at_us);
  const Condition& condition = leaf.spec.condition;
  if (const auto* node = std::get_if<EventCondition>(&condition.node)) {
    if (only_loses(leaf, node->window) && node->aggregates.empty() && !node->occurrence) {
      if (node->window.kind == Window::Kind::kEver) return kNeverUs;
      return next_count_change(*node, evaluator.counted(node->window, asked), value);
    }
  } else if (const auto* absence = std::get_if<AbsenceCondition>(&condition.node)) {
    if (only_loses(leaf, absence->window)) {
      const auto last = evaluator.latest_unfollowed(*absence, asked);
      return last ? end_in(absence->window, *last) : evaluator.next_unfollowed(*absence, asked);
    }
  } else if (const auto* sequence = std::get_if<SequenceCondition>(&condition.node)) {
    if (only_loses(leaf, sequence->window)) {
      // The chain that began last ends last; what the window loses completes none.
      const auto start = evaluator.latest_start(*sequence, asked);
      return start ? end_in(sequence->window, to_micros(*start)) : kNeverUs;
    }
  }
  bool open = false;
  const std::set<int64_t> instants = evaluator.instants(asked, open);
  size_t steps = 0;
  for (const int64_t instant : instants) {
    if (++steps > kMaxSteps || evaluator.value(instant) != value) return instant;
  }
  // A value that changes more than once is looked at again when it has.
  return open && !instants.empty() ? *instants.begin() : kNeverUs;
}

std::vector<SegmentFact> counted_facts(const LiveLeaf& leaf, const LeafSubject& subject,
                                       int64_t at_us) {
  Evaluator evaluator(leaf, subject);
  const AskedAt asked = evaluator.asked_at(at_us);
  const Condition& condition = leaf.spec.condition;
  if (const auto* event = std::get_if<EventCondition>(&condition.node)) {
    return evaluator.counted(event->window, asked);
  }
  if (const auto* absence = std::get_if<AbsenceCondition>(&condition.node)) {
    return evaluator.counted(absence->window, asked);
  }
  return {};
}

bool holds_without_history(const LiveLeaf& leaf, const TimeZone& zone) {
  if (leaf.spec.kind == LeafKind::kBucket) return false;
  const SegmentState nothing;
  const TraitReader no_trait = [](std::string_view) { return std::nullopt; };
  return evaluate_leaf(leaf, {CustomerId{}, nothing, no_trait, zone}, 0);
}

bool passes_fixed(const std::vector<PreparedTest>& tests, const PropertyReader& property) {
  // The moment means nothing to these.
  static const TimeZone kUtc;
  static const AskedAt kAnyTime{Timestamp{}, &kUtc, &kUtc};
  return std::all_of(tests.begin(), tests.end(), [&](const PreparedTest& test) {
    return test.matcher.meets(property(test.property), kAnyTime);
  });
}

}  // namespace rapport
