#include "messaging/campaign_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/text.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaigns/campaign_json.h"
#include "messaging/campaigns/recurrence.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

constexpr std::string_view kHoldoutSetting = "campaigns.control_percent";

Error no_draft() {
  return Error(ErrorCode::kConflict, "The campaign was started: it can no longer be changed");
}

/// Stored as kSending; which it is tells the ledger.
bool is_derived(CampaignStatus status) {
  return status == CampaignStatus::kStarting || status == CampaignStatus::kDone ||
         status == CampaignStatus::kScheduled;
}

Error wrong_status(CampaignStatus status) {
  return Error(ErrorCode::kConflict,
               "The campaign is " + std::string(campaign_status_name(status)));
}

}  // namespace

CampaignService::CampaignService(StateStore& control, const MessageReader& messages,
                                 AuditService& audit, SettingsService& settings, LogWriter& writer,
                                 CampaignPorts ports, const Clock& clock)
    : control_(control),
      messages_(messages),
      audit_(audit),
      settings_(settings),
      writer_(writer),
      ports_(std::move(ports)),
      clock_(clock) {
  control_.migrate("campaigns", campaign_store::migrations());
}

void CampaignService::check(const Campaign& campaign) const {
  check_campaign(campaign);
  const WorkspaceId w = campaign.workspace;
  const AudienceSpec& audience = campaign.plan.audience;
  const auto check_segments = [&](const std::vector<SegmentId>& segments, std::string field) {
    for (const SegmentId s : segments) {
      if (ports_.segment_exists && ports_.segment_exists(w, s)) continue;
      throw Error::invalid(std::move(field), "there is no such segment");
    }
  };
  const auto check_lists = [&](const std::vector<std::string>& lists, std::string field) {
    for (const std::string& list : lists) {
      if (ports_.list_exists && ports_.list_exists(w, list)) continue;
      throw Error::invalid(std::move(field), "there is no such list");
    }
  };
  check_segments(audience.segments, "segment_id");
  check_segments(audience.exclude_segments, "recipients.exclude_segments");
  check_lists(audience.lists, "recipients.lists");
  check_lists(audience.exclude_lists, "recipients.exclude_lists");
  const auto check_template = [&](const std::string& id, std::string field) {
    if (id.empty() || (ports_.template_exists && ports_.template_exists(w, id))) return;
    throw Error::invalid(std::move(field), "there is no such template");
  };
  const std::string& topic = campaign.plan.topic;
  if (!topic.empty() && ports_.topic_exists && !ports_.topic_exists(w, topic)) {
    throw Error::invalid("topic", "there is no such topic");
  }
  if (ports_.check_files) ports_.check_files(w, campaign.plan.enclosures.files);
  check_template(campaign.plan.template_id, "template_id");
  for (const Variant& v : campaign.plan.experiment.variants) {
    check_template(v.template_id, "experiment.variants");
  }
  if (campaign.plan.resend_of) {
    control_.read([&](Connection& c) {
      if (campaign_store::find(c, w, *campaign.plan.resend_of)) return;
      throw Error::invalid("resend_of", "there is no such campaign");
    });
  }
}

CampaignReport CampaignService::create(Campaign campaign, const Actor& actor) {
  check(campaign);
  campaign.created_at = clock_.now();
  control_.write([&](Connection& c) {
    campaign.id = campaign_store::add(c, campaign);
    audit_.record(c, campaign.workspace, actor, "campaign.create", to_public(campaign.id),
                  campaign.name);
  });
  return report(std::move(campaign));
}

CampaignReport CampaignService::update(Campaign campaign, const Actor& actor) {
  check(campaign);
  control_.write([&](Connection& c) {
    const auto stored = campaign_store::find(c, campaign.workspace, campaign.id);
    if (!stored) throw Error::not_found("Campaign");
    if (stored->status != CampaignStatus::kDraft) throw no_draft();
    campaign_store::update(c, campaign);
    campaign.created_at = stored->created_at;
    audit_.record(c, campaign.workspace, actor, "campaign.update", to_public(campaign.id),
                  campaign.name);
  });
  return report(std::move(campaign));
}

void CampaignService::remove(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const auto stored = campaign_store::find(c, workspace, id);
    if (!stored) throw Error::not_found("Campaign");
    if (stored->status != CampaignStatus::kDraft) throw no_draft();
    campaign_store::remove(c, workspace, id);
    audit_.record(c, workspace, actor, "campaign.remove", to_public(id), stored->name);
  });
}

void CampaignService::plan_first_run(Connection& c, const Campaign& campaign, Timestamp now) const {
  const Schedule& schedule = campaign.plan.schedule;
  CampaignRun run;
  run.campaign = campaign.id;
  run.workspace = campaign.workspace;
  run.due_at = now;
  switch (campaign.plan.kind) {
    case CampaignKind::kTriggered:
      if (campaign.plan.experiment.metric == WinnerMetric::kNone) {
        campaign_store::close(c, campaign.id);
      }
      return;
    case CampaignKind::kOneOff:
      break;
    case CampaignKind::kScheduled:
      run.due_at =
          schedule.at ? *schedule.at : earliest_local(*parse_local_time(schedule.local_time));
      break;
    case CampaignKind::kRecurring: {
      const std::string zone =
          ports_.workspace_zone ? ports_.workspace_zone(campaign.workspace) : "UTC";
      const auto next =
          Recurrence::parse(schedule.rule, "schedule.rule")
              .next(schedule.starts_at.value_or(now), now - Micros(1), load_time_zone(zone));
      if (!next || (schedule.ends_at && *next >= *schedule.ends_at)) {
        throw Error::invalid("schedule.rule", "has no occurrence from now on");
      }
      run.due_at = *next;
      break;
    }
  }
  campaign_store::add_run(c, run);
}

CampaignReport CampaignService::start(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  const Campaign campaign = control_.write_value([&](Connection& c) {
    auto stored = campaign_store::find(c, workspace, id);
    if (!stored) throw Error::not_found("Campaign");
    check(*stored);
    const Timestamp now = clock_.now();
    if (!campaign_store::change_status(c, workspace, id, CampaignStatus::kDraft,
                                       CampaignStatus::kSending, now)) {
      throw Error(ErrorCode::kConflict, "The campaign was started already");
    }
    if (stored->plan.schedule.ends_at && *stored->plan.schedule.ends_at <= now) {
      throw Error::invalid("schedule.ends_at", "is over");
    }
    plan_first_run(c, *stored, now);
    audit_.record(c, workspace, actor, "campaign.start", to_public(id), stored->name);
    return *campaign_store::find(c, workspace, id);
  });
  if (campaign.plan.kind == CampaignKind::kTriggered) {
    std::vector<NewEvent> events;
    events.push_back(make_started_event(campaign, 1, clock_.now()));
    writer_.append(std::move(events));
  }
  changed(id);
  return report(campaign);
}

Campaign CampaignService::change(WorkspaceId workspace, CampaignId id, CampaignStatus to,
                                 std::string_view action, const Actor& actor) {
  const bool resume = to == CampaignStatus::kSending;
  const CampaignStatus from = resume ? CampaignStatus::kPaused : CampaignStatus::kSending;
  return control_.write_value([&](Connection& c) {
    const auto stored = campaign_store::find(c, workspace, id);
    if (!stored) throw Error::not_found("Campaign");
    if (!campaign_store::change_status(c, workspace, id, from, to, clock_.now())) {
      throw wrong_status(stored->status);
    }
    audit_.record(c, workspace, actor, action, to_public(id), stored->name);
    return *campaign_store::find(c, workspace, id);
  });
}

CampaignReport CampaignService::pause(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  const CampaignReport now = get(workspace, id);
  if (now.campaign.status == CampaignStatus::kDone) throw wrong_status(CampaignStatus::kDone);
  const Campaign campaign = change(workspace, id, CampaignStatus::kPaused, "campaign.pause", actor);
  changed(id);
  return report(campaign);
}

CampaignReport CampaignService::resume(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  const Campaign campaign =
      change(workspace, id, CampaignStatus::kSending, "campaign.resume", actor);
  changed(id);
  return report(campaign);
}

CampaignReport CampaignService::cancel(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  const CampaignReport before = get(workspace, id);
  const CampaignStatus status = before.campaign.status;
  if (status == CampaignStatus::kDraft || status == CampaignStatus::kDone) {
    throw wrong_status(status);
  }
  const Campaign campaign = control_.write_value([&](Connection& c) {
    for (const CampaignStatus from : {CampaignStatus::kSending, CampaignStatus::kPaused}) {
      if (campaign_store::change_status(c, workspace, id, from, CampaignStatus::kCancelled,
                                        clock_.now())) {
        audit_.record(c, workspace, actor, "campaign.cancel", to_public(id), before.campaign.name);
      }
    }
    return *campaign_store::find(c, workspace, id);
  });
  changed(id);
  // Recorded again when an earlier try was not; the event's id is fixed.
  std::vector<NewEvent> events;
  events.push_back(
      make_campaign_event(kCampaignCancelledEvent, workspace, id, 0, {}, clock_.now()));
  writer_.append(std::move(events));
  return report(campaign);
}

CampaignReport CampaignService::resend(WorkspaceId workspace, CampaignId id, std::string name,
                                       std::string subject, const Actor& actor) {
  Campaign original = get(workspace, id).campaign;
  if (original.status == CampaignStatus::kDraft) throw wrong_status(original.status);
  Campaign again;
  again.workspace = workspace;
  again.name = name.empty() ? original.name + " (2)" : std::move(name);
  again.channel = original.channel;
  again.from = original.from;
  const size_t variant = messages_.winner(workspace, id).value_or(0);
  const ChosenContent chosen = content_of(original, variant);
  again.content = chosen.content;
  again.plan.template_id = chosen.template_id;
  again.content.subject = std::move(subject);
  again.plan.topic = original.plan.topic;
  again.plan.transactional = original.plan.transactional;
  again.plan.throttle_per_minute = original.plan.throttle_per_minute;
  again.plan.goal = original.plan.goal;
  again.plan.enclosures = original.plan.enclosures;
  again.plan.resend_of = id;
  return create(std::move(again), actor);
}

Campaign CampaignService::triggerable(WorkspaceId workspace, CampaignId id) const {
  Campaign campaign = get(workspace, id).campaign;
  const bool running = campaign.status != CampaignStatus::kDraft &&
                       campaign.status != CampaignStatus::kCancelled &&
                       campaign.status != CampaignStatus::kDone;
  if (campaign.plan.kind != CampaignKind::kTriggered) {
    throw Error(ErrorCode::kConflict, "The campaign is not a triggered one");
  }
  const auto& ends_at = campaign.plan.schedule.ends_at;
  if (!running || (ends_at && *ends_at <= clock_.now())) throw wrong_status(campaign.status);
  return campaign;
}

CampaignReport CampaignService::get(WorkspaceId workspace, CampaignId id) const {
  auto campaign =
      control_.read_value([&](Connection& c) { return campaign_store::find(c, workspace, id); });
  if (!campaign) throw Error::not_found("Campaign");
  return report(std::move(*campaign));
}

CampaignSlice CampaignService::list(WorkspaceId workspace,
                                    const std::vector<CampaignStatus>& statuses, CampaignId before,
                                    size_t limit) const {
  int64_t stored = statuses.empty() ? ~int64_t{0} : 0;
  for (const CampaignStatus status : statuses) {
    stored |=
        int64_t{1} << static_cast<int>(is_derived(status) ? CampaignStatus::kSending : status);
  }
  CampaignSlice slice;
  for (size_t looked_at = 0; looked_at < limits::kMaxCampaignsLookedAt;) {
    auto campaigns = control_.read_value([&](Connection& c) {
      return campaign_store::list(c, workspace, before, limit + 1, stored);
    });
    for (Campaign& campaign : campaigns) {
      CampaignReport found = report(std::move(campaign));
      const bool wanted = statuses.empty() || std::find(statuses.begin(), statuses.end(),
                                                        found.campaign.status) != statuses.end();
      if (wanted && slice.items.size() == limit) {
        slice.next = before;
        return slice;
      }
      before = found.campaign.id;
      if (wanted) slice.items.push_back(std::move(found));
    }
    if (campaigns.size() <= limit) return slice;
    looked_at += campaigns.size();
  }
  slice.next = before;
  return slice;
}

std::vector<CampaignRun> CampaignService::runs(WorkspaceId workspace, CampaignId id) const {
  return control_.read_value([&](Connection& c) {
    if (!campaign_store::find(c, workspace, id)) throw Error::not_found("Campaign");
    return campaign_store::list_runs(c, id);
  });
}

int64_t CampaignService::holdout_percent(WorkspaceId workspace) const {
  const auto setting = settings_.find(workspace, kHoldoutSetting);
  return setting ? parse_int(setting->value).value_or(0) : 0;
}

void CampaignService::set_holdout_percent(WorkspaceId workspace, int64_t percent,
                                          const Actor& actor) {
  if (percent < 0 || percent > limits::kMaxControlPercent) {
    throw Error::invalid("percent",
                         "must be from 0 to " + std::to_string(limits::kMaxControlPercent));
  }
  settings_.put(workspace, kHoldoutSetting, std::to_string(percent), SecretChange::keep(), actor);
}

int64_t CampaignService::count(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) { return campaign_store::count(c, workspace); });
}

std::vector<Campaign> CampaignService::audience_users(WorkspaceId workspace,
                                                      std::string_view public_id) const {
  return control_.read_value([&](Connection& c) {
    return campaign_store::list_users_of_audience(c, workspace, public_id);
  });
}

std::optional<std::string> CampaignService::file_used_by(WorkspaceId workspace,
                                                         std::string_view file) const {
  return control_.read_value(
      [&](Connection& c) { return campaign_store::find_user_of_file(c, workspace, file); });
}

std::vector<Campaign> CampaignService::template_users(WorkspaceId workspace,
                                                      std::string_view template_id) const {
  return control_.read_value([&](Connection& c) {
    return campaign_store::list_users_of_template(c, workspace, template_id);
  });
}

CampaignReport CampaignService::report(Campaign campaign) const {
  CampaignReport result;
  result.campaign = std::move(campaign);
  Campaign& c = result.campaign;
  result.counts = messages_.counts(c.workspace, c.id);
  result.withheld = messages_.withheld(c.workspace, c.id);
  if (c.status != CampaignStatus::kSending) return result;
  bool open = false;
  std::vector<CampaignRun> runs;
  control_.read([&](Connection& connection) {
    open = campaign_store::is_open(connection, c.id);
    runs = campaign_store::list_waiting_runs(connection, c.id);
  });
  for (const CampaignRun& run : runs) {
    if (run.state == RunState::kFixed || run.due_at <= clock_.now()) {
      c.status = CampaignStatus::kStarting;
    } else if (!result.next_run_at) {
      result.next_run_at = run.due_at;
    }
  }
  const CampaignCounts& n = result.counts;
  const int64_t ended = n.sent + n.failed + n.skipped + result.withheld;
  const bool all_ended = ended >= c.audience.value_or(0);
  if (c.status == CampaignStatus::kStarting) return result;
  if (result.next_run_at && all_ended) {
    c.status = CampaignStatus::kScheduled;
  } else if (!open && all_ended && c.plan.kind != CampaignKind::kTriggered) {
    c.status = CampaignStatus::kDone;
    result.finished_at = n.last_at ? n.last_at : c.started_at;
  }
  return result;
}

}  // namespace rapport
