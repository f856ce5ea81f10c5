// Pictures of a workspace, kept in the control store and served to readers of its messages.
//
// A picture's id is made from its bytes and its workspace, so uploading the same one twice keeps it
// once, and what is behind an address never changes. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct StoredImage {
  std::string id;
  std::string name;
  std::string content_type;
  int width = 0;
  int height = 0;
  size_t size = 0;
  Timestamp added_at;
};

class ImageService {
 public:
  /// After ContentService, which brings the table.
  ImageService(StateStore& control, AuditService& audit, const Clock& clock)
      : control_(control), audit_(audit), clock_(clock) {}

  /// Throws kInvalidArgument naming `data` or `name`, kConflict when the workspace is full.
  StoredImage add(WorkspaceId workspace, std::string_view name, std::string bytes,
                  const Actor& actor);
  /// Newest first, those added before the one named; from the newest when it is empty.
  std::vector<StoredImage> list(WorkspaceId workspace, std::string_view before, size_t limit) const;
  /// Messages that show it will miss it. kNotFound.
  void remove(WorkspaceId workspace, std::string_view id, const Actor& actor);

  struct Served {
    std::string content_type;
    std::string bytes;
  };
  /// For anybody who has the address.
  std::optional<Served> find(std::string_view id) const;

 private:
  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
};

}  // namespace rapport
