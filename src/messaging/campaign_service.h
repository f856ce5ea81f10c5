// CampaignService: create, edit, start, pause, resume, cancel and report campaigns. Thread-safe;
// calls block.
//
// A draft may be changed; started, a campaign is paused and resumed as often as needed and ends
// done or cancelled. Pausing and cancelling return when no further message of it will start;
// messages in flight end.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "access/audit_service.h"
#include "access/settings_service.h"
#include "messaging/campaign.h"
#include "messaging/campaign_store.h"
#include "messaging/message_reader.h"
#include "runtime/clock.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"

namespace rapport {

struct CampaignReport {
  Campaign campaign;  // its status as it is shown
  CampaignCounts counts;
  int64_t withheld = 0;  // of control groups
  std::optional<Timestamp> finished_at;
  std::optional<Timestamp> next_run_at;
};

struct CampaignSlice {
  std::vector<CampaignReport> items;
  std::optional<CampaignId> next;  // null: the end
};

/// What the service asks of the rest of the program. Those left empty answer no.
struct CampaignPorts {
  std::function<bool(WorkspaceId, SegmentId)> segment_exists;
  std::function<bool(WorkspaceId, const std::string&)> list_exists;
  std::function<bool(WorkspaceId, const std::string&)> template_exists;
  std::function<std::string(WorkspaceId)> workspace_zone;
  /// Throws kInvalidArgument for files that are not kept.
  std::function<void(WorkspaceId, const std::vector<FileUse>&)> check_files;
  std::function<bool(WorkspaceId, const std::string&)> topic_exists;  // empty: not looked at
};

class CampaignService {
 public:
  CampaignService(StateStore& control, const MessageReader& messages, AuditService& audit,
                  SettingsService& settings, LogWriter& writer, CampaignPorts ports,
                  const Clock& clock);

  /// Called after a campaign was started, paused, resumed or cancelled.
  void on_changed(std::function<void(CampaignId)> listener) { on_changed_ = std::move(listener); }

  /// Throws kInvalidArgument naming the field.
  CampaignReport create(Campaign campaign, const Actor& actor);
  /// kNotFound; kConflict when it is no draft any more.
  CampaignReport update(Campaign campaign, const Actor& actor);
  void remove(WorkspaceId workspace, CampaignId id, const Actor& actor);
  CampaignReport start(WorkspaceId workspace, CampaignId id, const Actor& actor);
  /// kConflict when it is not running, or not paused.
  CampaignReport pause(WorkspaceId workspace, CampaignId id, const Actor& actor);
  CampaignReport resume(WorkspaceId workspace, CampaignId id, const Actor& actor);
  /// What waits is skipped with the reason "cancelled". Cancelling again changes nothing.
  CampaignReport cancel(WorkspaceId workspace, CampaignId id, const Actor& actor);
  /// A draft like `id`, to those it was sent to who did not open it.
  CampaignReport resend(WorkspaceId workspace, CampaignId id, std::string name, std::string subject,
                        const Actor& actor);
  /// A running triggered campaign; kConflict when it is none.
  Campaign triggerable(WorkspaceId workspace, CampaignId id) const;
  CampaignReport get(WorkspaceId workspace, CampaignId id) const;
  /// Newest first, those with an id below `before`; `statuses` as they are shown, empty: any. At
  /// most limits::kMaxCampaignsLookedAt are looked at, so a page may be short before the end.
  CampaignSlice list(WorkspaceId workspace, const std::vector<CampaignStatus>& statuses,
                     CampaignId before, size_t limit) const;
  std::vector<CampaignRun> runs(WorkspaceId workspace, CampaignId id) const;
  int64_t count(WorkspaceId workspace) const;
  /// Percent of all customers that no marketing campaign writes to; 0 unless set.
  int64_t holdout_percent(WorkspaceId workspace) const;
  /// Throws kInvalidArgument naming `percent`.
  void set_holdout_percent(WorkspaceId workspace, int64_t percent, const Actor& actor);
  /// Campaigns to or without a segment or list, by its public id; newest first.
  std::vector<Campaign> audience_users(WorkspaceId workspace, std::string_view public_id) const;
  /// Why a file cannot go: the campaign that carries it.
  std::optional<std::string> file_used_by(WorkspaceId workspace, std::string_view file) const;
  /// Campaigns that use a template, newest first.
  std::vector<Campaign> template_users(WorkspaceId workspace, std::string_view template_id) const;

 private:
  CampaignReport report(Campaign campaign) const;
  void check(const Campaign& campaign) const;
  void plan_first_run(Connection& c, const Campaign& campaign, Timestamp now) const;
  Campaign change(WorkspaceId workspace, CampaignId id, CampaignStatus to, std::string_view action,
                  const Actor& actor);
  void changed(CampaignId id) const {
    if (on_changed_) on_changed_(id);
  }

  StateStore& control_;
  const MessageReader& messages_;
  AuditService& audit_;
  SettingsService& settings_;
  LogWriter& writer_;
  CampaignPorts ports_;
  const Clock& clock_;
  std::function<void(CampaignId)> on_changed_;
};

}  // namespace rapport
