// The time zone a customer lives in, as their traits tell it: `timezone`, else `time_zone`, the
// first that is the name of a zone this machine knows; else the workspace's. Thread-safe.
#pragma once

#include <string_view>

#include "base/time_zone.h"

namespace rapport {

inline constexpr std::string_view kZoneTrait = "timezone";
inline constexpr std::string_view kOtherZoneTrait = "time_zone";

/// Of the traits' JSON in force, empty where there is none. The zone lives as long as the process.
const TimeZone& customer_zone(std::string_view timezone_json, std::string_view time_zone_json,
                              const TimeZone& otherwise);

}  // namespace rapport
