#include "liquid/date_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rapport::liquid {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

struct Parts {
  explicit Parts(Timestamp time)
      : day(floor<days>(time)),
        date(day),
        micros((time - day).count()),
        seconds(static_cast<int>(micros / 1'000'000)),
        weekday(std::chrono::weekday(day).c_encoding()) {}
  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned month_day() const { return static_cast<unsigned>(date.day()); }
  int hour() const { return seconds / 3600; }
  int hour12() const { return hour() % 12 == 0 ? 12 : hour() % 12; }
  int minute() const { return seconds / 60 % 60; }
  int year_day() const {
    return static_cast<int>((day - sys_days(date.year() / 1 / 1)).count()) + 1;
  }

  sys_days day;
  std::chrono::year_month_day date;
  int64_t micros;    // of the day
  int seconds;       // of the day
  unsigned weekday;  // Sunday is 0
};

/// Year and week of ISO 8601.
std::pair<int, int> iso_week(const Parts& parts) {
  const sys_days thursday = parts.day + days(3 - static_cast<int>((parts.weekday + 6) % 7));
  const Parts middle{Timestamp(thursday)};
  return {middle.year(), (middle.year_day() - 1) / 7 + 1};
}

struct Directive {
  char letter = 0;
  bool no_padding = false;
  bool upper = false;
  char padding = 0;
  int width = 0;
};

std::string number(const Directive& directive, int64_t value, int width, char padding = '0') {
  if (directive.no_padding) return std::to_string(value);
  const char fill = directive.padding ? directive.padding : padding;
  const int wanted = directive.width ? directive.width : width;
  std::string digits = std::to_string(value);
  if (static_cast<int>(digits.size()) < wanted) {
    digits.insert(0, static_cast<size_t>(wanted) - digits.size(), fill);
  }
  return digits;
}

std::string word(const Directive& directive, std::string_view text) {
  std::string out(text);
  if (directive.upper) {
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  const auto wanted = static_cast<size_t>(directive.width);
  if (out.size() < wanted) out.insert(0, wanted - out.size(), ' ');
  return out;
}

std::optional<std::string> expand_number(const Directive& d, const Parts& p) {
  switch (d.letter) {
    case 'Y':
      return number(d, p.year(), 1);
    case 'C':
      return number(d, p.year() / 100, 2);
    case 'y':
      return number(d, p.year() % 100, 2);
    case 'm':
      return number(d, p.month(), 2);
    case 'd':
      return number(d, p.month_day(), 2);
    case 'e':
      return number(d, p.month_day(), 2, ' ');
    case 'j':
      return number(d, p.year_day(), 3);
    case 'H':
      return number(d, p.hour(), 2);
    case 'k':
      return number(d, p.hour(), 2, ' ');
    case 'I':
      return number(d, p.hour12(), 2);
    case 'l':
      return number(d, p.hour12(), 2, ' ');
    case 'M':
      return number(d, p.minute(), 2);
    case 'S':
      return number(d, p.seconds % 60, 2);
    case 'L':
      return number({}, p.micros / 1000 % 1000, 3);
    case 'N':
      return number({}, p.micros % 1'000'000 * 1000, 9);
    case 's':
      return number(d, p.day.time_since_epoch().count() * 86400 + p.seconds, 1);
    case 'u':
      return number(d, p.weekday == 0 ? 7 : p.weekday, 1);
    case 'w':
      return number(d, p.weekday, 1);
    case 'U':
      return number(d, (p.year_day() + 6 - static_cast<int>(p.weekday)) / 7, 2);
    case 'W':
      return number(d, (p.year_day() + 6 - static_cast<int>((p.weekday + 6) % 7)) / 7, 2);
    case 'G':
      return number(d, iso_week(p).first, 4);
    case 'g':
      return number(d, iso_week(p).first % 100, 2);
    case 'V':
      return number(d, iso_week(p).second, 2);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> expand(const Directive& d, const Parts& p, Timestamp time) {
  if (auto text = expand_number(d, p)) return text;
  const std::string_view month = kMonths[p.month() - 1];
  const std::string_view day = kDays[p.weekday];
  switch (d.letter) {
    case 'B':
      return word(d, month);
    case 'b':
    case 'h':
      return word(d, month.substr(0, 3));
    case 'A':
      return word(d, day);
    case 'a':
      return word(d, day.substr(0, 3));
    case 'p':
      return word(d, p.hour() < 12 ? "AM" : "PM");
    case 'P':
      return word(d, p.hour() < 12 ? "am" : "pm");
    case 'Z':
      return word(d, "UTC");
    case 'z':
      return word(d, "+0000");
    case 'F':
      return format_date(time, "%Y-%m-%d");
    case 'T':
    case 'X':
      return format_date(time, "%H:%M:%S");
    case 'R':
      return format_date(time, "%H:%M");
    case 'r':
      return format_date(time, "%I:%M:%S %p");
    case 'D':
    case 'x':
      return format_date(time, "%m/%d/%y");
    case 'c':
      return format_date(time, "%a %b %e %H:%M:%S %Y");
    case 'v':
      return format_date(time, "%e-%^b-%Y");
    case 'n':
      return "\n";
    case 't':
      return "\t";
    case '%':
      return "%";
    default:
      return std::nullopt;
  }
}

struct LooseDate {
  std::optional<unsigned> month;
  std::optional<unsigned> day;
  std::optional<int> year;
  Micros time_of_day{0};
};

bool read_word(std::string_view text, LooseDate& date) {
  const std::string lower = to_lower_ascii(text);
  for (size_t i = 0; i < kMonths.size(); ++i) {
    const std::string month = to_lower_ascii(kMonths[i]);
    if (lower == month || lower == month.substr(0, 3)) {
      date.month = static_cast<unsigned>(i + 1);
      return true;
    }
  }
  for (const std::string_view name : kDays) {
    const std::string day = to_lower_ascii(name);
    if (lower == day || lower == day.substr(0, 3)) return true;
  }
  if (lower.find(':') != std::string::npos) {
    const auto time = parse_timestamp("1970-01-01T" + (lower.size() == 4 ? "0" + lower : lower));
    if (time) date.time_of_day = time->time_since_epoch();
    return time.has_value();
  }
  std::string_view digits = lower;
  for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
    if (digits.size() > 2 && digits.ends_with(suffix)) digits.remove_suffix(2);
  }
  const auto value = parse_int(digits);
  if (!value || *value < 1 || *value > 9999) return lower == "utc" || lower == "at";
  if (*value <= 31 && !date.day) {
    date.day = static_cast<unsigned>(*value);
  } else {
    date.year = static_cast<int>(*value);
  }
  return true;
}

std::optional<Timestamp> parse_loose(std::string_view text) {
  LooseDate date;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    if (text.empty()) break;
    const size_t end = std::min(text.find_first_of(" ,"), text.size());
    if (!read_word(text.substr(0, end), date)) return std::nullopt;
    text.remove_prefix(end);
  }
  if (!date.month || !date.year) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(*date.year),
                                        std::chrono::month(*date.month),
                                        std::chrono::day(date.day.value_or(1))};
  if (!day.ok()) return std::nullopt;
  return Timestamp(sys_days(day)) + date.time_of_day;
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 64) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    constexpr int64_t kYear9999 = 253'402'300'799;
    const auto seconds = parse_int(text);
    if (!seconds || *seconds > kYear9999) return std::nullopt;
    return from_micros(*seconds * 1'000'000);
  }
  if (const auto time = parse_timestamp(text)) return time;
  return parse_loose(text);
}

std::string format_date(Timestamp time, std::string_view format) {
  const Parts parts(time);
  std::string out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    Directive directive;
    size_t at = i + 1;
    for (; at < format.size(); ++at) {
      const char c = format[at];
      if (c == '-')
        directive.no_padding = true;
      else if (c == '^')
        directive.upper = true;
      else if (c == '_')
        directive.padding = ' ';
      else if (c == '0')
        directive.padding = '0';
      else
        break;
    }
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
      directive.width = std::min(directive.width * 10 + (format[at] - '0'), 99);
    }
    const bool colon = at + 1 < format.size() && format[at] == ':' && format[at + 1] == 'z';
    if (colon) ++at;
    directive.letter = at < format.size() ? format[at] : '\0';
    const auto text = colon ? std::optional<std::string>("+00:00") : expand(directive, parts, time);
    out += text ? *text : std::string(format.substr(i, at - i + 1));
    i = at;
  }
  return out;
}

}  // namespace rapport::liquid
