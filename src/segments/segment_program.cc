#include "segments/segment_program.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "segments/customer_zone.h"
#include "segments/standing.h"

namespace rapport {
namespace {

/// A test that may change its answer while the value stays.
bool is_timed(const std::vector<PropertyTest>& tests) {
  return std::any_of(tests.begin(), tests.end(),
                     [](const PropertyTest& test) { return is_relative(test.test.op); });
}

bool is_timed(const Window& window) {
  return window.kind != Window::Kind::kEver && window.kind != Window::Kind::kBetween;
}

bool asks_customer_zone(const std::vector<PropertyTest>& tests) {
  return std::any_of(tests.begin(), tests.end(), [](const PropertyTest& test) {
    return is_relative(test.test.op) && test.test.zone == ZoneOf::kCustomer;
  });
}

bool asks_customer_zone(const Window& window) {
  return window.kind == Window::Kind::kInPeriod && window.zone == ZoneOf::kCustomer;
}

Micros plus(Micros a, Micros b) {
  return a > Micros::max() - b ? Micros::max() : a + b;
}

/// How long an event can matter to a leaf that looks at it through `window`.
Micros reach(const Window& window) {
  switch (window.kind) {
    case Window::Kind::kWithin:
      return window.near;
    case Window::Kind::kBetweenAgo:
      return window.far;
    default:
      return Micros::max();
  }
}

class LeafBuilder {
 public:
  LeafBuilder(std::string_view zone, uint32_t reading) : zone_(zone), reading_(reading) {}

  LeafSpec build(const Condition& condition) {
    leaf_.condition = condition;
    std::visit([this](const auto& node) { add(node); }, condition.node);
    leaf_.key = to_json(condition) + "|" + std::string(zone_) + meaning_;
    return std::move(leaf_);
  }

 private:
  // Logic and short forms never come here.
  template <class T>
  void add(const T&) {
    throw Error(ErrorCode::kInternal, "Not a leaf of a condition");
  }

  void add(const TraitCondition& node) {
    leaf_.kind = LeafKind::kTraits;
    leaf_.traits.push_back(node.trait.segments.front());
    leaf_.timed = is_relative(node.test.op);
    if (leaf_.timed && node.test.zone == ZoneOf::kCustomer) add_zone_traits();
  }
  void add(const GeoCondition& node) {
    leaf_.kind = LeafKind::kTraits;
    leaf_.traits.push_back(node.location.segments.front());
  }
  void add(const BucketCondition&) { leaf_.kind = LeafKind::kBucket; }

  void add(const EventCondition& node) {
    std::vector<ValuePath> kept;
    for (const AggregateTest& test : node.aggregates) kept.push_back(test.property);
    Micros keep = reach(node.window);
    if (node.occurrence) {
      for (const PropertyTest& test : node.occurrence->where) kept.push_back(test.property);
      note_time(node.occurrence->window);
      note_time(node.occurrence->where);
    }
    add_track(node.filter, std::move(kept), keep);
    note_time(node.window);
  }
  void add(const AbsenceCondition& node) {
    add_track(node.filter, {}, reach(node.window));
    add_track(node.absent, {}, plus(reach(node.window), node.within));
    note_time(node.window);
    leaf_.timed = true;
  }
  void add(const SequenceCondition& node) {
    for (const SequenceStep& step : node.steps) {
      add_track(step.filter, {}, reach(node.window));
      if (step.without) add_track(*step.without, {}, reach(node.window));
    }
    note_time(node.window);
  }

  void add(const ListCondition& node) {
    const Standing standing = standing_of(node);
    for (const std::string& name : {standing.begins, standing.ends}) {
      add_track({{false, {name}}, standing.where, true}, {}, Micros::max());
    }
  }
  void add(const TopicCondition& node) {
    std::vector<ValuePath> kept;
    if (node.channel.empty()) kept.push_back({{std::string(kChannelProperty)}});
    if (reading_ < 2) {
      for (const EventFilter& filter : topic_filters_of_reading_1(node)) {
        add_track(filter, kept, Micros::max());
      }
      return;
    }
    for (const TopicTrack& track : topic_tracks(node)) {
      add_track(track.filter, kept, Micros::max());
    }
    meaning_ += "|topic";
    if (node.kind) meaning_ += std::to_string(static_cast<int>(*node.kind));
    for (const std::string& channel : node.channels) meaning_ += "," + channel;
  }

  void note_time(const Window& window) {
    leaf_.timed = leaf_.timed || is_timed(window);
    if (asks_customer_zone(window)) add_zone_traits();
  }
  void note_time(const std::vector<PropertyTest>& tests) {
    leaf_.timed = leaf_.timed || is_timed(tests);
    if (asks_customer_zone(tests)) add_zone_traits();
  }
  void add_zone_traits() {
    if (leaf_.customer_zone) return;
    leaf_.customer_zone = true;
    leaf_.traits.emplace_back(kZoneTrait);
    leaf_.traits.emplace_back(kOtherZoneTrait);
  }

  // Of the filter, what says the same at any time is settled when an event comes; of the rest, the
  // values are kept.
  void add_track(const EventFilter& filter, std::vector<ValuePath> kept, Micros keep) {
    TrackSpec track;
    track.names = filter.names;
    track.own = filter.own && reading_ >= 2;
    if (track.own && meaning_.empty()) meaning_ = "|own";
    for (const PropertyTest& test : filter.where) {
      if (is_relative(test.test.op)) {
        kept.push_back(test.property);
      } else {
        track.fixed.push_back(test);
      }
    }
    note_time(filter.where);
    std::map<std::string, ValuePath> paths;
    for (ValuePath& path : kept) paths.emplace(to_text(path), std::move(path));
    EventCondition key;
    key.filter.names = track.names;
    key.filter.where = track.fixed;
    track.key = (track.own ? "own|" : "") + to_json(Condition{key});
    for (auto& [text, path] : paths) {
      track.key += "|" + text;
      track.kept.push_back(std::move(path));
    }
    track.keep = keep;
    leaf_.tracks.push_back(std::move(track));
  }

  std::string_view zone_;
  uint32_t reading_;
  std::string meaning_;  // what tells leaves apart that are written alike
  LeafSpec leaf_;
};

class ProgramBuilder {
 public:
  ProgramBuilder(std::string_view zone, uint32_t reading) : zone_(zone), reading_(reading) {}

  SegmentProgram build(const Condition& condition) {
    place(condition);
    return std::move(program_);
  }

 private:
  size_t place(const Condition& condition) {
    return std::visit([&](const auto& node) { return place_node(node, condition); },
                      condition.node);
  }

  size_t place_node(const AllOf& node, const Condition&) {
    return place_logic(ProgramNode::Kind::kAll, node.children);
  }
  size_t place_node(const AnyOf& node, const Condition&) {
    return place_logic(ProgramNode::Kind::kAny, node.children);
  }
  size_t place_node(const Negation& node, const Condition&) {
    ProgramNode out;
    out.kind = ProgramNode::Kind::kNot;
    out.children.push_back(place(*node.child));
    return put(std::move(out));
  }
  size_t place_node(const SegmentCondition& node, const Condition&) {
    ENSURE(node.resolved != nullptr);
    return place(*node.resolved);
  }
  size_t place_node(const MessageCondition& node, const Condition&) {
    return place(Condition{expand(node)});
  }
  template <class Leaf>
  size_t place_node(const Leaf&, const Condition& condition) {
    LeafSpec leaf = LeafBuilder(zone_, reading_).build(condition);
    const auto [known, fresh] = leaves_.emplace(leaf.key, program_.leaves.size());
    if (fresh) program_.leaves.push_back(std::move(leaf));
    ProgramNode out;
    out.kind = ProgramNode::Kind::kLeaf;
    out.leaf = known->second;
    return put(std::move(out));
  }

  size_t place_logic(ProgramNode::Kind kind, const std::vector<Condition>& children) {
    ProgramNode out;
    out.kind = kind;
    for (const Condition& child : children) out.children.push_back(place(child));
    return put(std::move(out));
  }

  size_t put(ProgramNode node) {
    program_.nodes.push_back(std::move(node));
    return program_.nodes.size() - 1;
  }

  std::string_view zone_;
  uint32_t reading_;
  SegmentProgram program_;
  std::unordered_map<std::string, size_t> leaves_;
};

bool evaluate_node(const SegmentProgram& program, size_t at,
                   const std::function<bool(size_t)>& value) {
  const ProgramNode& node = program.nodes[at];
  const auto holds = [&](size_t child) { return evaluate_node(program, child, value); };
  switch (node.kind) {
    case ProgramNode::Kind::kAll:
      return std::all_of(node.children.begin(), node.children.end(), holds);
    case ProgramNode::Kind::kAny:
      return std::any_of(node.children.begin(), node.children.end(), holds);
    case ProgramNode::Kind::kNot:
      return !holds(node.children.front());
    case ProgramNode::Kind::kLeaf:
      return value(node.leaf);
  }
  return false;
}

}  // namespace

bool SegmentProgram::evaluate(const std::function<bool(size_t leaf)>& value) const {
  return evaluate_node(*this, nodes.size() - 1, value);
}

bool is_read_anew(const Condition& condition, uint32_t reading) {
  if (reading >= kSegmentReading) return false;
  const SegmentProgram program = compile_program(condition, "UTC");
  return std::any_of(program.leaves.begin(), program.leaves.end(), [](const LeafSpec& leaf) {
    return std::any_of(leaf.tracks.begin(), leaf.tracks.end(),
                       [](const TrackSpec& track) { return track.own; });
  });
}

SegmentProgram compile_program(const Condition& condition, std::string_view zone,
                               uint32_t reading) {
  return ProgramBuilder(zone, reading).build(condition);
}

}  // namespace rapport
