// Reads IANA time zones from the system's zoneinfo folder (Debian package tzdata).
//
// Thread-safe: each call reads the file and returns a value; callers keep what they use.
#pragma once

#include <string>
#include <string_view>

#include "base/time_zone.h"

namespace rapport {

/// Throws Error(kInvalidArgument) with field `time_zone` for a name that is malformed or not
/// installed.
TimeZone load_time_zone(std::string_view name, const std::string& folder = "/usr/share/zoneinfo");

}  // namespace rapport
