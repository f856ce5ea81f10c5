// Dates of the template language: the texts people write, and strftime in UTC with English names.
//
// No locale and no clock is read. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace rapport::liquid {

/// RFC 3339 forms, "March 14, 2016", "14 Mar 2016 09:30", or seconds since 1970 as digits.
std::optional<Timestamp> parse_date(std::string_view text);

/// Directives of C and Ruby (%Y %m %d %e %B %b %A %a %H %I %l %M %S %L %p %P %j %F %T %s …) with
/// the flags `-`, `_`, `0`, `^` and a width up to 99; unknown ones stay as they are.
std::string format_date(Timestamp time, std::string_view format);

}  // namespace rapport::liquid
