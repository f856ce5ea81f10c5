#include "base/time_zone.h"

#include <algorithm>

#include "base/error.h"

namespace rapport {
namespace {

constexpr size_t kHeaderBytes = 44;
constexpr uint32_t kMaxRecords = 100'000;

Error not_a_zone(const std::string& name) {
  return Error(ErrorCode::kCorrupted, "time zone " + name + " is not a compiled zone file");
}

int64_t read_big_endian(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  if (width == 4) return static_cast<int32_t>(static_cast<uint32_t>(value));
  return static_cast<int64_t>(value);
}

/// Counts of one data block, in the order of RFC 8536 section 3.1.
struct BlockHeader {
  char version;
  uint32_t ut_local, standard_wall, leap, times, types, abbreviation_bytes;

  size_t bytes(size_t time_width) const {
    return times * (time_width + 1) + types * 6 + abbreviation_bytes + leap * (time_width + 4) +
           standard_wall + ut_local;
  }
};

BlockHeader read_header(const std::string& name, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 4) != "TZif") throw not_a_zone(name);
  const auto count = [&](size_t index) {
    const auto value = static_cast<uint32_t>(read_big_endian(bytes, 20 + index * 4, 4));
    if (value > kMaxRecords) throw not_a_zone(name);
    return value;
  };
  return {bytes[4], count(0), count(1), count(2), count(3), count(4), count(5)};
}

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[noreturn]] void bad_rule() {
  throw Error(ErrorCode::kCorrupted, "the rule at the end of a time zone file is malformed");
}

int take_number(std::string_view& text) {
  int value = 0;
  size_t digits = 0;
  while (digits < text.size() && digits < 4 && is_digit(text[digits])) {
    value = value * 10 + (text[digits++] - '0');
  }
  if (digits == 0) bad_rule();
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

void skip_abbreviation(std::string_view& text) {
  size_t length = 0;
  if (take(text, '<')) {
    length = text.find('>');
    if (length == std::string_view::npos) bad_rule();
    text.remove_prefix(length + 1);
    return;
  }
  while (length < text.size() && is_alpha(text[length])) ++length;
  if (length < 3) bad_rule();
  text.remove_prefix(length);
}

/// [+-]hh[:mm[:ss]] in seconds.
int32_t take_time(std::string_view& text) {
  int sign = 1;
  if (take(text, '-')) {
    sign = -1;
  } else {
    take(text, '+');
  }
  int32_t seconds = take_number(text) * 3600;
  if (take(text, ':')) seconds += take_number(text) * 60;
  if (take(text, ':')) seconds += take_number(text);
  return sign * seconds;
}

}  // namespace

bool is_time_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || !is_alpha(name.front())) return false;
  const bool characters_fit = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '+' || c == '-' || c == '/';
  });
  return characters_fit && name.back() != '/' && name.find("//") == std::string_view::npos;
}

TimeZone::TimeZone() : name_("UTC") {}

TimeZone TimeZone::fixed(std::string name, std::chrono::seconds offset) {
  TimeZone zone;
  zone.name_ = std::move(name);
  zone.first_offset_s_ = static_cast<int32_t>(offset.count());
  return zone;
}

TimeZone TimeZone::parse(std::string name, std::string_view tzif) {
  TimeZone zone;
  zone.name_ = std::move(name);
  BlockHeader header = read_header(zone.name_, tzif);
  size_t width = 4;
  size_t at = kHeaderBytes;
  if (header.version >= '2') {
    // The first block repeats the data in 32 bits for old readers.
    at += header.bytes(4);
    if (at > tzif.size()) throw not_a_zone(zone.name_);
    header = read_header(zone.name_, tzif.substr(at));
    at += kHeaderBytes;
    width = 8;
  }
  if (at + header.bytes(width) > tzif.size() || header.types == 0) throw not_a_zone(zone.name_);
  const size_t indices = at + header.times * width;
  const size_t types = indices + header.times;
  const auto offset_of = [&](size_t type) {
    if (type >= header.types) throw not_a_zone(zone.name_);
    return static_cast<int32_t>(read_big_endian(tzif, types + type * 6, 4));
  };
  zone.first_offset_s_ = offset_of(0);
  zone.transitions_.reserve(header.times);
  for (size_t i = 0; i < header.times; ++i) {
    const int64_t when = read_big_endian(tzif, at + i * width, width);
    if (!zone.transitions_.empty() && when <= zone.transitions_.back().at_s) {
      throw not_a_zone(zone.name_);
    }
    zone.transitions_.push_back({when, offset_of(static_cast<uint8_t>(tzif[indices + i]))});
  }
  if (width == 8) {
    std::string_view footer = tzif.substr(at + header.bytes(width));
    if (!take(footer, '\n')) throw not_a_zone(zone.name_);
    zone.rule_ = parse_rule(footer.substr(0, footer.find('\n')));
  }
  return zone;
}

TimeZone::RuleDate TimeZone::parse_rule_date(std::string_view& text) {
  RuleDate date;
  if (!take(text, ',')) bad_rule();
  if (take(text, 'M')) {
    date.month = take_number(text);
    if (!take(text, '.')) bad_rule();
    date.week = take_number(text);
    if (!take(text, '.')) bad_rule();
    date.day = take_number(text);
    if (date.month < 1 || date.month > 12 || date.week < 1 || date.week > 5 || date.day > 6) {
      bad_rule();
    }
  } else {
    date.form = take(text, 'J') ? 'J' : 'N';
    date.day = take_number(text);
    if (date.day > 365) bad_rule();
  }
  if (take(text, '/')) date.time_s = take_time(text);
  return date;
}

TimeZone::Rule TimeZone::parse_rule(std::string_view text) {
  Rule rule;
  if (text.empty()) return rule;
  rule.present = true;
  skip_abbreviation(text);
  rule.standard_s = -take_time(text);  // POSIX counts west of Greenwich as positive
  if (text.empty()) return rule;
  rule.has_dst = true;
  skip_abbreviation(text);
  rule.dst_s = text.empty() || text.front() == ',' ? rule.standard_s + 3600 : -take_time(text);
  rule.dst_begins = parse_rule_date(text);
  rule.dst_ends = parse_rule_date(text);
  if (!text.empty()) bad_rule();
  return rule;
}

int64_t TimeZone::rule_second(const RuleDate& date, int year) {
  using namespace std::chrono;
  const std::chrono::year y{year};
  sys_days day;
  if (date.form == 'M') {
    const month m{static_cast<unsigned>(date.month)};
    const weekday w{static_cast<unsigned>(date.day)};
    day = date.week == 5 ? sys_days(year_month_weekday_last(y, m, weekday_last(w)))
                         : sys_days(year_month_weekday(y, m, w[static_cast<unsigned>(date.week)]));
  } else {
    day = sys_days(y / January / 1) + days(date.form == 'J' ? date.day - 1 : date.day);
    if (date.form == 'J' && y.is_leap() && date.day >= 60) day += days(1);
  }
  return day.time_since_epoch().count() * int64_t{86400} + date.time_s;
}

int32_t TimeZone::rule_offset(int64_t utc_s) const {
  if (!rule_.has_dst) return rule_.standard_s;
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(utc_s + rule_.standard_s)));
  const int year = static_cast<int>(std::chrono::year_month_day(day).year());
  const int64_t begins = rule_second(rule_.dst_begins, year) - rule_.standard_s;
  const int64_t ends = rule_second(rule_.dst_ends, year) - rule_.dst_s;
  // South of the equator summer time spans the new year, so it ends before it begins.
  const bool dst =
      begins < ends ? utc_s >= begins && utc_s < ends : utc_s >= begins || utc_s < ends;
  return dst ? rule_.dst_s : rule_.standard_s;
}

int32_t TimeZone::offset_seconds(int64_t utc_s) const {
  if (rule_.present && (transitions_.empty() || utc_s >= transitions_.back().at_s)) {
    return rule_offset(utc_s);
  }
  const auto after =
      std::upper_bound(transitions_.begin(), transitions_.end(), utc_s,
                       [](int64_t value, const Transition& t) { return value < t.at_s; });
  return after == transitions_.begin() ? first_offset_s_ : std::prev(after)->offset_s;
}

std::chrono::seconds TimeZone::offset_at(Timestamp utc) const {
  return std::chrono::seconds(
      offset_seconds(std::chrono::floor<std::chrono::seconds>(utc).time_since_epoch().count()));
}

LocalTime TimeZone::to_local(Timestamp utc) const {
  return LocalTime(utc.time_since_epoch() + offset_at(utc));
}

Timestamp TimeZone::to_utc(LocalTime local) const {
  const Timestamp as_if_utc(local.time_since_epoch());
  // No zone is further than a day from UTC, and none changes twice within two days.
  const auto before = offset_at(as_if_utc - std::chrono::days(1));
  const auto after = offset_at(as_if_utc + std::chrono::days(1));
  if (offset_at(as_if_utc - before) == before) return as_if_utc - before;
  if (offset_at(as_if_utc - after) == after) return as_if_utc - after;
  return as_if_utc - before;
}

}  // namespace rapport
