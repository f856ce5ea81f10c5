// Follows a sequence of steps over a customer's events in order of time, then arrival, keeping one
// time a step.
//
// Of all chains that end in a step, the latest is enough: it leaves the smallest gap to what comes
// and the fewest events between. Its earliest event is the latest possible one too, so a chain that
// began late enough exists exactly when `latest_start` did. The state is small and copyable; one
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "segments/condition.h"

namespace rapport {

/// What an event is to a sequence: bit i of `steps` says that it meets the filter of step i, of
/// `without` that it is one that must not stand before step i.
struct SequenceEvent {
  Timestamp at;
  uint32_t steps = 0;
  uint32_t without = 0;
};

class SequenceMatcher {
 public:
  explicit SequenceMatcher(const SequenceCondition& condition);

  /// Events in order; an event that meets nothing may be left out.
  void add(const SequenceEvent& event);
  /// The latest first event of a complete chain; null when there is none.
  std::optional<Timestamp> latest_start() const { return latest_start_; }
  bool complete() const { return latest_start_.has_value(); }
  void clear();

 private:
  struct Reached {
    Timestamp at;
    Timestamp start;
  };
  std::vector<std::optional<Micros>> gaps_;
  std::vector<std::optional<Reached>> reached_;
  std::optional<Timestamp> latest_start_;
};

}  // namespace rapport
