// What a condition would cost to ask of the Warehouse, told before it is asked.
//
// An estimate from how many events and traits of each name there are, their spread over time taken
// as even, and the times that reading, cutting out a property and following a history take on two
// cores (bench/segment_bench.cc). The figures of a workspace are counted at most once in
// kFiguresLifetime. Thread-safe; a call may block for one counting query.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/ids.h"
#include "runtime/clock.h"
#include "segments/condition.h"
#include "segments/moment.h"
#include "storage/warehouse.h"

namespace rapport {

struct SegmentCost {
  uint64_t rows = 0;  // read, over all parts of the condition
  std::chrono::milliseconds time{0};
};

/// How many rows of one name, and when.
struct NameFigures {
  uint64_t rows = 0;
  Timestamp first;
  Timestamp last;
};

struct WorkspaceFigures {
  std::map<std::string, NameFigures> events;
  std::map<std::string, NameFigures> traits;
  uint64_t event_rows = 0;
  uint64_t trait_rows = 0;
  uint64_t customers = 0;
};

/// Of a resolved condition. Pure.
SegmentCost estimate_cost(const Condition& condition, const Moment& moment,
                          const WorkspaceFigures& figures);

class SegmentCosts {
 public:
  static constexpr std::chrono::minutes kFiguresLifetime{1};

  SegmentCosts(const Warehouse& warehouse, const Clock& clock)
      : warehouse_(warehouse), clock_(clock) {}
  SegmentCost estimate(WorkspaceId workspace, const Condition& condition,
                       const Moment& moment) const;

 private:
  struct Counted {
    std::chrono::steady_clock::time_point at;
    std::shared_ptr<const WorkspaceFigures> figures;
  };
  std::shared_ptr<const WorkspaceFigures> figures(WorkspaceId workspace) const;

  const Warehouse& warehouse_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<WorkspaceId, Counted> counted_;
};

}  // namespace rapport
