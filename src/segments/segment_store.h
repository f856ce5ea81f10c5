// The SQL of segments. Functions run inside the caller's transaction; the workspace comes first.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "segments/segment.h"
#include "storage/state_store.h"

namespace rapport {

/// Brings component "segments" of the control store up to date; after migrate_access.
void migrate_segments(StateStore& control);

namespace segment_store {

void insert(Connection& c, const Segment& segment);
/// Name, condition and updated_at of an existing one.
void update(Connection& c, const Segment& segment);
void remove(Connection& c, WorkspaceId workspace, SegmentId id);
std::optional<Segment> find(Connection& c, WorkspaceId workspace, SegmentId id);
std::optional<SegmentId> find_by_name(Connection& c, WorkspaceId workspace, std::string_view name);
/// By id, those above `after`.
std::vector<Segment> list(Connection& c, WorkspaceId workspace, SegmentId after, size_t limit);
size_t count(Connection& c, WorkspaceId workspace);

}  // namespace segment_store
}  // namespace rapport
