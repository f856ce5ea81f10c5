// The HTTP operations that look into a segment: explain, sizes, changes, overlap, comparison.
// Blocking handlers.
#pragma once

#include "http/route.h"
#include "segments/segment_insight.h"

namespace rapport {

/// `insight` must outlive the routes.
RouteGroup make_segment_history_routes(SegmentInsight& insight);

}  // namespace rapport
