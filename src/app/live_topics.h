// What open consoles are told of: new events, counts, campaigns being sent, imports, segments
// whose membership is being computed.
#pragma once

#include <functional>

#include "app/live_hub.h"
#include "app/operations_routes.h"
#include "customers/customer_reader.h"
#include "customers/import/import_jobs.h"
#include "messaging/campaign_service.h"
#include "segments/segment_service.h"

namespace rapport {

/// The services must outlive the hub.
void add_live_topics(LiveHub& hub, const CustomerReader& customers,
                     const CampaignService& campaigns, const ImportJobs& imports,
                     const SegmentService& segments,
                     std::function<OverviewFigures(uint64_t workspace)> overview);

}  // namespace rapport
