#include "segments/segment_ledger.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE segment_changes (
  id INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  at INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  detail TEXT NOT NULL
);
CREATE TABLE segment_hours (
  workspace INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  left_count INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (workspace, segment, hour)
) WITHOUT ROWID;
)sql";

constexpr std::string_view kAddChange =
    "INSERT INTO segment_changes (id, workspace, customer, segment, entered, at, cause, "
    "log_offset, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
constexpr std::string_view kRemoveChange =
    "DELETE FROM segment_changes WHERE id = $1 AND segment = $2";
constexpr std::string_view kListChanges =
    "SELECT id, workspace, customer, segment, entered, at, cause, log_offset, detail "
    "FROM segment_changes WHERE id > $1 ORDER BY id LIMIT $2";
constexpr std::string_view kAddHour =
    "INSERT INTO segment_hours (workspace, segment, hour, entered, left_count, size) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, segment, hour) DO UPDATE SET "
    "entered = entered + excluded.entered, left_count = left_count + excluded.left_count, "
    "size = excluded.size";
constexpr std::string_view kListHours =
    "SELECT hour, entered, left_count, size FROM segment_hours "
    "WHERE workspace = $1 AND segment = $2 AND hour >= $3 AND hour < $4 ORDER BY hour";
constexpr std::string_view kHourBefore =
    "SELECT hour, entered, left_count, size FROM segment_hours "
    "WHERE workspace = $1 AND segment = $2 AND hour < $3 ORDER BY hour DESC LIMIT 1";

SegmentHour read_hour(Statement& row) {
  return {row.integer(0), row.integer(1), row.integer(2), row.integer(3)};
}

}  // namespace

std::string_view SegmentLedger::schema() {
  return kSchema;
}

SegmentLedger::Hour& SegmentLedger::hour_of(WorkspaceId workspace, SegmentId segment,
                                            Timestamp at) {
  const int64_t hour = std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count();
  return hours_[{workspace, segment, hour}];
}

void SegmentLedger::add(SegmentChange change, int64_t size) {
  Hour& hour = hour_of(change.workspace, change.segment, change.at);
  ++(change.entered ? hour.entered : hour.left);
  hour.size = size;
  change.id = next_change_++;
  changes_.emplace(change.id, std::move(change));
}

void SegmentLedger::note_size(WorkspaceId workspace, SegmentId segment, Timestamp at,
                              int64_t size) {
  hour_of(workspace, segment, at).size = size;
}

void SegmentLedger::settle(Connection& state, uint64_t change, SegmentId segment) {
  const auto pending = changes_.find(change);
  if (pending == changes_.end()) {
    state.run(kRemoveChange, change, segment);
  } else if (pending->second.segment == segment) {
    changes_.erase(pending);
  }
}

void SegmentLedger::flush(Connection& state) {
  for (const auto& [id, c] : changes_) {
    state.run(kAddChange, id, c.workspace, c.customer, c.segment, c.entered, c.at,
              static_cast<int64_t>(c.cause), c.offset, c.detail);
  }
  for (const auto& [key, hour] : hours_) {
    const auto& [workspace, segment, number] = key;
    state.run(kAddHour, workspace, segment, number, hour.entered, hour.left, hour.size);
  }
  clear();
}

void SegmentLedger::clear() {
  changes_.clear();
  hours_.clear();
}

std::vector<SegmentChange> list_segment_changes(Connection& state, uint64_t after, size_t limit) {
  std::vector<SegmentChange> out;
  state.each(
      kListChanges,
      [&](Statement& row) {
        SegmentChange c;
        c.id = row.id(0);
        c.workspace = WorkspaceId{row.id(1)};
        c.customer = CustomerId{row.id(2)};
        c.segment = SegmentId{row.id(3)};
        c.entered = row.integer(4) != 0;
        c.at = row.time(5);
        c.cause = static_cast<ChangeCause>(row.integer(6));
        c.offset = row.id(7);
        c.detail = row.text(8);
        out.push_back(std::move(c));
      },
      after, limit);
  return out;
}

std::vector<SegmentHour> list_segment_hours(Connection& state, WorkspaceId workspace,
                                            SegmentId segment, int64_t from, int64_t to) {
  std::vector<SegmentHour> out;
  state.each(
      kListHours, [&](Statement& row) { out.push_back(read_hour(row)); }, workspace, segment, from,
      to);
  return out;
}

std::optional<SegmentHour> find_segment_hour_before(Connection& state, WorkspaceId workspace,
                                                    SegmentId segment, int64_t hour) {
  return state.find(kHourBefore, read_hour, workspace, segment, hour);
}

}  // namespace rapport
