// Calendar arithmetic of conditions: periods beside a moment, and days that come back every year.
//
// Days begin at local midnight of a zone; where clocks skip midnight, at the first instant after
// it. Weeks begin on Monday, quarters in January, April, July and October. A day that a year does
// not have, 29 February, falls on the last day of February in that year. Pure, thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.h"
#include "base/time_zone.h"
#include "segments/condition.h"

namespace rapport {

/// Half-open: from <= t < to. Ends are kept inside what a Timestamp can be computed with.
struct TimeRange {
  Timestamp from;
  Timestamp to;
  bool holds(Timestamp t) const { return from <= t && t < to; }
};
constexpr Timestamp kTimeBegin = from_micros(-100'000'000'000'000'000);  // year -1199
constexpr Timestamp kTimeEnd = from_micros(300'000'000'000'000'000);     // year 11476

using LocalDay = std::chrono::local_days;

struct DayRange {
  LocalDay from;
  LocalDay to;  // the day after the last
  bool holds(LocalDay day) const { return from <= day && day < to; }
};

/// The day on the wall clock of `zone`.
LocalDay local_day(Timestamp t, const TimeZone& zone);
/// The first instant of a day.
Timestamp start_of(LocalDay day, const TimeZone& zone);

/// The unit that holds `day`, moved by `offset` units.
DayRange period_days(LocalDay day, PeriodUnit unit, int offset);
/// The period beside `moment` on the wall clock of `zone`.
TimeRange period_range(Period period, Timestamp moment, const TimeZone& zone);

/// The day on which `date` comes back in `year`.
LocalDay anniversary_in(LocalDay date, int year);
/// Whether an anniversary of `date` is one of `days` days, today the first of them: today and
/// those after it (`next`) or before it.
bool anniversary_within(LocalDay date, LocalDay today, int days, bool next);
/// The first day after `today` on which that answer is another; null when it never is.
std::optional<LocalDay> anniversary_change(LocalDay date, LocalDay today, int days, bool next);

}  // namespace rapport
