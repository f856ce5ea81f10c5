#include "segments/segment_store.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "segments/segment_program.h"
#include "segments/segment_references.h"

namespace rapport {
namespace {

constexpr std::string_view kTables = R"sql(
CREATE TABLE segments (
  workspace BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  condition_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace, id),
  UNIQUE (workspace, name)
);
)sql";

constexpr std::string_view kVersions = R"sql(
ALTER TABLE segments ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
)sql";

constexpr std::string_view kInsert =
    "INSERT INTO segments (workspace, id, name, condition_json, created_at, updated_at, version) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kUpdate =
    "UPDATE segments SET name = $3, condition_json = $4, updated_at = $5, version = $6 "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM segments WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFind =
    "SELECT workspace, id, name, condition_json, created_at, updated_at, version "
    "FROM segments "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFindByName =
    "SELECT id FROM segments WHERE workspace = $1 AND name = $2";
constexpr std::string_view kList =
    "SELECT workspace, id, name, condition_json, created_at, updated_at, version "
    "FROM segments "
    "WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";
constexpr std::string_view kListNames = "SELECT id, name FROM segments WHERE workspace = $1";
constexpr std::string_view kListVersions =
    "SELECT workspace, id, version FROM segments ORDER BY workspace, id";
constexpr std::string_view kSetVersion =
    "UPDATE segments SET version = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kCount = "SELECT count(*) FROM segments WHERE workspace = $1";

Condition read_condition(std::string_view json) {
  try {
    return parse_condition(json);
  } catch (const Error& error) {
    throw Error(ErrorCode::kCorrupted, "A stored segment cannot be read.", error.what());
  }
}

Segment read_segment(Statement& s) {
  return {WorkspaceId{s.id(0)},
          SegmentId{s.id(1)},
          std::string(s.text(2)),
          read_condition(s.text(3)),
          s.time(4),
          s.time(5),
          static_cast<uint32_t>(s.integer(6))};
}

}  // namespace

void migrate_segments(StateStore& control) {
  static constexpr std::array kMigrations{Migration{1, kTables}, Migration{2, kVersions}};
  control.migrate("segments", kMigrations);
}

namespace segment_store {

void insert(Connection& c, const Segment& segment) {
  c.run(kInsert, segment.workspace, segment.id, segment.name, to_json(segment.condition),
        segment.created_at, segment.updated_at, segment.version);
}

void update(Connection& c, const Segment& segment) {
  c.run(kUpdate, segment.workspace, segment.id, segment.name, to_json(segment.condition),
        segment.updated_at, segment.version);
}

void remove(Connection& c, WorkspaceId workspace, SegmentId id) {
  c.run(kRemove, workspace, id);
}

std::optional<Segment> find(Connection& c, WorkspaceId workspace, SegmentId id) {
  return c.find(kFind, read_segment, workspace, id);
}

std::optional<SegmentId> find_by_name(Connection& c, WorkspaceId workspace, std::string_view name) {
  return c.find(
      kFindByName, [](Statement& s) { return SegmentId{s.id(0)}; }, workspace, name);
}

std::vector<Segment> list(Connection& c, WorkspaceId workspace, SegmentId after, size_t limit) {
  std::vector<Segment> out;
  c.each(
      kList, [&](Statement& s) { out.push_back(read_segment(s)); }, workspace, after, limit);
  return out;
}

size_t count(Connection& c, WorkspaceId workspace) {
  const auto count = c.find(
      kCount, [](Statement& s) { return s.integer(0); }, workspace);
  return static_cast<size_t>(count.value_or(0));
}

std::map<SegmentId, std::string> list_names(Connection& c, WorkspaceId workspace) {
  std::map<SegmentId, std::string> names;
  c.each(
      kListNames, [&](Statement& s) { names.emplace(SegmentId{s.id(0)}, std::string(s.text(1))); },
      workspace);
  return names;
}

std::vector<Version> list_versions(Connection& c) {
  std::vector<Version> out;
  c.each(kListVersions, [&](Statement& s) {
    out.push_back({WorkspaceId{s.id(0)}, SegmentId{s.id(1)}, static_cast<uint32_t>(s.integer(2))});
  });
  return out;
}

void set_version(Connection& c, WorkspaceId workspace, SegmentId id, uint32_t version) {
  c.run(kSetVersion, workspace, id, version);
}

std::optional<SegmentDefinition> define(Connection& c, WorkspaceId workspace, SegmentId id) {
  const auto segment = find(c, workspace, id);
  if (!segment) return std::nullopt;
  SegmentDefinition definition;
  definition.workspace = workspace;
  definition.segment = id;
  definition.condition_json = to_json(segment->condition);
  definition.reading = kSegmentReading;
  std::vector<SegmentId> wanted = named_segments(segment->condition);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto other = find(c, workspace, wanted[i]);
    if (!other) continue;
    definition.referenced.emplace_back(other->id, to_json(other->condition));
    for (const SegmentId next : named_segments(other->condition)) {
      if (std::find(wanted.begin(), wanted.end(), next) == wanted.end()) wanted.push_back(next);
    }
  }
  return definition;
}

}  // namespace segment_store
}  // namespace rapport
