// What a message carries beside its text: files, and an invitation for the calendar. Pure.
//
// A file is named by the id under which the workspace keeps it (see content/file_service.h). The
// texts of an invitation are templates, rendered for each recipient.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rapport {

struct FileUse {
  std::string file_id;
  std::string name;  // empty: the file's own
};

struct Invitation {
  std::string uid;         // the same for updates and the cancellation; empty: one a recipient
  int64_t sequence = 0;    // higher for each update
  bool cancelled = false;  // METHOD:CANCEL, else REQUEST
  std::string start;       // "2026-12-01T09:00" in `time_zone`, or an instant
  std::string end;         // likewise
  std::string time_zone;   // IANA name; empty: the workspace's
  std::string summary;
  std::string description;
  std::string location;
  std::string organizer;  // a mailbox; empty: the sender
};

struct Enclosures {
  std::vector<FileUse> files;
  std::optional<Invitation> invitation;

  bool empty() const { return files.empty() && !invitation; }
};

/// Throws kInvalidArgument naming the field: attachments[0].name, invitation.start, ….
void check_enclosures(const Enclosures& enclosures);

/// Throws kInvalidArgument naming `field` for what is no name of a file: a path, control
/// characters, empty, too long.
void check_file_name(const std::string& field, std::string_view name);

}  // namespace rapport
