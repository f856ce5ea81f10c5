// Files that messages carry, kept in the control store once by what is in them.
//
// A file's id is made from its workspace, its type and its bytes: the same one given twice is kept
// once, and what an id means never changes. Files are either kept for campaigns (`add`), or came
// with a single message (`hold`) and go limits::kMessageFileKept after a message last used them.
// Thread-safe; calls block. Files being sent stay in memory, at most limits::kFileCacheBytes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "messaging/campaigns/enclosures.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct StoredFile {
  std::string id;
  std::string name;
  std::string content_type;
  size_t size = 0;
  Timestamp added_at;
};

struct NewFile {
  std::string name;
  std::string content_type;
  std::string bytes;
};

class FileService {
 public:
  struct Content {
    std::string name;
    std::string content_type;
    std::string bytes;
  };
  /// Name of a campaign that carries the file, if any.
  using UsedBy = std::function<std::optional<std::string>(WorkspaceId, std::string_view id)>;

  FileService(StateStore& control, AuditService& audit, const Clock& clock);

  /// Before the first `remove`.
  void set_used_by(UsedBy used_by) { used_by_ = std::move(used_by); }

  /// Throws kInvalidArgument naming `name`, `content_type` or `data`; kConflict when the workspace
  /// is full.
  StoredFile add(WorkspaceId workspace, NewFile file, const Actor& actor);
  /// Throws kInvalidArgument naming the field after `prefix` ("attachments[0].").
  static void check_new(const std::string& prefix, NewFile& file);
  /// Keeps files of one single message, which were checked; their ids, in order.
  std::vector<FileUse> hold(WorkspaceId workspace, std::vector<NewFile> files);
  /// Files kept for campaigns, newest first, those added before the one named.
  std::vector<StoredFile> list(WorkspaceId workspace, std::string_view before, size_t limit) const;
  /// kNotFound; kConflict while a campaign carries it.
  void remove(WorkspaceId workspace, std::string_view id, const Actor& actor);
  /// Throws kInvalidArgument naming `attachments` for files that are not kept here, or are too
  /// large together for one message.
  void check(WorkspaceId workspace, const std::vector<FileUse>& files) const;
  /// The same for a single message, which may also use files that came with another one: they stay
  /// as long as if they had come with it.
  void use(WorkspaceId workspace, const std::vector<FileUse>& files);
  /// Null when it is gone.
  std::shared_ptr<const Content> find(WorkspaceId workspace, std::string_view id) const;

 private:
  /// Whether files that came with a single message are among them.
  bool require(WorkspaceId workspace, const std::vector<FileUse>& files, bool only_kept) const;
  StoredFile put(Connection& c, WorkspaceId workspace, const NewFile& file, bool kept);

  StateStore& control_;
  AuditService& audit_;
  const Clock& clock_;
  UsedBy used_by_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Content>, std::less<>> cache_;
  mutable size_t cached_bytes_ = 0;
};

}  // namespace rapport
