// What one leaf of a condition says of one customer at one instant, from the customer's segment
// state and traits, and when that may change while nothing happens.
//
// The same meaning as the compiled queries and the reference, by the same shared pieces
// (value_matcher.h, event_window.h, sequence_matcher.h, …), over facts that were filtered when they
// came. Pure; one subject at a time a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time_zone.h"
#include "segments/bucket.h"
#include "segments/geo_matcher.h"
#include "segments/segment_registry.h"
#include "segments/segment_state.h"
#include "segments/value_matcher.h"

namespace rapport {

/// JSON text of a trait; null when absent. Valid until the next call.
using TraitReader = std::function<std::optional<std::string_view>(std::string_view name)>;

struct LeafSubject {
  CustomerId customer;
  const SegmentState& state;
  const TraitReader& trait;
  const TimeZone& zone;  // the workspace's
};

/// A leaf's tests made ready, and where its facts have the values they ask.
class PreparedLeaf {
 public:
  explicit PreparedLeaf(const LiveLeaf& leaf);

  struct KeptTest {
    PartId path = 0;
    ValueMatcher matcher;
  };
  /// One filter of the leaf: a track, and the tests that depend on the moment.
  struct Filter {
    PartId track = 0;
    std::vector<KeptTest> relative;
  };
  struct Step {
    size_t filter = 0;
    std::optional<size_t> without;
  };

  std::vector<Filter> filters;  // in the order of the leaf's tracks
  std::vector<KeptTest> occurrence;
  std::vector<PartId> aggregates;
  std::vector<Step> steps;
  std::optional<ValueMatcher> trait;
  std::optional<GeoMatcher> geo;
  std::optional<BucketHash> bucket;
  bool customer_zone = false;
};

bool evaluate_leaf(const LiveLeaf& leaf, const LeafSubject& subject, int64_t at_us);

/// A moment after `at_us` before which the leaf keeps the value it has at `at_us`, as long as
/// nothing happens; the moment of the change itself unless that is far to find. kNeverUs: it stays.
int64_t next_leaf_change(const LiveLeaf& leaf, const LeafSubject& subject, int64_t at_us,
                         bool value);

/// The facts that a leaf counts at the moment: those of its first filter in its window.
std::vector<SegmentFact> counted_facts(const LiveLeaf& leaf, const LeafSubject& subject,
                                       int64_t at_us);

/// The value of a leaf, not of a bucket, for whom nothing is known of.
bool holds_without_history(const LiveLeaf& leaf, const TimeZone& zone);

/// Reads a property of an event.
using PropertyReader = std::function<JsonValue(const ValuePath& path)>;
bool passes_fixed(const std::vector<PreparedTest>& tests, const PropertyReader& property);

}  // namespace rapport
