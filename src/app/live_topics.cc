#include "app/live_topics.h"

#include "base/limits/console.h"
#include "customers/import_routes.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

constexpr size_t kCampaignsTold = 20;
constexpr size_t kImportsTold = 20;

struct CampaignProgress {
  std::string id;
  std::string status;
  int64_t audience = 0;
  int64_t sent = 0;
  int64_t failed = 0;
  int64_t skipped = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
};
BOOST_DESCRIBE_STRUCT(CampaignProgress, (),
                      (id, status, audience, sent, failed, skipped, opened, clicked))

std::string newest_campaigns(const CampaignService& campaigns, WorkspaceId workspace) {
  std::vector<CampaignProgress> told;
  const auto newest = campaigns.list(workspace, {}, CampaignId{INT64_MAX}, kCampaignsTold);
  for (const auto& report : newest.items) {
    told.push_back(
        {to_public(report.campaign.id), std::string(campaign_status_name(report.campaign.status)),
         static_cast<int64_t>(report.campaign.audience.value_or(0)), report.counts.sent,
         report.counts.failed, report.counts.skipped, report.counts.opened, report.counts.clicked});
  }
  return to_json(told);
}

struct ComputedSegment {
  std::string id;
  double fraction = 0;
};
BOOST_DESCRIBE_STRUCT(ComputedSegment, (), (id, fraction))

/// Those that are live are not named: that one is missing says that it is done.
std::string computed_segments(const SegmentService& segments, WorkspaceId workspace) {
  std::vector<ComputedSegment> told;
  for (const auto& [id, fraction] : segments.computing(workspace)) {
    told.push_back({to_public(id), fraction});
  }
  return to_json(told);
}

std::string new_events(const CustomerReader& customers, WorkspaceId workspace, Offset since,
                       Offset now) {
  if (since >= now) return {};
  std::string list = "[";
  for (const std::string& event : customers.events_after(workspace, since, limits::kLiveEvents)) {
    if (list.size() > 1) list += ',';
    list += event;
  }
  return list.size() == 1 ? std::string() : list + "]";
}

}  // namespace

void add_live_topics(LiveHub& hub, const CustomerReader& customers,
                     const CampaignService& campaigns, const ImportJobs& imports,
                     const SegmentService& segments,
                     std::function<OverviewFigures(uint64_t workspace)> overview) {
  hub.add_topic("events", Permission::kEventsRead,
                [&customers](WorkspaceId w, Offset since, Offset now) {
                  return new_events(customers, w, since, now);
                });
  hub.add_topic("counts", Permission::kCustomersRead,
                [overview = std::move(overview)](WorkspaceId w, Offset, Offset) {
                  return overview_json(overview(w.value));
                });
  hub.add_topic("imports", Permission::kEventsImport, [&imports](WorkspaceId w, Offset, Offset) {
    return imports_json(imports, w, kImportsTold);
  });
  hub.add_topic("segments", Permission::kSegmentsRead, [&segments](WorkspaceId w, Offset, Offset) {
    return computed_segments(segments, w);
  });
  hub.add_topic(
      "campaigns", Permission::kCampaignsRead,
      [&campaigns](WorkspaceId w, Offset, Offset) { return newest_campaigns(campaigns, w); });
}

}  // namespace rapport
