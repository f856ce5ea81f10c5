#include "segments/calendar.h"

#include <algorithm>

namespace rapport {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::months;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

LocalDay first_of_month(year_month_day date, unsigned months_each) {
  const unsigned index = static_cast<unsigned>(date.month()) - 1;
  return LocalDay(date.year() / month(index - index % months_each + 1) / day(1));
}

int year_of(LocalDay date) {
  return static_cast<int>(year_month_day(date).year());
}

}  // namespace

LocalDay local_day(Timestamp t, const TimeZone& zone) {
  return std::chrono::floor<days>(zone.to_local(t));
}

Timestamp start_of(LocalDay date, const TimeZone& zone) {
  return zone.to_utc(LocalTime(date));
}

DayRange period_days(LocalDay date, PeriodUnit unit, int offset) {
  const year_month_day civil(date);
  const auto by_months = [&](unsigned each) {
    const LocalDay first = first_of_month(civil, each);
    const auto at = [&](int n) {
      return LocalDay(year_month_day(first) + months(static_cast<int>(each) * n));
    };
    return DayRange{at(offset), at(offset + 1)};
  };
  switch (unit) {
    case PeriodUnit::kDay:
      return {date + days(offset), date + days(offset + 1)};
    case PeriodUnit::kWeek: {
      const auto since_monday = std::chrono::weekday(date) - std::chrono::Monday;
      const LocalDay monday = date - since_monday;
      return {monday + days(7 * offset), monday + days(7 * (offset + 1))};
    }
    case PeriodUnit::kMonth:
      return by_months(1);
    case PeriodUnit::kQuarter:
      return by_months(3);
    case PeriodUnit::kYear:
      return by_months(12);
  }
  return {date, date};
}

TimeRange period_range(Period period, Timestamp moment, const TimeZone& zone) {
  const DayRange range = period_days(local_day(moment, zone), period.unit, period.offset);
  return {start_of(range.from, zone), start_of(range.to, zone)};
}

LocalDay anniversary_in(LocalDay date, int in_year) {
  const year_month_day civil(date);
  const auto wanted = year(in_year) / civil.month() / civil.day();
  return wanted.ok() ? LocalDay(wanted)
                     : LocalDay(year(in_year) / civil.month() / std::chrono::last);
}

bool anniversary_within(LocalDay date, LocalDay today, int count, bool next) {
  const LocalDay first = next ? today : today - days(count - 1);
  const LocalDay last = next ? today + days(count - 1) : today;
  for (int in_year = year_of(first); in_year <= year_of(last); ++in_year) {
    const LocalDay at = anniversary_in(date, in_year);
    if (first <= at && at <= last) return true;
  }
  return false;
}

std::optional<LocalDay> anniversary_change(LocalDay date, LocalDay today, int count, bool next) {
  const bool now = anniversary_within(date, today, count, next);
  // The answer changes only beside an anniversary: as it comes into the days, or as it leaves them.
  const int first_year = year_of(today) - 1;
  std::optional<LocalDay> found;
  for (int in_year = first_year; in_year <= first_year + 10 && !found; ++in_year) {
    const LocalDay at = anniversary_in(date, in_year);
    const LocalDay enters = next ? at - days(count - 1) : at;
    const LocalDay leaves = (next ? at : at + days(count - 1)) + days(1);
    for (const LocalDay candidate : {enters, leaves}) {
      if (candidate > today && anniversary_within(date, candidate, count, next) != now &&
          (!found || candidate < *found)) {
        found = candidate;
      }
    }
  }
  return found;
}

}  // namespace rapport
