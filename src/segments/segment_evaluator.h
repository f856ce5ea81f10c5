// Answers who meets a condition at a moment, by asking the Warehouse. Exact at the last applied
// event.
//
// Every call is one query of its own; nothing is cached, so two calls may see different commits.
// Calls block up to limits::kQueryDeadline (then kDeadlineExceeded). Thread-safe once `set_world`
// was called or not. `as_of` absent means now by the clock (see Moment). Segments that a condition
// names are put in as they are defined now.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "runtime/clock.h"
#include "segments/condition.h"
#include "segments/condition_sql.h"
#include "segments/segment_cost.h"
#include "segments/segment_references.h"
#include "storage/warehouse.h"

namespace rapport {

/// What a condition may look at besides history.
struct SegmentWorld {
  /// IANA name of the workspace's zone; UTC when it is not one.
  std::function<std::string(WorkspaceId)> zone;
  std::function<std::optional<NamedCondition>(WorkspaceId, SegmentId)> segment;
  std::function<std::optional<TopicFacts>(WorkspaceId, std::string_view topic)> topic;
};

class SegmentEvaluator {
 public:
  SegmentEvaluator(const Warehouse& warehouse, const Clock& clock)
      : warehouse_(warehouse), clock_(clock), costs_(warehouse, clock) {}

  /// Before questions are asked. Without it: UTC, no segment to name, and
  /// every topic one to agree to.
  void set_world(SegmentWorld world) { world_ = std::move(world); }

  struct Preview {
    uint64_t count = 0;
    std::vector<CustomerId> sample;  // the first by id
  };

  uint64_t count(WorkspaceId workspace, const Condition& condition,
                 std::optional<Timestamp> as_of = std::nullopt) const;
  /// Count and a sample in one evaluation.
  Preview preview(WorkspaceId workspace, const Condition& condition, size_t sample_size,
                  std::optional<Timestamp> as_of = std::nullopt) const;
  /// Up to `limit` members with an id above `after`, by id.
  std::vector<CustomerId> members(WorkspaceId workspace, const Condition& condition,
                                  CustomerId after, size_t limit,
                                  std::optional<Timestamp> as_of = std::nullopt) const;
  /// Every member once, by id, all of one commit.
  void each_member(WorkspaceId workspace, const Condition& condition,
                   const std::function<void(CustomerId)>& visit,
                   std::optional<Timestamp> as_of = std::nullopt) const;

  /// What a question about the condition would take.
  SegmentCost cost(WorkspaceId workspace, const Condition& condition,
                   std::optional<Timestamp> as_of = std::nullopt) const;

  /// The condition with the segments it names put in; throws as resolve_segments.
  Condition resolved(WorkspaceId workspace, const Condition& condition) const;
  /// The workspace's zone; lives as long as the process.
  const TimeZone& zone(WorkspaceId workspace) const;

 private:
  CompiledCondition compiled(WorkspaceId workspace, const Condition& condition,
                             std::optional<Timestamp> as_of,
                             std::optional<CustomerId> after = std::nullopt) const;

  const Warehouse& warehouse_;
  const Clock& clock_;
  SegmentCosts costs_;
  SegmentWorld world_;
};

}  // namespace rapport
