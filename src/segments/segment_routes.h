// The HTTP operations of segments: define, preview, list members. Blocking handlers.
#pragma once

#include "http/route.h"
#include "segments/segment_service.h"

namespace rapport {

/// `service` must outlive the routes.
RouteGroup make_segment_routes(SegmentService& service);

}  // namespace rapport
