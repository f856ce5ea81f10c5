#include "messaging/campaigns/recurrence.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

Timestamp at(std::string_view text) {
  return *parse_timestamp(text);
}

/// The first `count` occurrences after the moment before `start`.
std::vector<std::string> series(const char* rule, const char* zone, const char* start,
                                size_t count) {
  const TimeZone tz = load_time_zone(zone);
  const Recurrence recurrence = Recurrence::parse(rule, "rule");
  std::vector<std::string> out;
  Timestamp after = at(start) - Micros(1);
  while (out.size() < count) {
    const auto next = recurrence.next(at(start), after, tz);
    if (!next) break;
    out.push_back(format_timestamp(*next).substr(0, 16));
    after = *next;
  }
  return out;
}

TEST(Recurrence, Series) {
  struct Case {
    const char* rule;
    const char* zone;
    const char* start;
    std::vector<std::string> expected;
  };
  const Case cases[] = {
      {"FREQ=DAILY",
       "UTC",
       "2026-01-30T09:15:00Z",
       {"2026-01-30T09:15", "2026-01-31T09:15", "2026-02-01T09:15"}},
      {"FREQ=DAILY;INTERVAL=3;BYHOUR=8,20;BYMINUTE=0",
       "UTC",
       "2026-01-30T09:15:00Z",
       {"2026-01-30T20:00", "2026-02-02T08:00", "2026-02-02T20:00"}},
      // Clocks go forward on 29 March 2026 in Berlin at 02:00: 02:30 is read as 03:30.
      {"FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
       "Europe/Berlin",
       "2026-03-28T00:00:00Z",
       {"2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"}},
      // And back on 25 October at 03:00: 02:30 occurs twice and counts once.
      {"FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
       "Europe/Berlin",
       "2026-10-24T00:00:00Z",
       {"2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"}},
      {"FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=0",
       "Asia/Ho_Chi_Minh",
       "2026-11-25T00:00:00Z",
       {"2026-11-26T02:00", "2026-11-30T02:00", "2026-12-03T02:00"}},
      {"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
       "UTC",
       "2026-11-23T10:00:00Z",
       {"2026-11-23T10:00", "2026-11-29T10:00", "2026-12-07T10:00", "2026-12-13T10:00"}},
      {"FREQ=WEEKLY", "UTC", "2026-11-25T10:00:00Z", {"2026-11-25T10:00", "2026-12-02T10:00"}},
      {"FREQ=MONTHLY;BYMONTHDAY=31",
       "UTC",
       "2026-01-01T07:00:00Z",
       {"2026-01-31T07:00", "2026-03-31T07:00", "2026-05-31T07:00"}},
      {"FREQ=MONTHLY;BYMONTHDAY=-1,1",
       "UTC",
       "2026-02-10T07:00:00Z",
       {"2026-02-28T07:00", "2026-03-01T07:00", "2026-03-31T07:00"}},
      {"FREQ=MONTHLY;BYDAY=2TU,-1FR",
       "UTC",
       "2026-11-01T07:00:00Z",
       {"2026-11-10T07:00", "2026-11-27T07:00", "2026-12-08T07:00", "2026-12-25T07:00"}},
      {"FREQ=MONTHLY;INTERVAL=2",
       "UTC",
       "2026-11-15T07:00:00Z",
       {"2026-11-15T07:00", "2027-01-15T07:00"}},
      {"FREQ=HOURLY;INTERVAL=6",
       "UTC",
       "2026-11-15T05:10:00Z",
       {"2026-11-15T05:10", "2026-11-15T11:10", "2026-11-15T17:10", "2026-11-15T23:10",
        "2026-11-16T05:10"}},
      {"FREQ=DAILY;COUNT=2",
       "UTC",
       "2026-11-15T05:10:00Z",
       {"2026-11-15T05:10", "2026-11-16T05:10"}},
      {"RRULE:FREQ=DAILY;UNTIL=20261116",
       "UTC",
       "2026-11-15T05:10:00Z",
       {"2026-11-15T05:10", "2026-11-16T05:10"}},
      {"FREQ=DAILY;UNTIL=20261116T051000Z",
       "UTC",
       "2026-11-15T05:10:00Z",
       {"2026-11-15T05:10", "2026-11-16T05:10"}},
      {"FREQ=MONTHLY;BYMONTHDAY=30;BYDAY=FR",
       "UTC",
       "2026-01-01T07:00:00Z",
       {"2026-01-30T07:00", "2026-10-30T07:00"}},
  };
  for (const Case& c : cases) {
    const size_t more = std::string_view(c.rule).find("COUNT") != std::string_view::npos ||
                                std::string_view(c.rule).find("UNTIL") != std::string_view::npos
                            ? 5
                            : 0;
    EXPECT_EQ(series(c.rule, c.zone, c.start, c.expected.size() + more), c.expected) << c.rule;
  }
}

TEST(Recurrence, NeverEndsOnARuleThatNeverOccurs) {
  EXPECT_TRUE(
      series("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO", "UTC", "2026-01-01T00:00:00Z", 1).empty());
}

TEST(Recurrence, RefusesWhatItDoesNotKnow) {
  for (const char* rule :
       {"", "DAILY", "FREQ=SECONDLY", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;BYMINUTE=60", "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYDAY="}) {
    EXPECT_THROW(Recurrence::parse(rule, "rule"), Error) << rule;
  }
}

}  // namespace
}  // namespace rapport
