#include "stream/outbox.h"

#include <array>

namespace rapport {

std::vector<LaneKey> OutboxSource::list_lanes(Connection& state) {
  std::vector<LaneKey> lanes;
  for (const WorkspaceId workspace : outbox::list_workspaces(state)) lanes.push_back({workspace});
  return lanes;
}

std::vector<Intent> OutboxSource::list_due(Connection& state, const LaneKey& lane,
                                           const Intent* after, Timestamp now, size_t limit) {
  return outbox::list_due(state, lane.workspace, after == nullptr ? 0 : after->id, now, limit);
}

}  // namespace rapport

namespace rapport::outbox {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL
);
CREATE UNIQUE INDEX outbox_subject ON outbox (workspace, kind, subject);
CREATE INDEX outbox_workspace ON outbox (workspace, id);
CREATE INDEX outbox_due ON outbox (not_before);
)sql";

constexpr std::string_view kAdd =
    "INSERT INTO outbox (id, workspace, kind, subject, not_before) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT DO NOTHING";
constexpr std::string_view kDefer =
    "UPDATE outbox SET attempts = attempts + 1, not_before = $4 "
    "WHERE workspace = $1 AND kind = $2 AND subject = $3";
constexpr std::string_view kHold =
    "UPDATE outbox SET not_before = $4 WHERE workspace = $1 AND kind = $2 AND subject = $3";
constexpr std::string_view kRemove =
    "DELETE FROM outbox WHERE workspace = $1 AND kind = $2 AND subject = $3";
constexpr std::string_view kListDue =
    "SELECT id, workspace, kind, subject, attempts, not_before FROM outbox "
    "WHERE workspace = $1 AND id > $2 AND not_before <= $3 ORDER BY id LIMIT $4";
// Jumps from one workspace to the next in the index instead of reading every row.
constexpr std::string_view kListWorkspaces =
    "WITH RECURSIVE found (workspace) AS (SELECT min(workspace) FROM outbox UNION ALL "
    "SELECT (SELECT min(o.workspace) FROM outbox o WHERE o.workspace > found.workspace) "
    "FROM found WHERE found.workspace IS NOT NULL) "
    "SELECT workspace FROM found WHERE workspace IS NOT NULL";
constexpr std::string_view kNextDue = "SELECT min(not_before) FROM outbox WHERE not_before > $1";
constexpr std::string_view kCount = "SELECT count(*) FROM outbox";

}  // namespace

std::span<const Migration> migrations() {
  static constexpr std::array kMigrations{Migration{1, kSchema}};
  return kMigrations;
}

void add(Connection& state, Offset cause, WorkspaceId workspace, std::string_view kind,
         uint64_t subject, Timestamp not_before) {
  state.run(kAdd, cause, workspace, kind, subject, not_before);
}

void defer(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject,
           Timestamp not_before) {
  state.run(kDefer, workspace, kind, subject, not_before);
}

void hold(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject,
          Timestamp not_before) {
  state.run(kHold, workspace, kind, subject, not_before);
}

void remove(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject) {
  state.run(kRemove, workspace, kind, subject);
}

std::vector<WorkspaceId> list_workspaces(Connection& state) {
  std::vector<WorkspaceId> workspaces;
  state.each(kListWorkspaces, [&](Statement& row) { workspaces.push_back({row.id(0)}); });
  return workspaces;
}

std::vector<Intent> list_due(Connection& state, WorkspaceId workspace, uint64_t after,
                             Timestamp now, size_t limit) {
  std::vector<Intent> intents;
  state.each(
      kListDue,
      [&](Statement& row) {
        intents.push_back({row.id(0), WorkspaceId{row.id(1)}, std::string(row.text(2)), row.id(3),
                           static_cast<int>(row.integer(4)), row.time(5)});
      },
      workspace, after, now, limit);
  return intents;
}

std::optional<Timestamp> next_due(Connection& state, Timestamp now) {
  const auto due = state.find(
      kNextDue, [](Statement& row) { return row.optional_time(0); }, now);
  return due ? *due : std::nullopt;
}

int64_t count(Connection& state) {
  return state.find(kCount, [](Statement& row) { return row.integer(0); }).value_or(0);
}

}  // namespace rapport::outbox
