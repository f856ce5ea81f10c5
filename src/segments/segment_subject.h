// What the engine looks at while it evaluates one customer at one instant: the segment state, and
// the traits as state.db has them, read when a leaf asks. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "segments/leaf_evaluator.h"
#include "segments/segment_registry.h"
#include "segments/segment_states.h"

namespace rapport {

class SegmentSubject {
 public:
  SegmentSubject(Connection& connection, const LiveSegments& in, CustomerId of,
                 const SegmentState& with, int64_t at)
      : world(in), customer(of), state(with), at_us(at), connection_(connection) {}

  LeafSubject leaf() const { return {customer, state, trait_, world.zone}; }
  /// The value of a leaf as it was evaluated last; of a bucket, now.
  bool leaf_value(const LiveLeaf& leaf) const;
  /// The value of the whole, from its leaves.
  bool holds(const LiveVersion& version) const;
  /// Whether the state says that the customer is in.
  bool was_member(const LiveVersion& version) const {
    return state.member(version.slot) != version.initial;
  }

  const LiveSegments& world;
  const CustomerId customer;
  const SegmentState& state;
  const int64_t at_us;

 private:
  std::optional<std::string_view> read_trait(std::string_view name);

  Connection& connection_;
  std::map<std::string, std::optional<std::string>, std::less<>> traits_;
  const TraitReader trait_ = [this](std::string_view name) { return read_trait(name); };
};

}  // namespace rapport
