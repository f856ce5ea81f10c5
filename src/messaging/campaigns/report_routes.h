// The report of a campaign, and its recipients as CSV.
#pragma once

#include "http/route.h"
#include "messaging/campaign_service.h"
#include "messaging/campaigns/report.h"

namespace rapport {

struct ReportServices {
  const CampaignService& campaigns;
  const CampaignReporter& reporter;
};

RouteGroup make_report_routes(ReportServices services);

}  // namespace rapport
