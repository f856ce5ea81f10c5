// The moment a condition is asked about, with the wall clocks it may look at. Plain data; the zones
// are owned elsewhere and outlive it.
#pragma once

#include "base/time.h"
#include "base/time_zone.h"
#include "segments/condition.h"

namespace rapport {

struct AskedAt {
  Timestamp at;
  const TimeZone* workspace_zone = nullptr;  // never null when asked
  const TimeZone* customer_zone = nullptr;   // the workspace's where the customer has none

  const TimeZone& zone(ZoneOf of) const {
    return of == ZoneOf::kCustomer ? *customer_zone : *workspace_zone;
  }
};

}  // namespace rapport
