// SegmentProgram: a condition taken apart for an evaluator that follows events one by one.
//
// Leaves are told apart from the logic above them, so that equal leaves of many segments are kept
// and evaluated once. A leaf about events names its tracks: which events pass a filter, as far as
// that can be said when they come, and the properties that are asked for later (sums, tests whose
// answer changes with time). Pure, thread-safe; the condition's own limits bound it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "segments/condition.h"
#include "segments/segment_state.h"

namespace rapport {

struct TrackSpec {
  EventNames names;
  bool own = false;                 // see EventFilter
  std::vector<PropertyTest> fixed;  // say the same at any time
  std::vector<ValuePath> kept;
  std::string key;              // equal keys, equal tracks
  Micros keep = Micros::max();  // how long an event can matter
};

enum class LeafKind : uint8_t {
  kTraits,  // asks traits
  kFacts,   // asks events
  kBucket,  // asks the customer's number alone
};

struct LeafSpec {
  LeafKind kind = LeafKind::kFacts;
  Condition condition;  // one leaf, short forms written out
  std::vector<TrackSpec> tracks;
  std::vector<std::string> traits;  // names
  bool timed = false;               // may change while nothing happens
  bool customer_zone = false;       // asks the customer's wall clock
  std::string key;
};

struct ProgramNode {
  enum class Kind : uint8_t { kAll, kAny, kNot, kLeaf };
  Kind kind = Kind::kAll;
  std::vector<size_t> children;  // of kAll, kAny, kNot
  size_t leaf = 0;               // index into the program's leaves
};

struct SegmentProgram {
  std::vector<ProgramNode> nodes;  // the root is the last
  std::vector<LeafSpec> leaves;    // none twice

  /// The value of the whole tree from the values of its leaves; asks only for those it needs.
  bool evaluate(const std::function<bool(size_t leaf)>& value) const;
};

/// How definitions are read. The log tells with which reading a segment was defined, so that what
/// was computed by an older program is followed as that one did until it is computed anew.
///   1  short forms count clients' events too; a topic is whatever was told of it last
///   2  short forms count the program's own events; a topic is as the send gate sees it
inline constexpr uint32_t kSegmentReading = 2;
/// Whether the readings differ on it.
bool is_read_anew(const Condition& condition, uint32_t reading);

/// `condition` resolved (segment_references.h); `zone` is the workspace's, part of what leaves with
/// a calendar mean.
SegmentProgram compile_program(const Condition& condition, std::string_view zone,
                               uint32_t reading = kSegmentReading);

}  // namespace rapport
