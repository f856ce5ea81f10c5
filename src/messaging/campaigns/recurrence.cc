#include "messaging/campaigns/recurrence.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/text.h"

namespace rapport {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDays{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

int64_t read_number(std::string_view text, int64_t low, int64_t high, const std::string& field,
                    std::string_view part) {
  const auto value = parse_int(text);
  if (!value || *value < low || *value > high) {
    throw Error::invalid(field, std::string(part) + " takes numbers from " + std::to_string(low) +
                                    " to " + std::to_string(high));
  }
  return *value;
}

std::vector<int> read_numbers(std::string_view value, int low, int high, const std::string& field,
                              std::string_view part) {
  std::vector<int> numbers;
  for (const std::string_view text : split(value, ',')) {
    const auto number = static_cast<int>(read_number(text, low, high, field, part));
    if (number == 0 && low < 0) throw Error::invalid(field, std::string(part) + " has no day 0");
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

/// "20261231T235959Z" or "20261231", and the RFC 3339 forms.
std::optional<Timestamp> read_until(std::string_view text) {
  if (text.size() >= 8 && text.find('-') == text.npos) {
    std::string iso(text.substr(0, 4));
    iso += '-';
    iso += text.substr(4, 2);
    iso += '-';
    iso += text.substr(6, 2);
    if (text.size() == 8) return parse_timestamp(iso + "T23:59:59Z");
    if (text.size() == 16 && text[8] == 'T' && text[15] == 'Z') {
      iso += 'T';
      iso += text.substr(9, 2);
      iso += ':';
      iso += text.substr(11, 2);
      iso += ':';
      iso += text.substr(13, 2);
      return parse_timestamp(iso + "Z");
    }
    return std::nullopt;
  }
  return parse_timestamp(text);
}

unsigned weekday_of(local_days day) {
  return std::chrono::weekday(day).c_encoding();
}

int days_in_month(year_month_day date) {
  const auto last = year_month_day(local_days(date.year() / date.month() / std::chrono::last));
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

int64_t month_index(year_month_day date) {
  return int64_t{static_cast<int>(date.year())} * 12 +
         static_cast<int64_t>(static_cast<unsigned>(date.month()));
}

/// The Monday of the week of a day: RFC 5545's default week start.
local_days week_start(local_days day) {
  return day - days((weekday_of(day) + 6) % 7);
}

}  // namespace

Recurrence Recurrence::parse(std::string_view rule, const std::string& field) {
  if (rule.size() > limits::kMaxRecurrenceBytes) throw Error::invalid(field, "is too long");
  if (rule.starts_with("RRULE:")) rule.remove_prefix(6);
  Recurrence result;
  bool has_frequency = false;
  for (const std::string_view part : split(rule, ';')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == part.npos) throw Error::invalid(field, "has a part without =");
    has_frequency = has_frequency || part.substr(0, equals) == "FREQ";
    result.read_part(part.substr(0, equals), part.substr(equals + 1), field);
  }
  if (!has_frequency) throw Error::invalid(field, "needs FREQ");
  result.check(field);
  return result;
}

void Recurrence::read_part(std::string_view name, std::string_view value,
                           const std::string& field) {
  if (name == "FREQ") {
    constexpr std::array<std::string_view, 4> kNames{"HOURLY", "DAILY", "WEEKLY", "MONTHLY"};
    const auto found = std::find(kNames.begin(), kNames.end(), value);
    if (found == kNames.end()) {
      throw Error::invalid(field, "FREQ must be HOURLY, DAILY, WEEKLY or MONTHLY");
    }
    frequency_ = static_cast<Frequency>(found - kNames.begin());
  } else if (name == "INTERVAL") {
    interval_ = read_number(value, 1, 1'000, field, name);
  } else if (name == "COUNT") {
    count_ = read_number(value, 1, limits::kMaxRecurrenceCount, field, name);
  } else if (name == "UNTIL") {
    until_ = read_until(value);
    if (!until_) throw Error::invalid(field, "UNTIL is not a date or time");
  } else if (name == "BYMONTHDAY") {
    month_days_ = read_numbers(value, -31, 31, field, name);
  } else if (name == "BYHOUR") {
    hours_ = read_numbers(value, 0, 23, field, name);
  } else if (name == "BYMINUTE") {
    minutes_ = read_numbers(value, 0, 59, field, name);
  } else if (name == "BYDAY") {
    for (const std::string_view text : split(value, ',')) {
      const size_t at = text.size() < 2 ? 0 : text.size() - 2;
      const auto day = std::find(kDays.begin(), kDays.end(), text.substr(at));
      if (day == kDays.end()) throw Error::invalid(field, "BYDAY takes MO, TU, …");
      const int nth =
          at == 0 ? 0 : static_cast<int>(read_number(text.substr(0, at), -5, 5, field, name));
      if (at != 0 && nth == 0) throw Error::invalid(field, "BYDAY has no 0th day");
      weekdays_.push_back({nth, static_cast<unsigned>(day - kDays.begin())});
    }
  } else {
    throw Error::invalid(field, std::string(name.substr(0, 40)) + " is not supported");
  }
}

void Recurrence::check(const std::string& field) const {
  for (const Weekday& weekday : weekdays_) {
    if (weekday.nth != 0 && frequency_ != Frequency::kMonthly) {
      throw Error::invalid(field, "BYDAY counts days only with FREQ=MONTHLY");
    }
  }
  if (!month_days_.empty() && frequency_ == Frequency::kWeekly) {
    throw Error::invalid(field, "BYMONTHDAY does not go with FREQ=WEEKLY");
  }
  if (count_ && until_) throw Error::invalid(field, "has both COUNT and UNTIL");
}

bool Recurrence::in_interval(local_days day, local_days first) const {
  switch (frequency_) {
    case Frequency::kHourly:
      return true;  // counted in hours, see times_of
    case Frequency::kDaily:
      return (day - first).count() % interval_ == 0;
    case Frequency::kWeekly:
      return (week_start(day) - week_start(first)).count() / 7 % interval_ == 0;
    case Frequency::kMonthly:
      return (month_index(year_month_day(day)) - month_index(year_month_day(first))) % interval_ ==
             0;
  }
  return false;
}

bool Recurrence::matches_day(local_days day, local_days first) const {
  if (!in_interval(day, first)) return false;
  const year_month_day date(day);
  const int number = static_cast<int>(static_cast<unsigned>(date.day()));
  const int length = days_in_month(date);
  const auto has_month_day = [&](int wanted) {
    return wanted == (wanted > 0 ? number : number - length - 1);
  };
  const auto has_weekday = [&](const Weekday& wanted) {
    if (weekday_of(day) != wanted.day) return false;
    if (wanted.nth == 0) return true;
    return wanted.nth > 0 ? (number - 1) / 7 + 1 == wanted.nth
                          : (length - number) / 7 + 1 == -wanted.nth;
  };
  if (!month_days_.empty() && std::none_of(month_days_.begin(), month_days_.end(), has_month_day)) {
    return false;
  }
  if (!weekdays_.empty()) {
    return std::any_of(weekdays_.begin(), weekdays_.end(), has_weekday);
  }
  if (!month_days_.empty()) return true;
  if (frequency_ == Frequency::kWeekly) return weekday_of(day) == weekday_of(first);
  if (frequency_ == Frequency::kMonthly) return date.day() == year_month_day(first).day();
  return true;
}

std::vector<Timestamp> Recurrence::times_of(local_days day, LocalTime start,
                                            const TimeZone& zone) const {
  using std::chrono::hours;
  using std::chrono::minutes;
  const local_days first = std::chrono::floor<days>(start);
  const Micros clock_time = start - first;
  const int start_hour = static_cast<int>(std::chrono::floor<hours>(clock_time).count());
  const int start_minute =
      static_cast<int>(std::chrono::floor<minutes>(clock_time - hours(start_hour)).count());
  std::vector<Timestamp> times;
  for (int hour = 0; hour < 24; ++hour) {
    if (frequency_ == Frequency::kHourly) {
      const int64_t passed = (day - first).count() * 24 + hour - start_hour;
      if (passed % interval_ != 0) continue;
      if (!hours_.empty() && !std::binary_search(hours_.begin(), hours_.end(), hour)) continue;
    } else if (hours_.empty() ? hour != start_hour
                              : !std::binary_search(hours_.begin(), hours_.end(), hour)) {
      continue;
    }
    const std::vector<int> default_minute{start_minute};
    for (const int minute : minutes_.empty() ? default_minute : minutes_) {
      times.push_back(zone.to_utc(LocalTime(day) + hours(hour) + minutes(minute)));
    }
  }
  // Where clocks are set forward two local times may be one instant.
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

std::optional<Timestamp> Recurrence::next(Timestamp start, Timestamp after,
                                          const TimeZone& zone) const {
  const LocalTime local_start = zone.to_local(start);
  const local_days first = std::chrono::floor<days>(local_start);
  // Without a COUNT the days before `after` need no look; a local day begins at most a day apart.
  local_days day = first;
  if (!count_) {
    day = std::max(first, std::chrono::floor<days>(zone.to_local(after)) - days(1));
  }
  int64_t seen = 0;
  for (int64_t looked = 0; looked < limits::kMaxRecurrenceDays; ++looked, day += days(1)) {
    if (!matches_day(day, first)) continue;
    for (const Timestamp time : times_of(day, local_start, zone)) {
      if (time < start) continue;
      if (until_ && time > *until_) return std::nullopt;
      if (count_ && ++seen > *count_) return std::nullopt;
      if (time > after) return time;
    }
  }
  return std::nullopt;
}

}  // namespace rapport
