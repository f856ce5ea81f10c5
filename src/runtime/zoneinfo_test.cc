#include "runtime/zoneinfo.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace rapport {
namespace {

LocalTime local(std::string_view text) {
  return LocalTime(parse_timestamp(text).value().time_since_epoch());
}

struct Case {
  const char* zone;
  const char* local;
  const char* utc;
};

// Expected values are those of Python's zoneinfo with fold=0.
constexpr Case kCases[] = {
    {"UTC", "2011-07-01 12:00", "2011-07-01T12:00:00.000Z"},
    {"Europe/London", "2010-12-01 08:26", "2010-12-01T08:26:00.000Z"},
    {"Europe/London", "2011-07-01 12:00", "2011-07-01T11:00:00.000Z"},
    {"Europe/London", "2011-03-27 00:59:59", "2011-03-27T00:59:59.000Z"},
    {"Europe/London", "2011-03-27 01:30", "2011-03-27T01:30:00.000Z"},  // does not occur
    {"Europe/London", "2011-03-27 02:00", "2011-03-27T01:00:00.000Z"},
    {"Europe/London", "2011-10-30 01:30", "2011-10-30T00:30:00.000Z"},  // occurs twice
    {"Europe/London", "2011-10-30 02:00", "2011-10-30T02:00:00.000Z"},
    {"Europe/London", "2060-07-01 12:00", "2060-07-01T11:00:00.000Z"},  // by the footer's rule
    {"Europe/London", "2060-01-01 12:00", "2060-01-01T12:00:00.000Z"},
    {"America/New_York", "2026-01-01 00:00", "2026-01-01T05:00:00.000Z"},
    {"America/New_York", "2050-07-04 00:00", "2050-07-04T04:00:00.000Z"},
    {"Australia/Sydney", "2050-01-01 00:00", "2049-12-31T13:00:00.000Z"},
    {"Australia/Sydney", "2050-07-01 00:00", "2050-06-30T14:00:00.000Z"},
    {"Asia/Ho_Chi_Minh", "2026-06-01 07:00", "2026-06-01T00:00:00.000Z"},
    {"Asia/Kathmandu", "2026-06-01 05:45", "2026-06-01T00:00:00.000Z"},
    {"Pacific/Kiritimati", "2026-06-01 14:00", "2026-06-01T00:00:00.000Z"},
    {"Etc/GMT+5", "2026-06-01 00:00", "2026-06-01T05:00:00.000Z"},
};

TEST(Zoneinfo, LocalTimesBecomeUtc) {
  for (const Case& c : kCases) {
    const TimeZone zone = load_time_zone(c.zone);
    EXPECT_EQ(format_timestamp(zone.to_utc(local(c.local))), c.utc) << c.zone << " " << c.local;
  }
}

TEST(Zoneinfo, UtcAndLocalAgreeHourByHour) {
  for (const char* name : {"Europe/London", "America/New_York", "Australia/Lord_Howe",
                           "Asia/Shanghai", "Africa/Casablanca", "America/Sao_Paulo"}) {
    const TimeZone zone = load_time_zone(name);
    Timestamp t = parse_timestamp("1990-01-01").value();
    for (int hour = 0; hour < 60 * 365 * 24; hour += 7, t += std::chrono::hours(7)) {
      const Timestamp back = zone.to_utc(zone.to_local(t));
      // The second of two equal wall-clock times comes back as the first.
      if (back != t) {
        ASSERT_EQ(zone.to_local(back), zone.to_local(t)) << name << " " << format_timestamp(t);
        ASSERT_LT(back, t);
      }
    }
  }
}

TEST(Zoneinfo, BadNamesAreRefused) {
  for (const char* name : {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe",
                           "Europe/", "Europe//London", "Europe/London\n"}) {
    try {
      load_time_zone(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << name;
      EXPECT_EQ(error.fields().at(0).field, "time_zone");
    }
  }
}

}  // namespace
}  // namespace rapport
