// POST /api/v1/messages and the trigger of a campaign.
#pragma once

#include <functional>
#include <string>

#include "http/route.h"
#include "messaging/campaign_service.h"
#include "messaging/campaigns/single_messages.h"
#include "messaging/content/file_service.h"

namespace rapport {

struct SingleMessageServices {
  SingleMessages& singles;
  const CampaignService& campaigns;
  std::function<bool(WorkspaceId, const std::string&)> template_exists;  // empty: none does
  std::function<int64_t(WorkspaceId)> holdout_percent;
  FileService& files;
};

RouteGroup make_single_message_routes(SingleMessageServices services);

}  // namespace rapport
