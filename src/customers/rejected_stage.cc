#include "customers/rejected_stage.h"

#include <array>

#include "base/limits.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE rejected_events (
  workspace INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  field TEXT NOT NULL,
  message_id TEXT NOT NULL,
  raw TEXT NOT NULL,
  PRIMARY KEY (workspace, log_offset)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr std::string_view kAdd =
    "INSERT INTO rejected_events (workspace, log_offset, received_at, reason, field, message_id, "
    "raw) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kTrim =
    "DELETE FROM rejected_events WHERE workspace = $1 AND log_offset <= coalesce((SELECT "
    "log_offset "
    "FROM rejected_events WHERE workspace = $1 ORDER BY log_offset DESC LIMIT 1 OFFSET $2), 0)";

}  // namespace

std::span<const Migration> RejectedStage::migrations() const {
  return kMigrations;
}

void RejectedStage::apply(StagedEvent& event, StageBatch& batch) {
  const Event& e = event.event;
  if (e.type != EventType::kRejected) return;
  batch.state.run(kAdd, e.workspace, event.offset, e.received_at, e.name, e.related_id,
                  e.anonymous_id, e.body);
  touched_.insert(e.workspace);
}

void RejectedStage::flush(StageBatch& batch) {
  for (const WorkspaceId workspace : touched_) {
    batch.state.run(kTrim, workspace, limits::kMaxRejectedRows);
  }
  touched_.clear();
}

void RejectedStage::settled(bool) {
  touched_.clear();
}

}  // namespace rapport
