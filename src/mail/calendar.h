// Calendar invitations: one event as iCalendar text (RFC 5545, RFC 5546), for build_mime.
//
// Text is escaped, lines are folded at 75 bytes without splitting a character. Times are UTC, or in
// a zone that the text defines itself (VTIMEZONE), with the changes of its clocks that matter.
// Nothing of the input can add a line or a property. Pure functions.
#pragma once

#include <string>

#include "base/time.h"
#include "base/time_zone.h"
#include "mail/address.h"

namespace rapport {

struct CalendarEvent {
  std::string uid;       // the same for updates and the cancellation
  int64_t sequence = 0;  // higher for each update
  bool cancelled = false;
  Timestamp created_at;
  Timestamp start;
  Timestamp end;
  const TimeZone* zone = nullptr;  // in which its times are written; null: UTC
  std::string summary;
  std::string description;
  std::string location;
  Mailbox organizer;
  Mailbox attendee;
};

/// Throws kInvalidArgument naming the field: an end before the start, a bad address, no summary.
std::string build_calendar(const CalendarEvent& event);

}  // namespace rapport
