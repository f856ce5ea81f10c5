// SegmentRegistry: which segments the engine follows, taken apart into shared leaves and tracks.
//
// A version of a segment's definition is a membership with a number of its own (`slot`). Versions,
// and the numbers of leaves, tracks and property paths, are rows of state.db, given in the order of
// the log and never again. Concurrency: the projector's thread, inside its transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time_zone.h"
#include "segments/segment_events.h"
#include "segments/segment_program.h"
#include "segments/value_matcher.h"
#include "storage/state_store.h"

namespace rapport {

struct LiveLeaf;
class PreparedLeaf;

struct PreparedTest {
  ValuePath property;
  ValueMatcher matcher;
};

struct LiveTrack {
  PartId id = 0;
  EventNames names;
  bool own = false;
  std::vector<PreparedTest> fixed;
  std::vector<std::pair<PartId, ValuePath>> kept;
  int64_t keep_us = 0;
  std::vector<LiveLeaf*> leaves;
};

struct LiveVersion;

struct LiveLeaf {
  PartId id = 0;
  LeafSpec spec;
  std::vector<PartId> tracks;              // in the order of spec.tracks
  std::vector<std::vector<PartId>> paths;  // of each track, in the order of its `kept`
  std::shared_ptr<const PreparedLeaf> prepared;
  std::vector<LiveVersion*> versions;
  bool initial = false;  // its value for a customer without history
};

enum class VersionStatus : uint8_t { kFilling = 1, kLive = 2 };

struct LiveVersion {
  PartId slot = 0;
  WorkspaceId workspace;
  SegmentId segment;
  uint32_t number = 0;
  VersionStatus status = VersionStatus::kFilling;
  Offset defined_at = 0;
  CustomerId filled_to;
  std::string time_zone;
  SegmentProgram program;
  std::vector<LiveLeaf*> leaves;  // in the order of program.leaves
  bool initial = false;           // whether a customer without history is in
  bool everyone = false;          // to be asked of each new customer
  int64_t size = 0;
};

/// Lets a map of texts be asked with a view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// One workspace's.
struct LiveSegments {
  WorkspaceId workspace;
  TimeZone zone;
  std::map<SegmentId, std::vector<LiveVersion*>> segments;  // the live version first, then the next
  TextMap<std::vector<LiveTrack*>> by_name;
  std::vector<LiveTrack*> by_prefix;
  TextMap<std::vector<LiveLeaf*>> by_trait;
  std::vector<LiveLeaf*> timed;
  std::vector<LiveVersion*> everyone;
  std::unordered_map<PartId, std::unique_ptr<LiveTrack>> tracks;
  std::unordered_map<PartId, std::unique_ptr<LiveLeaf>> leaves;
  std::map<PartId, std::unique_ptr<LiveVersion>> versions;
  uint64_t generation = 0;  // grows with every change
};

/// What one event is to the tracks of a workspace.
struct PassedTracks {
  std::vector<PartId> tracks;
  std::vector<std::pair<PartId, std::string>> values;  // by path

  void add_to(SegmentState& state, int64_t at_us, Offset offset) const;
};
/// `own`: the program itself wrote the event. `properties` gives the JSON of its properties; asked
/// once, when a track looks at them.
PassedTracks pass_tracks(const LiveSegments& world, std::string_view name, bool own,
                         const std::function<std::string()>& properties);

/// A version as it stands in state.db.
struct StoredVersion {
  PartId slot = 0;
  SegmentDefinition definition;
  VersionStatus status = VersionStatus::kFilling;
  Offset defined_at = 0;
  CustomerId filled_to;
};

class SegmentRegistry {
 public:
  static std::string_view schema();

  void load(Connection& state);
  /// Null when the workspace has no segments.
  LiveSegments* find(WorkspaceId workspace);
  const std::map<WorkspaceId, std::unique_ptr<LiveSegments>>& workspaces() const {
    return workspaces_;
  }

  /// Takes a definition as the segment's next version, in place of one that is still filling. False
  /// when it is not newer than what is there, or cannot be read.
  bool define(Connection& state, const SegmentDefinition& definition, Offset offset);
  void set_filled(Connection& state, LiveVersion& version, CustomerId through);
  /// The version becomes the segment's live one; the one before it goes.
  void make_live(Connection& state, LiveVersion& version);
  void remove(Connection& state, WorkspaceId workspace, SegmentId segment);

  PartId next_part() const { return next_part_; }
  void begin(PartId next_part) { next_part_ = next_part; }

 private:
  class Parts;
  LiveSegments& world(WorkspaceId workspace);
  void build(Connection& state, LiveSegments& world);
  /// Of the stored row; its status stands elsewhere.
  static std::unique_ptr<LiveVersion> read_live_version(Connection& state, PartId slot);
  void add_version(LiveSegments& world, std::unique_ptr<LiveVersion> version,
                   const LiveSegments& before, Parts& parts);
  LiveLeaf& add_leaf(LiveSegments& world, const LeafSpec& spec, const LiveSegments& before,
                     Parts& parts);
  LiveTrack& add_track(LiveSegments& world, const TrackSpec& spec, Parts& parts);

  std::map<WorkspaceId, std::unique_ptr<LiveSegments>> workspaces_;
  PartId next_part_ = 1;
  uint64_t generation_ = 0;
};

std::vector<StoredVersion> list_segment_versions(Connection& state, WorkspaceId workspace);
std::vector<StoredVersion> list_all_segment_versions(Connection& state);
/// The numbers of leaves, tracks and paths by "leaf|…", "track|…", "path|…".
std::map<std::string, PartId> list_segment_parts(Connection& state, WorkspaceId workspace);
/// The condition, with those it refers to put in. Throws when the definition cannot be read.
Condition resolve_definition(const SegmentDefinition& definition);
SegmentProgram compile_definition(const SegmentDefinition& definition);

}  // namespace rapport
