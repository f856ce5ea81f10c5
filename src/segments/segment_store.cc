#include "segments/segment_store.h"

#include <array>

#include "base/error.h"

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

constexpr std::string_view kInsert =
    "INSERT INTO segments (workspace, id, name, condition_json, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kUpdate =
    "UPDATE segments SET name = $3, condition_json = $4, updated_at = $5 "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM segments WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFind =
    "SELECT workspace, id, name, condition_json, created_at, updated_at FROM segments "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFindByName =
    "SELECT id FROM segments WHERE workspace = $1 AND name = $2";
constexpr std::string_view kList =
    "SELECT workspace, id, name, condition_json, created_at, updated_at FROM segments "
    "WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";
constexpr std::string_view kCount = "SELECT count(*) FROM segments WHERE workspace = $1";

Condition read_condition(std::string_view json) {
  try {
    return parse_condition(json);
  } catch (const Error& error) {
    throw Error(ErrorCode::kCorrupted, "A stored segment cannot be read.", error.what());
  }
}

Segment read_segment(Statement& s) {
  return {WorkspaceId{s.id(0)},      SegmentId{s.id(1)}, std::string(s.text(2)),
          read_condition(s.text(3)), s.time(4),          s.time(5)};
}

}  // namespace

void migrate_segments(StateStore& control) {
  static constexpr std::array kMigrations{Migration{1, kTables}};
  control.migrate("segments", kMigrations);
}

namespace segment_store {

void insert(Connection& c, const Segment& segment) {
  c.run(kInsert, segment.workspace, segment.id, segment.name, to_json(segment.condition),
        segment.created_at, segment.updated_at);
}

void update(Connection& c, const Segment& segment) {
  c.run(kUpdate, segment.workspace, segment.id, segment.name, to_json(segment.condition),
        segment.updated_at);
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

}  // namespace segment_store
}  // namespace rapport
