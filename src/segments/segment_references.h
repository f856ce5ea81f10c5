// Segments that name other segments: puts the named conditions in, and refuses what never ends.
// Pure; the look-up is the caller's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "segments/condition.h"

namespace rapport {

struct NamedCondition {
  std::string name;
  Condition condition;
};
/// Null when the workspace has no such segment.
using SegmentLookup = std::function<std::optional<NamedCondition>(SegmentId)>;

/// What is known of a subscription topic.
struct TopicFacts {
  TopicKind kind = TopicKind::kOptIn;
  std::vector<std::string> channels;
  bool operator==(const TopicFacts&) const = default;
};
/// Null when the workspace has no such topic, which is then one to agree to.
using TopicLookup = std::function<std::optional<TopicFacts>(std::string_view topic)>;

/// `condition` with every SegmentCondition resolved, however deep. Throws kInvalidArgument with the
/// field of the node in `condition` from which it starts: a segment that is not there; a circle,
/// naming its segments in order, `self` (the segment being saved, 0 for none) included; or more
/// than limits::kMaxResolvedNodes parts in all. Topics get their kind and channels of `topics`,
/// where there is such a look-up.
Condition resolve_segments(const Condition& condition, const SegmentLookup& find,
                           SegmentId self = {}, std::string_view field = "condition",
                           const TopicLookup& topics = {});

/// Segments that `condition` names itself, each once.
std::vector<SegmentId> named_segments(const Condition& condition);
/// Lists that it asks for itself, each once.
std::vector<ListId> named_lists(const Condition& condition);
/// Topics of whose kind it asks, each once; not those of resolved segments.
std::vector<std::string> named_topics(const Condition& condition);

}  // namespace rapport
