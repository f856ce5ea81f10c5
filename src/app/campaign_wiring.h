// What campaigns and journeys ask of the other modules, put together. The parts must outlive what
// is made here.
#pragma once

#include "access/workspace_service.h"
#include "app/permission_parts.h"
#include "journeys/journey_service.h"
#include "messaging/campaign_launcher.h"
#include "messaging/campaign_service.h"
#include "messaging/campaigns/report.h"
#include "messaging/content/content_routes.h"
#include "messaging/message_reader.h"
#include "messaging/permission/recipient_zone.h"
#include "segments/list_service.h"
#include "segments/segment_service.h"

namespace rapport {

struct CampaignParts {
  const SegmentService& segments;
  const StateStore& state;
  const WorkspaceService& workspaces;
  ZoneTable& zones;
  const CampaignService& campaigns;
  const CampaignReporter& reporter;
  const MessageReader& messages;
};

CampaignPorts make_campaign_ports(const SegmentService& segments, const ListService& lists,
                                  const WorkspaceService& workspaces,
                                  const PermissionParts& permission, const ContentParts& content);
LauncherPorts make_launcher_ports(CampaignParts parts);
/// Where campaigns use a segment or a list.
AudienceUses make_audience_uses(const CampaignService& campaigns);
/// Where drafts of journeys do.
AudienceUses make_journey_uses(const JourneyService& journeys);
JourneyReferences make_journey_references(const SegmentService& segments,
                                          const PermissionParts& permission,
                                          const ContentService& content);
/// Where campaigns use a template.
CampaignUsage make_template_usage(const CampaignService& campaigns, const MessageReader& messages);

}  // namespace rapport
