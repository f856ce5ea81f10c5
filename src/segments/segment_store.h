// The SQL of segments. Functions run inside the caller's transaction; the workspace comes first.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "segments/segment.h"
#include "segments/segment_events.h"
#include "storage/state_store.h"

namespace rapport {

/// Brings component "segments" of the control store up to date; after migrate_access.
void migrate_segments(StateStore& control);

namespace segment_store {

void insert(Connection& c, const Segment& segment);
/// Name, condition, updated_at and version of an existing one.
void update(Connection& c, const Segment& segment);
void remove(Connection& c, WorkspaceId workspace, SegmentId id);
std::optional<Segment> find(Connection& c, WorkspaceId workspace, SegmentId id);
std::optional<SegmentId> find_by_name(Connection& c, WorkspaceId workspace, std::string_view name);
/// By id, those above `after`.
std::vector<Segment> list(Connection& c, WorkspaceId workspace, SegmentId after, size_t limit);
size_t count(Connection& c, WorkspaceId workspace);
std::map<SegmentId, std::string> list_names(Connection& c, WorkspaceId workspace);

struct Version {
  WorkspaceId workspace;
  SegmentId segment;
  uint32_t version = 0;
};
/// Of every workspace.
std::vector<Version> list_versions(Connection& c);
void set_version(Connection& c, WorkspaceId workspace, SegmentId id, uint32_t version);
/// What the segment and those it refers to ask, without version, zone and topics; null when
/// it is not there.
std::optional<SegmentDefinition> define(Connection& c, WorkspaceId workspace, SegmentId id);

}  // namespace segment_store
}  // namespace rapport
