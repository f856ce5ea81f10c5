// SegmentLedger: membership changes that the log does not have yet, and the sizes of segments hour
// by hour; both in state.db.
//
// A change is a row from the event that made it to the "Segment Entered" or "Segment Left" event
// that tells of it; that event, applied, removes the row. So each change is told once, whatever
// crashes, and a replay tells nothing twice. Gathered during a batch, written in `flush`.
// Concurrency: the projector's thread; the read functions from any.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "segments/segment_events.h"
#include "storage/state_store.h"

namespace rapport {

class SegmentLedger {
 public:
  static std::string_view schema();

  /// `size` is the segment's after the change.
  void add(SegmentChange change, int64_t size);
  /// The log has the change.
  void settle(Connection& state, uint64_t change, SegmentId segment);
  /// Notes a size that nobody's entering or leaving explains (a merge).
  void note_size(WorkspaceId workspace, SegmentId segment, Timestamp at, int64_t size);

  void begin(uint64_t next_change) { next_change_ = next_change; }
  uint64_t next_change() const { return next_change_; }
  void flush(Connection& state);
  void clear();

 private:
  struct Hour {
    int64_t entered = 0;
    int64_t left = 0;
    int64_t size = 0;
  };
  Hour& hour_of(WorkspaceId workspace, SegmentId segment, Timestamp at);

  uint64_t next_change_ = 1;
  std::map<uint64_t, SegmentChange> changes_;
  std::map<std::tuple<WorkspaceId, SegmentId, int64_t>, Hour> hours_;
};

/// Changes with an id above `after`, in order.
std::vector<SegmentChange> list_segment_changes(Connection& state, uint64_t after, size_t limit);

struct SegmentHour {
  int64_t hour = 0;  // since 1970, UTC
  int64_t entered = 0;
  int64_t left = 0;
  int64_t size = 0;  // at its end
};
/// Hours in [from, to) in which something changed, and the last one before when `before` is set.
std::vector<SegmentHour> list_segment_hours(Connection& state, WorkspaceId workspace,
                                            SegmentId segment, int64_t from, int64_t to);
std::optional<SegmentHour> find_segment_hour_before(Connection& state, WorkspaceId workspace,
                                                    SegmentId segment, int64_t hour);

}  // namespace rapport
