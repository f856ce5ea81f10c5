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

/// `condition` with every SegmentCondition resolved, however deep. Throws kInvalidArgument with the
/// field of the node in `condition` from which it starts: a segment that is not there; a circle,
/// naming its segments in order, `self` (the segment being saved, 0 for none) included; or more
/// than limits::kMaxResolvedNodes parts in all.
Condition resolve_segments(const Condition& condition, const SegmentLookup& find,
                           SegmentId self = {}, std::string_view field = "condition");

/// Segments that `condition` names itself, each once.
std::vector<SegmentId> named_segments(const Condition& condition);

}  // namespace rapport
