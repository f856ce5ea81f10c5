// SegmentInsight: why somebody is in a segment or not, how its size went, who came and went, how
// segments overlap and differ.
//
// An explanation reads the customer's whole history by the plain evaluator at the moment at which
// the membership stands, so that it can differ from the membership only when they change between
// two looks; it looks again then. Thread-safe; calls block. Limits: limits::kMaxOverlap segments,
// limits::kMaxSizePoints points.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "segments/history_evaluator.h"
#include "segments/segment_memberships.h"
#include "segments/segment_service.h"
#include "segments/segment_stage.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport {

enum class SizeUnit : uint8_t { kHour, kDay };

/// Where the points of a size history over [from, last) begin and the last one ends, in hours since
/// 1970: each hour, or each day of a zone at its first whole hour. Empty when `last` is not later.
std::vector<int64_t> size_edges(SizeUnit unit, Timestamp from, Timestamp last,
                                const TimeZone& zone);

class SegmentInsight {
 public:
  SegmentInsight(const StateStore& state, const Warehouse& warehouse,
                 const SegmentMemberships& memberships, const SegmentService& segments,
                 const Clock& clock)
      : state_(state),
        warehouse_(warehouse),
        memberships_(memberships),
        segments_(segments),
        clock_(clock) {}

  /// kNotFound when the segment is not there.
  void check(WorkspaceId workspace, SegmentId segment) const { segments_.get(workspace, segment); }
  Timestamp now() const { return clock_.now(); }

  struct Explanation {
    CustomerId customer;  // the survivor of a merged one
    Verdict verdict;
    std::optional<bool> member;  // null while the first membership is computed
    Timestamp at;
  };
  /// kNotFound when the segment or the customer is not there; kUnavailable in the first instants of
  /// a new segment.
  Explanation explain(WorkspaceId workspace, SegmentId segment, CustomerId customer) const;

  struct SizePoint {
    Timestamp at;      // begin of the hour or day
    int64_t size = 0;  // at its end
    int64_t entered = 0;
    int64_t left = 0;
  };
  /// Every hour, or day of the workspace's zone, of [from, to), since the segment was first
  /// computed. Changes are counted by the hour, so a day begins at its first whole hour of UTC.
  std::vector<SizePoint> sizes(WorkspaceId workspace, SegmentId segment, SizeUnit unit,
                               Timestamp from, Timestamp to) const;

  struct Movement {
    CustomerId customer;
    bool entered = false;
    Timestamp at;
    std::string cause;
    Offset offset = 0;  // of the event that tells of it
  };
  /// Who entered and left in [from, to), in the order of the log, those told after `after`.
  std::vector<Movement> movements(WorkspaceId workspace, SegmentId segment, Timestamp from,
                                  Timestamp to, Offset after, size_t limit) const;

  struct Overlap {
    std::vector<uint64_t> sizes;  // of each segment
    std::vector<uint64_t> exact;  // by mask: customers in exactly these
  };
  Overlap overlap(WorkspaceId workspace, std::span<const SegmentId> segments) const;

  struct Share {
    std::string name;   // of the trait or event
    std::string value;  // JSON; of a trait
    double first = 0;   // share of the segment's members
    double second = 0;
  };
  struct Comparison {
    uint64_t first_size = 0;
    uint64_t second_size = 0;
    uint64_t both = 0;
    std::vector<Share> traits;    // those that differ most
    std::vector<Share> outcomes;  // events of the last 30 days, the same
  };
  Comparison compare(WorkspaceId workspace, SegmentId first, SegmentId second) const;

 private:
  Explanation explain_once(WorkspaceId workspace, SegmentId segment, CustomerId customer) const;
  CustomerSet members(WorkspaceId workspace, SegmentId segment) const;

  const StateStore& state_;
  const Warehouse& warehouse_;
  const SegmentMemberships& memberships_;
  const SegmentService& segments_;
  const Clock& clock_;
};

}  // namespace rapport
