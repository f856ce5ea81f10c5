#include "messaging/campaign_service.h"

#include "base/error.h"
#include "messaging/campaign_store.h"

namespace rapport {
namespace {

Error no_draft() {
  return Error(ErrorCode::kConflict, "The campaign was started: it can no longer be changed");
}

}  // namespace

CampaignService::CampaignService(StateStore& control, const MessageReader& messages,
                                 AuditService& audit,
                                 std::function<bool(WorkspaceId, SegmentId)> segment_exists,
                                 const Clock& clock)
    : control_(control),
      messages_(messages),
      audit_(audit),
      segment_exists_(std::move(segment_exists)),
      clock_(clock) {
  control_.migrate("campaigns", campaign_store::migrations());
}

void CampaignService::check(const Campaign& campaign) const {
  check_campaign(campaign);
  if (!segment_exists_(campaign.workspace, campaign.segment)) {
    throw Error::invalid("segment_id", "there is no such segment");
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

CampaignReport CampaignService::start(WorkspaceId workspace, CampaignId id, const Actor& actor) {
  const Campaign campaign = control_.write_value([&](Connection& c) {
    auto stored = campaign_store::find(c, workspace, id);
    if (!stored) throw Error::not_found("Campaign");
    check(*stored);
    if (!campaign_store::mark_starting(c, workspace, id, clock_.now())) {
      throw Error(ErrorCode::kConflict, "The campaign was started already");
    }
    audit_.record(c, workspace, actor, "campaign.start", to_public(id), stored->name);
    return *campaign_store::find(c, workspace, id);
  });
  if (on_started_) on_started_();
  return report(campaign);
}

CampaignReport CampaignService::get(WorkspaceId workspace, CampaignId id) const {
  auto campaign =
      control_.read_value([&](Connection& c) { return campaign_store::find(c, workspace, id); });
  if (!campaign) throw Error::not_found("Campaign");
  return report(std::move(*campaign));
}

std::vector<CampaignReport> CampaignService::list(WorkspaceId workspace, CampaignId before,
                                                  size_t limit) const {
  auto campaigns = control_.read_value(
      [&](Connection& c) { return campaign_store::list(c, workspace, before, limit); });
  std::vector<CampaignReport> reports;
  for (Campaign& campaign : campaigns) reports.push_back(report(std::move(campaign)));
  return reports;
}

int64_t CampaignService::count(WorkspaceId workspace) const {
  return control_.read_value([&](Connection& c) { return campaign_store::count(c, workspace); });
}

std::optional<std::string> CampaignService::segment_used_by(WorkspaceId workspace,
                                                            SegmentId segment) const {
  return control_.read_value(
      [&](Connection& c) { return campaign_store::find_user_of_segment(c, workspace, segment); });
}

CampaignReport CampaignService::report(Campaign campaign) const {
  CampaignReport result{std::move(campaign), {}, {}};
  Campaign& c = result.campaign;
  result.counts = messages_.counts(c.workspace, c.id);
  const int64_t ended = result.counts.sent + result.counts.failed + result.counts.skipped;
  if (c.status == CampaignStatus::kSending && c.audience && ended >= *c.audience) {
    c.status = CampaignStatus::kDone;
    result.finished_at = result.counts.last_at ? result.counts.last_at : c.started_at;
  }
  return result;
}

}  // namespace rapport
