#include "messaging/content/enclosure_maker.h"

#include "base/error.h"
#include "base/one_line.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "mail/calendar.h"
#include "messaging/campaign.h"
#include "runtime/zone_cache.h"

namespace rapport {
namespace {

/// A wall-clock time of the zone, or an instant.
Timestamp time_from(const std::string& field, const std::string& text, const TimeZone& zone) {
  if (const auto local = parse_local_time(text)) return zone.to_utc(*local);
  if (const auto instant = parse_timestamp(text)) return *instant;
  throw Error::invalid(field, "\"" + text + "\" is not a time like 2026-12-24T09:00");
}

}  // namespace

void EnclosureMaker::add(MailMessage& mail, const Enclosures& enclosures,
                         const ContentRenderer::Input& input, std::string_view uid) const {
  for (size_t i = 0; i < enclosures.files.size(); ++i) {
    const FileUse& use = enclosures.files[i];
    const auto file = files_.find(input.workspace, use.file_id);
    if (!file) {
      throw Error::invalid("attachments[" + std::to_string(i) + "]", "the file is gone");
    }
    mail.attachments.push_back(
        {use.name.empty() ? file->name : use.name, file->content_type, file->bytes});
  }
  if (enclosures.invitation) add_invitation(mail, *enclosures.invitation, input, uid);
}

void EnclosureMaker::add_invitation(MailMessage& mail, const Invitation& invitation,
                                    const ContentRenderer::Input& input,
                                    std::string_view uid) const {
  const auto line = [&](const std::string& source) {
    return source.empty() ? std::string() : one_line(renderer_.render_text(source, input));
  };
  std::string zone_name = line(invitation.time_zone);
  if (zone_name.empty()) zone_name = input.workspace_zone;
  const TimeZone* zone = system_zones().find(zone_name);
  if (zone == nullptr) {
    throw Error::invalid("invitation.time_zone", "\"" + zone_name + "\" is not a time zone");
  }
  CalendarEvent event;
  event.uid = line(invitation.uid);
  if (event.uid.empty()) event.uid = uid;
  event.sequence = invitation.sequence;
  event.cancelled = invitation.cancelled;
  event.created_at = mail.date;
  event.start = time_from("invitation.start", line(invitation.start), *zone);
  event.end = time_from("invitation.end", line(invitation.end), *zone);
  event.zone = zone_name == "UTC" ? nullptr : zone;
  event.summary = line(invitation.summary);
  event.description = trim(renderer_.render_text(invitation.description, input));
  event.location = line(invitation.location);
  const std::string organizer = line(invitation.organizer);
  event.organizer =
      organizer.empty() ? mail.from : parse_mailbox(organizer, "invitation.organizer");
  event.attendee = mail.to;
  event.attendee.name = input.customer.text_trait("name");
  mail.calendar = build_calendar(event);
  mail.calendar_method = invitation.cancelled ? "CANCEL" : "REQUEST";
}

}  // namespace rapport
