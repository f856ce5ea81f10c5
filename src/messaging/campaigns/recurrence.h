// Recurrence: when a repeating campaign runs next. A subset of RFC 5545's RRULE, in a time zone.
//
// FREQ=HOURLY|DAILY|WEEKLY|MONTHLY, INTERVAL, COUNT, UNTIL, BYDAY (MO…SU; with FREQ=MONTHLY also
// 1MO…5MO and -1FR), BYMONTHDAY (1…31, -1…-31), BYHOUR, BYMINUTE. Anything else is refused by name.
// A local time that a change of clocks skips is moved by the length of the gap, as RFC 5545 and
// TimeZone::to_utc have it; one that occurs twice runs once, at its first. A month without the day
// asked for has no occurrence. Pure; deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/time_zone.h"

namespace rapport {

class Recurrence {
 public:
  /// Throws kInvalidArgument naming `field`.
  static Recurrence parse(std::string_view rule, const std::string& field);

  /// The first occurrence after `after`, of the series that begins at `start` (its date is the
  /// origin of INTERVAL, its time of day the default of BYHOUR and BYMINUTE); null when the series
  /// has ended.
  std::optional<Timestamp> next(Timestamp start, Timestamp after, const TimeZone& zone) const;

 private:
  enum class Frequency { kHourly, kDaily, kWeekly, kMonthly };
  struct Weekday {
    int nth = 0;       // 0: every; 1…5 from the month's begin, -1…-5 from its end
    unsigned day = 0;  // 0 Sunday … 6 Saturday
  };

  void read_part(std::string_view name, std::string_view value, const std::string& field);
  void check(const std::string& field) const;
  bool matches_day(std::chrono::local_days day, std::chrono::local_days first) const;
  bool in_interval(std::chrono::local_days day, std::chrono::local_days first) const;
  /// Instants of the occurrences of one local day, in order.
  std::vector<Timestamp> times_of(std::chrono::local_days day, LocalTime start,
                                  const TimeZone& zone) const;

  Frequency frequency_ = Frequency::kDaily;
  int64_t interval_ = 1;
  std::optional<int64_t> count_;
  std::optional<Timestamp> until_;
  std::vector<Weekday> weekdays_;
  std::vector<int> month_days_;
  std::vector<int> hours_;
  std::vector<int> minutes_;
};

}  // namespace rapport
