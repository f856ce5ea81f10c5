#include "mail/calendar.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/limits/delivery.h"
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
  add_line(out, "BEGIN:VEVENT");
  add_line(out, "UID:" + escaped(event.uid));
  add_line(out, "SEQUENCE:" + std::to_string(event.sequence));
  add_line(out, event.cancelled ? "STATUS:CANCELLED" : "STATUS:CONFIRMED");
  add_line(out, "DTSTAMP:" + time_text(event.created_at));
  add_line(out, "DTSTART:" + time_text(event.start));
  add_line(out, "DTEND:" + time_text(event.end));
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
