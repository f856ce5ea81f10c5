// Routes of campaigns: definitions, what is done to them, and their report.
#pragma once

#include <functional>

#include "access/actor.h"
#include "http/route.h"
#include "messaging/campaign_service.h"

namespace rapport {

struct CampaignRouteServices {
  CampaignService& campaigns;
  std::function<Actor(const Request&)> actor;
};

RouteGroup make_campaign_routes(CampaignRouteServices services);

}  // namespace rapport
