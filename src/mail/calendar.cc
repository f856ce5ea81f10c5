#include "mail/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/limits/files.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr size_t kFoldAt = 75;
constexpr size_t kMaxUidBytes = 200;

/// 20260301T120000Z
std::string time_text(Timestamp at) {
  std::string text;
  for (const char c : format_timestamp(std::chrono::floor<std::chrono::seconds>(at))) {
    if (c == '.') break;
    if (c != '-' && c != ':') text += c;
  }
  return text.ends_with('Z') ? text : text + "Z";
}

/// 20260301T130000, what a clock there shows.
std::string wall_text(const TimeZone& zone, Timestamp at) {
  std::string text = time_text(Timestamp(zone.to_local(at).time_since_epoch()));
  text.pop_back();
  return text;
}

/// +0130, with seconds where an old zone has them.
std::string offset_text(std::chrono::seconds offset) {
  const auto s = std::abs(offset.count());
  std::string text =
      fmt::format("{}{:02}{:02}", offset.count() < 0 ? '-' : '+', s / 3600, s / 60 % 60);
  if (s % 60 != 0) text += fmt::format("{:02}", s % 60);
  return text;
}

/// A change of the clocks: the first second of the new offset.
struct ClockChange {
  Timestamp at;
  std::chrono::seconds from;
  std::chrono::seconds to;
};

/// The changes in (begin, end], whole seconds both, in order. No zone changes twice within a day.
std::vector<ClockChange> changes_between(const TimeZone& zone, Timestamp begin, Timestamp end) {
  std::vector<ClockChange> changes;
  for (Timestamp day = begin; day < end;) {
    const Timestamp next = std::min(day + std::chrono::days(1), end);
    const auto from = zone.offset_at(day);
    const auto to = zone.offset_at(next);
    if (from != to) {
      Timestamp low = day;
      Timestamp high = next;
      while (high - low > std::chrono::seconds(1)) {
        const Timestamp middle = low + std::chrono::floor<std::chrono::seconds>((high - low) / 2);
        (zone.offset_at(middle) == from ? low : high) = middle;
      }
      changes.push_back({high, from, to});
    }
    day = next;
  }
  return changes;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
      out += c;
    }
  }
  return out;
}

/// A parameter's value: quoted, without what cannot be in quotes.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != 0x7F) out += c;
  }
  return out + "\"";
}

void add_line(std::string& out, std::string_view line) {
  size_t room = kFoldAt;
  while (line.size() > room) {
    const std::string_view piece = utf8_prefix(line, room);
    out += piece;
    out += "\r\n ";
    line.remove_prefix(piece.size());
    room = kFoldAt - 1;
  }
  out += line;
  out += "\r\n";
}

void add_observance(std::string& out, bool daylight, std::string_view wall,
                    std::chrono::seconds from, std::chrono::seconds to) {
  const std::string_view kind = daylight ? "DAYLIGHT" : "STANDARD";
  add_line(out, fmt::format("BEGIN:{}", kind));
  add_line(out, fmt::format("DTSTART:{}", wall));
  add_line(out, "TZOFFSETFROM:" + offset_text(from));
  add_line(out, "TZOFFSETTO:" + offset_text(to));
  add_line(out, fmt::format("END:{}", kind));
}

/// The zone from a year before the event to its end: what RFC 5545 asks for when the times of an
/// event name a zone. The offset in force at first is written as if it had always been.
void add_zone(std::string& out, const CalendarEvent& event) {
  const TimeZone& zone = *event.zone;
  const Timestamp begin =
      std::chrono::floor<std::chrono::seconds>(event.start) - std::chrono::days(400);
  const auto changes = changes_between(
      zone, begin, std::chrono::ceil<std::chrono::seconds>(event.end) + std::chrono::seconds(1));
  std::chrono::seconds least = zone.offset_at(begin);
  for (const ClockChange& change : changes) least = std::min(least, change.to);
  add_line(out, "BEGIN:VTIMEZONE");
  add_line(out, "TZID:" + zone.name());
  const auto first = zone.offset_at(begin);
  add_observance(out, first > least, "19700101T000000", first, first);
  for (const ClockChange& change : changes) {
    // The onset is told by the clocks as they were before it.
    const auto onset = time_text(change.at + change.from);
    add_observance(out, change.to > least, std::string_view(onset).substr(0, onset.size() - 1),
                   change.from, change.to);
  }
  add_line(out, "END:VTIMEZONE");
}

void add_time(std::string& out, std::string_view property, const CalendarEvent& event,
              Timestamp at) {
  if (event.zone == nullptr) return add_line(out, fmt::format("{}:{}", property, time_text(at)));
  add_line(out,
           fmt::format("{};TZID={}:{}", property, event.zone->name(), wall_text(*event.zone, at)));
}

void check(const CalendarEvent& event) {
  for (const auto& [field, text] : {std::pair<const char*, const std::string&>("uid", event.uid),
                                    {"summary", event.summary},
                                    {"description", event.description},
                                    {"location", event.location}}) {
    if (!is_valid_utf8(text)) throw Error::invalid(field, "is not UTF-8");
  }
  if (event.uid.empty() || event.uid.size() > kMaxUidBytes) {
    throw Error::invalid("uid", "must be 1 to 200 bytes");
  }
  if (trim(event.summary).empty()) throw Error::invalid("summary", "is required");
  if (event.end < event.start) throw Error::invalid("end", "is before the start");
  if (event.end - event.start > limits::kMaxInvitationSpan) {
    throw Error::invalid("end", "is more than a year after the start");
  }
  if (event.sequence < 0) throw Error::invalid("sequence", "must not be negative");
  for (const auto& [field, mailbox] :
       {std::pair<const char*, const Mailbox&>("organizer", event.organizer),
        {"attendee", event.attendee}}) {
    if (const auto problem = address_problem(mailbox.address)) {
      throw Error::invalid(field, *problem);
    }
  }
}

}  // namespace

std::string build_calendar(const CalendarEvent& event) {
  check(event);
  std::string out;
  add_line(out, "BEGIN:VCALENDAR");
  add_line(out, "PRODID:-//Rapport//Rapport//EN");
  add_line(out, "VERSION:2.0");
  add_line(out, event.cancelled ? "METHOD:CANCEL" : "METHOD:REQUEST");
  if (event.zone != nullptr) add_zone(out, event);
  add_line(out, "BEGIN:VEVENT");
  add_line(out, "UID:" + escaped(event.uid));
  add_line(out, "SEQUENCE:" + std::to_string(event.sequence));
  add_line(out, event.cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
  add_line(out, "DTSTAMP:" + time_text(event.created_at));
  add_time(out, "DTSTART", event, event.start);
  add_time(out, "DTEND", event, event.end);
  add_line(out, "SUMMARY:" + escaped(event.summary));
  if (!event.description.empty()) add_line(out, "DESCRIPTION:" + escaped(event.description));
  if (!event.location.empty()) add_line(out, "LOCATION:" + escaped(event.location));
  add_line(out, fmt::format("ORGANIZER;CN={}:mailto:{}", quoted(event.organizer.name),
                            event.organizer.address));
  add_line(out, fmt::format("ATTENDEE;CN={};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:"
                            "mailto:{}",
                            quoted(event.attendee.name), event.attendee.address));
  add_line(out, "END:VEVENT");
  add_line(out, "END:VCALENDAR");
  if (out.size() > limits::kMaxCalendarBytes) throw Error::invalid("description", "is too long");
  return out;
}

}  // namespace rapport
