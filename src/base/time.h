// UTC time in microseconds: the one time type of the program, its text form and its durations.
//
// A Timestamp is a point on the UTC line; Micros a distance. Both convert without loss to the int64
// that SQL, the log and the warehouse store. Nothing here reads a clock (see runtime/clock.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rapport {

using Micros = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Micros>;

/// Microseconds since 1970-01-01T00:00:00Z.
constexpr int64_t to_micros(Timestamp t) {
  return t.time_since_epoch().count();
}
constexpr Timestamp from_micros(int64_t us) {
  return Timestamp(Micros(us));
}

/// The RFC 3339 / ISO 8601 forms clients send: date, or date and time with `T` or space, seconds
/// and fraction optional, zone `Z` or ±hh[:mm]. Without a zone it is UTC. Years 0001 to 9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "2026-11-22T07:53:59.123456Z"; the fraction has 3 digits, or 6 when microseconds are not zero.
std::string format_timestamp(Timestamp t);
/// RFC 5322 date in UTC: "Sun, 22 Nov 2026 07:53:59 +0000".
std::string format_mail_date(Timestamp t);
/// IMF-fixdate of RFC 9110: "Sun, 22 Nov 2026 07:53:59 GMT".
std::string format_http_date(Timestamp t);

/// A whole number and a unit: "90s", "15m", "36h", "90d", "2w". Null when not of that form, zero
/// length, or over 100 years.
std::optional<Micros> parse_duration(std::string_view text);

}  // namespace rapport
