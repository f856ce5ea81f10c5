// CampaignService: create, edit, start and report campaigns. Thread-safe; calls block.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "access/audit_service.h"
#include "messaging/campaign.h"
#include "messaging/message_reader.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct CampaignReport {
  Campaign campaign;  // status is kDone when every message of the audience ended
  CampaignCounts counts;
  std::optional<Timestamp> finished_at;
};

class CampaignService {
 public:
  /// `segment_exists` is asked before a campaign takes a segment; `on_started` after one started.
  CampaignService(StateStore& control, const MessageReader& messages, AuditService& audit,
                  std::function<bool(WorkspaceId, SegmentId)> segment_exists, const Clock& clock);

  void on_started(std::function<void()> listener) { on_started_ = std::move(listener); }

  /// Throws kInvalidArgument naming the field.
  CampaignReport create(Campaign campaign, const Actor& actor);
  /// kNotFound; kConflict when it is no draft any more.
  CampaignReport update(Campaign campaign, const Actor& actor);
  void remove(WorkspaceId workspace, CampaignId id, const Actor& actor);
  CampaignReport start(WorkspaceId workspace, CampaignId id, const Actor& actor);
  CampaignReport get(WorkspaceId workspace, CampaignId id) const;
  std::vector<CampaignReport> list(WorkspaceId workspace, CampaignId before, size_t limit) const;
  int64_t count(WorkspaceId workspace) const;
  /// Why a segment cannot go: the campaign that uses it.
  std::optional<std::string> segment_used_by(WorkspaceId workspace, SegmentId segment) const;

 private:
  CampaignReport report(Campaign campaign) const;
  void check(const Campaign& campaign) const;

  StateStore& control_;
  const MessageReader& messages_;
  AuditService& audit_;
  std::function<bool(WorkspaceId, SegmentId)> segment_exists_;
  const Clock& clock_;
  std::function<void()> on_started_;
};

}  // namespace rapport
