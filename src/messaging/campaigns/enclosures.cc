#include "messaging/campaigns/enclosures.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/limits/files.h"
#include "base/text.h"
#include "liquid/template.h"

namespace rapport {
namespace {

void check_text(const std::string& field, const std::string& source, bool required) {
  if (required && trim(source).empty()) throw Error::invalid(field, "is required");
  if (source.size() > limits::kMaxInvitationFieldBytes) {
    throw Error::invalid(
        field, "is longer than " + std::to_string(limits::kMaxInvitationFieldBytes) + " bytes");
  }
  try {
    liquid::Template::parse(source);
  } catch (const Error& error) {
    throw Error::invalid(field, error.public_detail());
  }
}

}  // namespace

void check_file_name(const std::string& field, std::string_view name) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (trim(name).empty() || name.size() > limits::kMaxFileNameBytes || control ||
      !is_valid_utf8(name) || name.find_first_of("/\\") != name.npos) {
    throw Error::invalid(field, "must be a name of 1 to " +
                                    std::to_string(limits::kMaxFileNameBytes) + " bytes, no path");
  }
}

void check_enclosures(const Enclosures& enclosures) {
  if (enclosures.files.size() > limits::kMaxAttachments) {
    throw Error::invalid("attachments", "holds at most " + std::to_string(limits::kMaxAttachments));
  }
  for (size_t i = 0; i < enclosures.files.size(); ++i) {
    const FileUse& use = enclosures.files[i];
    const std::string field = "attachments[" + std::to_string(i) + "]";
    if (use.file_id.empty()) throw Error::invalid(field + ".file_id", "is required");
    if (!use.name.empty()) check_file_name(field + ".name", use.name);
  }
  if (!enclosures.invitation) return;
  const Invitation& i = *enclosures.invitation;
  check_text("invitation.uid", i.uid, false);
  check_text("invitation.start", i.start, true);
  check_text("invitation.end", i.end, true);
  check_text("invitation.time_zone", i.time_zone, false);
  check_text("invitation.summary", i.summary, true);
  check_text("invitation.description", i.description, false);
  check_text("invitation.location", i.location, false);
  check_text("invitation.organizer", i.organizer, false);
  if (i.sequence < 0 || i.sequence > limits::kMaxInvitationSequence) {
    throw Error::invalid("invitation.sequence",
                         "must be from 0 to " + std::to_string(limits::kMaxInvitationSequence));
  }
}

}  // namespace rapport
