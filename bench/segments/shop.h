// A generated shop for the measurements of segments: the same from run to run.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "storage/warehouse.h"

namespace rapport::bench {

/// Fills workspace 1 with a year of events before `now`; every fiftieth customer was merged.
void fill_shop(Warehouse& warehouse, uint64_t customers, uint64_t events, Timestamp now);

}  // namespace rapport::bench
