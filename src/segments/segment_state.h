// SegmentState: what the segment engine keeps of one customer, and its compact form in state.db.
//
// Facts are the customer's events that concern some live condition, in the order of their time
// (then of arrival), each with the filters ("tracks") it passed when it came and the property
// values that conditions ask for later. Beside them: which leaves of conditions and which segments
// differ from what they are for a customer without history. So a customer of whom nothing is known
// needs no state at all. Adding is idempotent by (time, offset), so a history that arrives late, by
// a merge or by a backfill ends in the same state. Plain data; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

/// A number of a track, property path, leaf or membership; given once, never again.
using PartId = uint32_t;

struct SegmentFact {
  int64_t at_us = 0;
  Offset offset = 0;
  uint32_t first_track = 0;
  uint32_t track_count = 0;
  uint32_t first_value = 0;
  uint32_t value_count = 0;
};

/// A property's JSON text under the number of its path.
struct FactValue {
  PartId path = 0;
  std::string_view json;
};

class SegmentState {
 public:
  /// Throws kCorrupted.
  static SegmentState decode(std::string_view bytes);
  std::string encode() const;

  bool empty() const { return facts_.empty() && leaves_.empty() && members_.empty(); }
  /// By time, then offset.
  std::span<const SegmentFact> facts() const { return facts_; }
  bool passed(const SegmentFact& fact, PartId track) const {
    for (uint32_t i = 0; i < fact.track_count; ++i) {
      if (tracks_[fact.first_track + i] == track) return true;
    }
    return false;
  }
  std::span<const PartId> tracks_of(const SegmentFact& fact) const {
    return std::span(tracks_).subspan(fact.first_track, fact.track_count);
  }
  /// Null when the event has no such property. Valid until the state changes.
  std::optional<std::string_view> value(const SegmentFact& fact, PartId path) const;

  /// Adds an event, or what is new of one that is there.
  void add(int64_t at_us, Offset offset, std::span<const PartId> tracks,
           std::span<const FactValue> values);
  /// Takes over the facts of a merged customer; leaves and memberships stay this one's.
  void take_over(const SegmentState& other);
  /// Keeps of each fact the tracks for which `keep(track, at_us)`, and no fact without any.
  template <class Keep>
  void prune(const Keep& keep);

  bool leaf(PartId id) const { return contains(leaves_, id); }
  void set_leaf(PartId id, bool on) { set(leaves_, id, on); }
  bool member(PartId slot) const { return contains(members_, slot); }
  void set_member(PartId slot, bool on) { set(members_, slot, on); }
  std::span<const PartId> members() const { return members_; }
  /// Keeps the leaves and memberships that `known(id)` knows.
  template <class KnownLeaf, class KnownSlot>
  void retain(const KnownLeaf& known_leaf, const KnownSlot& known_slot) {
    std::erase_if(leaves_, [&](PartId id) { return !known_leaf(id); });
    std::erase_if(members_, [&](PartId id) { return !known_slot(id); });
  }

 private:
  struct StoredValue {
    PartId path = 0;
    uint32_t begin = 0;
    uint32_t size = 0;
  };

  static bool contains(const std::vector<PartId>& sorted, PartId id);
  static void set(std::vector<PartId>& sorted, PartId id, bool on);
  void put(SegmentFact& fact, std::span<const PartId> tracks, std::span<const FactValue> values);

  std::vector<SegmentFact> facts_;
  // What facts point into; what is replaced stays behind until the next encoding.
  std::vector<PartId> tracks_;
  std::vector<StoredValue> values_;
  std::string text_;
  std::vector<PartId> leaves_;   // sorted
  std::vector<PartId> members_;  // sorted
};

template <class Keep>
void SegmentState::prune(const Keep& keep) {
  std::erase_if(facts_, [&](SegmentFact& fact) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fact.track_count; ++i) {
      const PartId track = tracks_[fact.first_track + i];
      if (keep(track, fact.at_us)) tracks_[fact.first_track + kept++] = track;
    }
    fact.track_count = kept;
    return kept == 0;
  });
}

}  // namespace rapport
