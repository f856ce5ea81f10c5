#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace rapport {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

/// Reads exactly `width` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> take_fraction(std::string_view& text) {
  int64_t micros = 0;
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits < 6) micros = micros * 10 + (text[digits] - '0');
    ++digits;
  }
  if (digits == 0 || digits > 18) return std::nullopt;
  for (size_t i = digits; i < 6; ++i) micros *= 10;
  text.remove_prefix(digits);
  return micros;
}

/// Zone offset in seconds; the whole rest of `text` must be the zone.
std::optional<int> parse_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23) return std::nullopt;
  int minutes = 0;
  if (!text.empty()) {
    take(text, ':');
    const auto m = take_digits(text, 2);
    if (!m || *m > 59 || !text.empty()) return std::nullopt;
    minutes = *m;
  }
  return sign * (*hours * 3600 + minutes * 60);
}

struct Broken {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Micros> time;
  unsigned weekday;
};

Broken break_down(Timestamp t) {
  const auto day = std::chrono::floor<days>(t);
  return {std::chrono::year_month_day(day), std::chrono::hh_mm_ss<Micros>(t - day),
          std::chrono::weekday(day).c_encoding()};
}

constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string english_date(Timestamp t, std::string_view zone) {
  const Broken b = break_down(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}", kDays[b.weekday],
                     unsigned(b.date.day()), kMonths[unsigned(b.date.month()) - 1],
                     int(b.date.year()), b.time.hours().count(), b.time.minutes().count(),
                     b.time.seconds().count(), zone);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || *year == 0 || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  Timestamp result = sys_days(date);
  if (text.empty()) return result;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  int64_t micros = 0;
  if (take(text, ':')) {
    const auto s = take_digits(text, 2);
    if (!s || *s > 60) return std::nullopt;
    second = *s;
    if (take(text, '.') || take(text, ',')) {
      const auto fraction = take_fraction(text);
      if (!fraction) return std::nullopt;
      micros = *fraction;
    }
  }
  const auto zone = parse_zone(text);
  if (!zone) return std::nullopt;
  return result + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(second - *zone) + Micros(micros);
}

std::string format_timestamp(Timestamp t) {
  const Broken b = break_down(t);
  const int64_t us = b.time.subseconds().count();
  const auto head =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(b.date.year()),
                  unsigned(b.date.month()), unsigned(b.date.day()), b.time.hours().count(),
                  b.time.minutes().count(), b.time.seconds().count());
  return us % 1000 == 0 ? fmt::format("{}.{:03}Z", head, us / 1000)
                        : fmt::format("{}.{:06}Z", head, us);
}

std::string format_mail_date(Timestamp t) {
  return english_date(t, "+0000");
}
std::string format_http_date(Timestamp t) {
  return english_date(t, "GMT");
}

std::optional<Micros> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 12) return std::nullopt;
  int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end || count <= 0) return std::nullopt;
  int64_t unit_s = 0;
  switch (text.back()) {
    case 's':
      unit_s = 1;
      break;
    case 'm':
      unit_s = 60;
      break;
    case 'h':
      unit_s = 3600;
      break;
    case 'd':
      unit_s = 86400;
      break;
    case 'w':
      unit_s = 7 * 86400;
      break;
    default:
      return std::nullopt;
  }
  constexpr int64_t kMaxSeconds = int64_t{100} * 366 * 86400;
  if (count > kMaxSeconds / unit_s) return std::nullopt;
  return Micros(count * unit_s * 1'000'000);
}

}  // namespace rapport
