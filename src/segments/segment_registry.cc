#include "segments/segment_registry.h"

#include <algorithm>

#include "base/error.h"
#include "runtime/log.h"
#include "runtime/zoneinfo.h"
#include "segments/event_matcher.h"
#include "segments/leaf_evaluator.h"
#include "segments/segment_references.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE segment_versions (
  slot INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  version INTEGER NOT NULL,
  status INTEGER NOT NULL,
  defined_at INTEGER NOT NULL,
  filled_to INTEGER NOT NULL,
  definition TEXT NOT NULL
);
CREATE INDEX segment_versions_segment ON segment_versions (workspace, segment);
CREATE TABLE segment_parts (
  workspace INTEGER NOT NULL,
  key TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (workspace, key)
) WITHOUT ROWID;
)sql";

constexpr std::string_view kAddVersion =
    "INSERT INTO segment_versions (slot, workspace, segment, version, status, defined_at, "
    "filled_to, definition) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
constexpr std::string_view kListVersions =
    "SELECT slot, workspace, version, status, defined_at, filled_to, definition "
    "FROM segment_versions WHERE workspace = $1 ORDER BY slot";
constexpr std::string_view kListStanding =
    "SELECT slot, status, filled_to FROM segment_versions WHERE workspace = $1 ORDER BY slot";
constexpr std::string_view kFindVersion =
    "SELECT slot, workspace, version, status, defined_at, filled_to, definition "
    "FROM segment_versions WHERE slot = $1";
constexpr std::string_view kListAllVersions =
    "SELECT slot, workspace, version, status, defined_at, filled_to, definition "
    "FROM segment_versions ORDER BY slot";
constexpr std::string_view kListWorkspaces =
    "SELECT DISTINCT workspace FROM segment_versions ORDER BY workspace";
constexpr std::string_view kSetFilled =
    "UPDATE segment_versions SET filled_to = $2 WHERE slot = $1";
constexpr std::string_view kSetStatus = "UPDATE segment_versions SET status = $2 WHERE slot = $1";
constexpr std::string_view kRemoveVersion = "DELETE FROM segment_versions WHERE slot = $1";
constexpr std::string_view kAddPart =
    "INSERT INTO segment_parts (workspace, key, id) VALUES ($1, $2, $3)";
constexpr std::string_view kListParts = "SELECT key, id FROM segment_parts WHERE workspace = $1";
constexpr std::string_view kRemovePart =
    "DELETE FROM segment_parts WHERE workspace = $1 AND key = $2";

StoredVersion read_version(Statement& row) {
  StoredVersion v;
  v.slot = static_cast<PartId>(row.integer(0));
  auto definition = read_segment_defined(WorkspaceId{row.id(1)}, row.text(6));
  if (!definition) throw Error(ErrorCode::kCorrupted, "A segment's definition cannot be read");
  v.definition = std::move(*definition);
  v.status = static_cast<VersionStatus>(row.integer(3));
  v.defined_at = row.id(4);
  v.filled_to = CustomerId{row.id(5)};
  return v;
}

}  // namespace

std::vector<StoredVersion> list_segment_versions(Connection& state, WorkspaceId workspace) {
  std::vector<StoredVersion> out;
  state.each(
      kListVersions, [&](Statement& row) { out.push_back(read_version(row)); }, workspace);
  return out;
}

std::vector<StoredVersion> list_all_segment_versions(Connection& state) {
  std::vector<StoredVersion> out;
  state.each(kListAllVersions, [&](Statement& row) { out.push_back(read_version(row)); });
  return out;
}

std::map<std::string, PartId> list_segment_parts(Connection& state, WorkspaceId workspace) {
  std::map<std::string, PartId> out;
  state.each(
      kListParts,
      [&](Statement& row) {
        out.emplace(std::string(row.text(0)), static_cast<PartId>(row.integer(1)));
      },
      workspace);
  return out;
}

Condition resolve_definition(const SegmentDefinition& definition) {
  const SegmentLookup find = [&](SegmentId segment) -> std::optional<NamedCondition> {
    for (const auto& [id, json] : definition.referenced) {
      if (id == segment) return NamedCondition{to_public(id), parse_condition(json)};
    }
    return std::nullopt;
  };
  const TopicLookup topics = [&](std::string_view topic) -> std::optional<TopicFacts> {
    for (const auto& [id, facts] : definition.topics) {
      if (id == topic) return facts;
    }
    return std::nullopt;
  };
  return resolve_segments(parse_condition(definition.condition_json), find, definition.segment,
                          "condition", topics);
}

SegmentProgram compile_definition(const SegmentDefinition& definition) {
  return compile_program(resolve_definition(definition), definition.time_zone, definition.reading);
}

void PassedTracks::add_to(SegmentState& state, int64_t at_us, Offset offset) const {
  std::vector<FactValue> views;
  for (const auto& [path, json] : values) views.push_back({path, json});
  state.add(at_us, offset, tracks, views);
}

PassedTracks pass_tracks(const LiveSegments& world, std::string_view name, bool own,
                         const std::function<std::string()>& properties) {
  PassedTracks passed;
  std::optional<std::string> text;
  JsonDocument document;
  JsonValue root;
  const PropertyReader property = [&](const ValuePath& path) {
    if (!text) root = document.parse(text.emplace(properties()));
    return follow(root, path, 0);
  };
  const auto look = [&](const LiveTrack& track) {
    if (track.own && !own) return;
    if (!passes_fixed(track.fixed, property)) return;
    passed.tracks.push_back(track.id);
    for (const auto& [id, path] : track.kept) {
      if (const auto value = property(path)) {
        passed.values.emplace_back(id, simdjson::minify(*value));
      }
    }
  };
  const auto named = world.by_name.find(name);
  if (named != world.by_name.end()) {
    for (const LiveTrack* track : named->second) look(*track);
  }
  for (const LiveTrack* track : world.by_prefix) {
    if (meets(track->names, name)) look(*track);
  }
  return passed;
}

// Finds the number of a part or gives the next; afterwards drops what nobody asked for.
class SegmentRegistry::Parts {
 public:
  Parts(Connection& state, WorkspaceId workspace, PartId& next)
      : state_(state), workspace_(workspace), next_(next) {
    for (auto& [key, id] : list_segment_parts(state, workspace)) known_[key] = {id, false};
  }
  PartId id_of(std::string_view kind, std::string_view key) {
    std::string full = std::string(kind) + "|" + std::string(key);
    const auto [it, fresh] = known_.try_emplace(std::move(full));
    it->second.used = true;
    if (fresh) {
      it->second.id = next_++;
      state_.run(kAddPart, workspace_, it->first, it->second.id);
    }
    return it->second.id;
  }
  void drop_unused() {
    for (const auto& [key, part] : known_) {
      if (!part.used) state_.run(kRemovePart, workspace_, key);
    }
  }

 private:
  struct Part {
    PartId id = 0;
    bool used = false;
  };
  Connection& state_;
  WorkspaceId workspace_;
  PartId& next_;
  std::map<std::string, Part> known_;
};

std::string_view SegmentRegistry::schema() {
  return kSchema;
}

void SegmentRegistry::load(Connection& state) {
  workspaces_.clear();
  std::vector<WorkspaceId> ids;
  state.each(kListWorkspaces, [&](Statement& row) { ids.push_back({row.id(0)}); });
  for (const WorkspaceId id : ids) build(state, world(id));
}

LiveSegments* SegmentRegistry::find(WorkspaceId workspace) {
  const auto it = workspaces_.find(workspace);
  return it == workspaces_.end() ? nullptr : it->second.get();
}

LiveSegments& SegmentRegistry::world(WorkspaceId workspace) {
  std::unique_ptr<LiveSegments>& world = workspaces_[workspace];
  if (!world) world = std::make_unique<LiveSegments>();
  world->workspace = workspace;
  return *world;
}

// Built anew after each change, as definitions change rarely; what was compiled and made ready
// before is taken over, so that five hundred segments cost no more than their tables.
void SegmentRegistry::build(Connection& state, LiveSegments& world) {
  LiveSegments before = std::move(world);
  world = {};
  world.workspace = before.workspace;
  world.generation = ++generation_;
  Parts parts(state, world.workspace, next_part_);
  state.each(
      kListStanding,
      [&](Statement& row) {
        const auto slot = static_cast<PartId>(row.integer(0));
        auto known = before.versions.find(slot);
        auto version = known != before.versions.end() ? std::move(known->second)
                                                      : read_live_version(state, slot);
        version->status = static_cast<VersionStatus>(row.integer(1));
        version->filled_to = CustomerId{row.id(2)};
        add_version(world, std::move(version), before, parts);
      },
      world.workspace);
  parts.drop_unused();
  for (auto& [segment, versions] : world.segments) {
    std::sort(versions.begin(), versions.end(), [](const LiveVersion* a, const LiveVersion* b) {
      return (a->status == VersionStatus::kLive) > (b->status == VersionStatus::kLive);
    });
  }
}

std::unique_ptr<LiveVersion> SegmentRegistry::read_live_version(Connection& state, PartId slot) {
  const auto stored = state.find(kFindVersion, read_version, slot);
  ENSURE(stored.has_value());
  auto version = std::make_unique<LiveVersion>();
  version->slot = stored->slot;
  version->workspace = stored->definition.workspace;
  version->segment = stored->definition.segment;
  version->number = stored->definition.version;
  version->defined_at = stored->defined_at;
  version->time_zone = stored->definition.time_zone;
  version->program = compile_definition(stored->definition);
  return version;
}

void SegmentRegistry::add_version(LiveSegments& world, std::unique_ptr<LiveVersion> version,
                                  const LiveSegments& before, Parts& parts) {
  if (world.zone.name() != version->time_zone) {
    world.zone =
        before.zone.name() == version->time_zone ? before.zone : load_time_zone(version->time_zone);
  }
  version->leaves.clear();
  version->everyone = false;
  for (const LeafSpec& spec : version->program.leaves) {
    LiveLeaf& leaf = add_leaf(world, spec, before, parts);
    leaf.versions.push_back(version.get());
    version->leaves.push_back(&leaf);
    if (spec.kind == LeafKind::kBucket) version->everyone = true;
  }
  version->initial = version->program.evaluate([&](size_t i) {
    return version->leaves[i]->spec.kind != LeafKind::kBucket && version->leaves[i]->initial;
  });
  if (version->initial) version->everyone = true;
  if (version->everyone) world.everyone.push_back(version.get());
  world.segments[version->segment].push_back(version.get());
  world.versions.emplace(version->slot, std::move(version));
}

LiveLeaf& SegmentRegistry::add_leaf(LiveSegments& world, const LeafSpec& spec,
                                    const LiveSegments& before, Parts& parts) {
  const PartId id = parts.id_of("leaf", spec.key);
  std::unique_ptr<LiveLeaf>& leaf = world.leaves[id];
  if (leaf) return *leaf;
  leaf = std::make_unique<LiveLeaf>();
  leaf->id = id;
  leaf->spec = spec;
  for (const TrackSpec& track_spec : spec.tracks) {
    LiveTrack& track = add_track(world, track_spec, parts);
    leaf->tracks.push_back(track.id);
    leaf->paths.emplace_back();
    for (const auto& [path, where] : track.kept) leaf->paths.back().push_back(path);
    if (std::find(track.leaves.begin(), track.leaves.end(), leaf.get()) == track.leaves.end()) {
      track.leaves.push_back(leaf.get());
    }
  }
  for (const std::string& trait : spec.traits) {
    auto& leaves = world.by_trait[trait];
    if (std::find(leaves.begin(), leaves.end(), leaf.get()) == leaves.end()) {
      leaves.push_back(leaf.get());
    }
  }
  if (spec.timed) world.timed.push_back(leaf.get());
  // Numbers are given once, so an equal leaf was made ready of the same.
  const auto known = before.leaves.find(id);
  if (known != before.leaves.end()) {
    leaf->prepared = known->second->prepared;
    leaf->initial = known->second->initial;
  } else {
    leaf->prepared = std::make_shared<const PreparedLeaf>(*leaf);
    leaf->initial = holds_without_history(*leaf, world.zone);
  }
  return *leaf;
}

LiveTrack& SegmentRegistry::add_track(LiveSegments& world, const TrackSpec& spec, Parts& parts) {
  const PartId id = parts.id_of("track", spec.key);
  std::unique_ptr<LiveTrack>& track = world.tracks[id];
  if (!track) {
    track = std::make_unique<LiveTrack>();
    track->id = id;
    track->names = spec.names;
    track->own = spec.own;
    for (const PropertyTest& test : spec.fixed) {
      track->fixed.push_back({test.property, ValueMatcher(test.test)});
    }
    for (const ValuePath& path : spec.kept) {
      track->kept.emplace_back(parts.id_of("path", to_text(path)), path);
    }
    if (spec.names.prefix) {
      world.by_prefix.push_back(track.get());
    } else {
      for (const std::string& name : spec.names.names) world.by_name[name].push_back(track.get());
    }
  }
  track->keep_us = std::max(track->keep_us, spec.keep.count());
  return *track;
}

bool SegmentRegistry::define(Connection& state, const SegmentDefinition& definition,
                             Offset offset) {
  LiveSegments& segments = world(definition.workspace);
  for (const LiveVersion* version : segments.segments[definition.segment]) {
    if (version->number > definition.version) return false;
    if (version->number == definition.version && version->time_zone == definition.time_zone) {
      return false;
    }
  }
  try {
    load_time_zone(definition.time_zone);
    compile_definition(definition);
  } catch (const Error& error) {
    log_error("segment_not_followed",
              {{"segment", to_public(definition.segment)}, {"error", error.what()}});
    return false;
  }
  for (const LiveVersion* version : segments.segments[definition.segment]) {
    if (version->status == VersionStatus::kFilling) state.run(kRemoveVersion, version->slot);
  }
  state.run(kAddVersion, next_part_++, definition.workspace, definition.segment, definition.version,
            static_cast<int64_t>(VersionStatus::kFilling), offset,
            segment_definition_json(definition));
  build(state, segments);
  return true;
}

void SegmentRegistry::set_filled(Connection& state, LiveVersion& version, CustomerId through) {
  version.filled_to = through;
  state.run(kSetFilled, version.slot, through);
}

void SegmentRegistry::make_live(Connection& state, LiveVersion& version) {
  LiveSegments& segments = world(version.workspace);
  for (const LiveVersion* other : segments.segments[version.segment]) {
    if (other != &version) state.run(kRemoveVersion, other->slot);
  }
  state.run(kSetStatus, version.slot, static_cast<int64_t>(VersionStatus::kLive));
  build(state, segments);
}

void SegmentRegistry::remove(Connection& state, WorkspaceId workspace, SegmentId segment) {
  LiveSegments* segments = find(workspace);
  if (segments == nullptr || segments->segments.count(segment) == 0) return;
  for (const LiveVersion* version : segments->segments[segment]) {
    state.run(kRemoveVersion, version->slot);
  }
  build(state, *segments);
}

}  // namespace rapport
