#include "customers/import/cell_values.h"

#include <simdjson.h>

#include <algorithm>

#include "base/text.h"

namespace rapport {
namespace {

std::optional<int> take_number(std::string_view& text, size_t max_digits) {
  int value = 0;
  size_t digits = 0;
  while (digits < text.size() && digits < max_digits && text[digits] >= '0' &&
         text[digits] <= '9') {
    value = value * 10 + (text[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

struct CalendarFields {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  bool twelve_hours = false, afternoon = false;

  std::optional<LocalTime> time() const {
    using namespace std::chrono;
    const year_month_day date{std::chrono::year{year},
                              std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    int h = hour;
    if (twelve_hours) {
      if (hour < 1 || hour > 12) return std::nullopt;
      h = hour % 12 + (afternoon ? 12 : 0);
    }
    if (!date.ok() || year < 1 || h > 23 || minute > 59 || second > 60) return std::nullopt;
    return LocalTime(local_days(date)) + hours(h) + minutes(minute) + seconds(second);
  }
};

bool take_conversion(char conversion, std::string_view& text, CalendarFields& fields) {
  const auto into = [&](int& field, size_t digits) {
    const auto value = take_number(text, digits);
    if (value) field = *value;
    return value.has_value();
  };
  switch (conversion) {
    case 'Y':
      return into(fields.year, 4);
    case 'y':
      if (!into(fields.year, 2)) return false;
      fields.year += fields.year < 69 ? 2000 : 1900;  // as POSIX strptime
      return true;
    case 'm':
      return into(fields.month, 2);
    case 'd':
      return into(fields.day, 2);
    case 'H':
      return into(fields.hour, 2);
    case 'I':
      fields.twelve_hours = true;
      return into(fields.hour, 2);
    case 'M':
      return into(fields.minute, 2);
    case 'S':
      return into(fields.second, 2);
    case 'p':
      if (text.size() < 2 || (text[1] | 0x20) != 'm') return false;
      fields.afternoon = (text[0] | 0x20) == 'p';
      if (!fields.afternoon && (text[0] | 0x20) != 'a') return false;
      text.remove_prefix(2);
      return true;
    default:
      return false;
  }
}

std::optional<LocalTime> parse_pattern(std::string_view text, std::string_view pattern) {
  CalendarFields fields;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      if (!take_conversion(pattern[++i], text, fields)) return std::nullopt;
    } else {
      if (text.empty() || text.front() != pattern[i]) return std::nullopt;
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return std::nullopt;
  return fields.time();
}

std::string_view append_number(std::string_view cell, const ValueRule& rule, std::string& out) {
  auto number = Decimal::parse(cell);
  if (!number) return "not a number";
  if (rule.cast != Cast::kNumber && !number->is_integer()) return "not an integer";
  if (rule.negate) number = number->negated();
  if (rule.round) number = number->rounded(*rule.round);
  out += number->text();
  return {};
}

std::string_view append_boolean(std::string_view cell, std::string& out) {
  for (const std::string_view yes : {"true", "1", "yes", "y", "t"}) {
    if (equals_ignore_case(cell, yes)) return out += "true", std::string_view();
  }
  for (const std::string_view no : {"false", "0", "no", "n", "f"}) {
    if (equals_ignore_case(cell, no)) return out += "false", std::string_view();
  }
  return "not true or false";
}

/// As json_quote, without a copy for the usual text that needs no escapes.
void append_text(std::string_view cell, std::string& out) {
  const bool plain = std::none_of(cell.begin(), cell.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!plain) {
    out += json_quote(cell);
    return;
  }
  out += '"';
  out += cell;
  out += '"';
}

std::string_view append_json(std::string_view cell, std::string& out) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(cell.data(), cell.size()).get(element) != simdjson::SUCCESS) {
    return "not valid JSON";
  }
  out += simdjson::minify(element);
  return {};
}

}  // namespace

std::string_view append_cell(std::string_view cell, const ValueRule& rule, const TimeZone& zone,
                             std::string& out) {
  switch (rule.cast) {
    case Cast::kText:
      append_text(cell, out);
      return {};
    case Cast::kNumber:
    case Cast::kInteger:
      return append_number(trim(cell), rule, out);
    case Cast::kIntegerText: {
      const auto text = identifier_text(cell, rule.cast);
      if (!text) return "not an integer";
      out += json_quote(*text);
      return {};
    }
    case Cast::kBoolean:
      return append_boolean(trim(cell), out);
    case Cast::kTimestamp: {
      const auto time = parse_cell_time(trim(cell), "iso", zone);
      if (!time) return "not a date and time";
      out += json_quote(format_timestamp(*time));
      return {};
    }
    case Cast::kJson:
      return append_json(cell, out);
  }
  return "unknown cast";
}

std::optional<std::string> identifier_text(std::string_view cell, Cast cast) {
  cell = trim(cell);
  if (cast == Cast::kText) return std::string(cell);
  const auto number = Decimal::parse(cell);
  if (!number || !number->is_integer()) return std::nullopt;
  return number->text();
}

bool is_time_format(std::string_view format) {
  if (format == "iso" || format == "unix" || format == "unix_ms") return true;
  bool conversions = false;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    if (i == format.size() || std::string_view("YymdHIMSp").find(format[i]) == std::string::npos) {
      return false;
    }
    conversions = true;
  }
  return conversions;
}

std::optional<Timestamp> parse_cell_time(std::string_view cell, std::string_view format,
                                         const TimeZone& zone) {
  cell = trim(cell);
  if (format == "iso") {
    const auto time = parse_timestamp(cell);
    // A zone stands behind the time of day, so never within "2026-11-22T".
    const bool own_zone = cell.size() > 11 && cell.find_first_of("Zz+-", 11) != std::string::npos;
    if (!time || own_zone) return time;
    return zone.to_utc(LocalTime(time->time_since_epoch()));
  }
  if (format == "unix" || format == "unix_ms") {
    const auto number = parse_number(cell);
    const double limit_s = 253'402'300'799.0;  // the end of year 9999
    const double seconds = number.value_or(limit_s * 2) / (format == "unix" ? 1.0 : 1000.0);
    if (seconds > limit_s || seconds < -62'135'596'800.0) return std::nullopt;
    return from_micros(static_cast<int64_t>(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)));
  }
  const auto local = parse_pattern(cell, format);
  if (!local) return std::nullopt;
  return zone.to_utc(*local);
}

bool condition_holds(const RowCondition& condition, std::string_view cell) {
  using Op = RowCondition::Op;
  switch (condition.op) {
    case Op::kEquals:
      return cell == condition.values[0];
    case Op::kNotEquals:
      return cell != condition.values[0];
    case Op::kIn:
      return std::find(condition.values.begin(), condition.values.end(), cell) !=
             condition.values.end();
    case Op::kStartsWith:
      return cell.substr(0, condition.values[0].size()) == condition.values[0];
    case Op::kEmpty:
      return trim(cell).empty();
    case Op::kNotEmpty:
      return !trim(cell).empty();
    case Op::kLessThan:
    case Op::kGreaterThan: {
      const auto number = Decimal::parse(trim(cell));
      if (!number) return false;
      const auto difference = number->plus(Decimal::parse(condition.values[0])->negated());
      if (!difference || difference->text() == "0") return false;
      return (difference->text().front() == '-') == (condition.op == Op::kLessThan);
    }
  }
  return false;
}

}  // namespace rapport
