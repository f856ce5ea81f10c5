// Answers who meets a condition at a moment, by asking the Warehouse. Exact at the last applied
// event.
//
// Every call is one query of its own; nothing is cached, so two calls may see different commits.
// Calls block up to limits::kQueryDeadline (then kDeadlineExceeded). Thread-safe. `as_of` absent
// means now by the clock (see Moment).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "runtime/clock.h"
#include "segments/condition.h"
#include "storage/warehouse.h"

namespace rapport {

class SegmentEvaluator {
 public:
  SegmentEvaluator(const Warehouse& warehouse, const Clock& clock)
      : warehouse_(warehouse), clock_(clock) {}

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

 private:
  const Warehouse& warehouse_;
  const Clock& clock_;
};

}  // namespace rapport
