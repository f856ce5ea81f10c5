#include "messaging/content/file_service.h"

#include <array>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/limits/files.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mail/mime.h"

namespace rapport {
namespace {

constexpr std::string_view kTable = R"sql(
CREATE TABLE message_files (
  workspace BIGINT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  kept INTEGER NOT NULL,
  added_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX message_files_list ON message_files (workspace, kept, added_at, id);
CREATE INDEX message_files_used ON message_files (workspace, kept, used_at, size);
)sql";
constexpr std::array kMigrations{Migration{1, kTable}};

constexpr std::string_view kAdd =
    "INSERT INTO message_files (workspace, id, name, content_type, size, kept, added_at, used_at, "
    "bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
constexpr std::string_view kKeep =
    "UPDATE message_files SET kept = 1, name = $3 WHERE workspace = $1 AND id = $2 AND kept = 0";
constexpr std::string_view kUse =
    "UPDATE message_files SET used_at = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kCount =
    "SELECT count(*), coalesce(sum(size), 0) FROM message_files WHERE workspace = $1";
constexpr std::string_view kFindOne =
    "SELECT id, name, content_type, size, added_at FROM message_files "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kList =
    "SELECT id, name, content_type, size, added_at FROM message_files WHERE workspace = $1 AND "
    "kept = 1 AND (added_at, id) < ($2, $3) ORDER BY added_at DESC, id DESC LIMIT $4";
constexpr std::string_view kOld =
    "SELECT id FROM message_files WHERE workspace = $1 AND kept = 0 AND used_at < $2 "
    "ORDER BY used_at LIMIT $3";
constexpr std::string_view kRemove = "DELETE FROM message_files WHERE workspace = $1 AND id = $2";
constexpr std::string_view kSize =
    "SELECT size, kept FROM message_files WHERE workspace = $1 AND id = $2";
constexpr std::string_view kContent =
    "SELECT name, content_type, bytes FROM message_files WHERE workspace = $1 AND id = $2";

StoredFile read_file(Statement& row) {
  StoredFile file;
  file.id = row.text(0);
  file.name = row.text(1);
  file.content_type = row.text(2);
  file.size = static_cast<size_t>(row.integer(3));
  file.added_at = row.time(4);
  return file;
}

std::string id_of(WorkspaceId workspace, const NewFile& file) {
  return "fil_" + hex_encode(as_view(
                      hash_128({std::to_string(workspace.value), file.content_type, file.bytes})));
}

}  // namespace

FileService::FileService(StateStore& control, AuditService& audit, const Clock& clock)
    : control_(control), audit_(audit), clock_(clock) {
  control_.migrate("message_files", kMigrations);
}

void FileService::check_new(const std::string& prefix, NewFile& file) {
  check_file_name(prefix + "name", file.name);
  file.content_type = to_lower_ascii(trim(file.content_type));
  if (file.content_type.size() > limits::kMaxFileTypeBytes ||
      !is_attachment_type(file.content_type)) {
    throw Error::invalid(prefix + "content_type", "is not the type of a file");
  }
  if (file.bytes.empty()) throw Error::invalid(prefix + "data", "is required");
  if (file.bytes.size() > limits::kMaxAttachmentBytes) {
    throw Error::invalid(
        prefix + "data",
        "is longer than " + std::to_string(limits::kMaxAttachmentBytes) + " bytes");
  }
}

StoredFile FileService::put(Connection& c, WorkspaceId workspace, const NewFile& file, bool kept) {
  const std::string id = id_of(workspace, file);
  const Timestamp now = clock_.now();
  if (c.find(kFindOne, read_file, workspace, id)) {
    if (kept) c.run(kKeep, workspace, id, file.name);
    c.run(kUse, workspace, id, now);
    return *c.find(kFindOne, read_file, workspace, id);
  }
  std::vector<std::string> old;
  c.each(
      kOld, [&](Statement& row) { old.emplace_back(row.text(0)); }, workspace,
      now - limits::kMessageFileKept, limits::kFilesRemovedAtOnce);
  for (const std::string& gone : old) c.run(kRemove, workspace, gone);
  const auto full = c.find(
      kCount,
      [&](Statement& row) {
        return static_cast<size_t>(row.integer(0)) >= limits::kMaxFiles ||
               static_cast<size_t>(row.integer(1)) + file.bytes.size() > limits::kMaxFilesBytes;
      },
      workspace);
  if (full.value_or(false)) {
    throw Error(ErrorCode::kConflict, "The workspace has as many files as it may have");
  }
  c.run(kAdd, workspace, id, file.name, file.content_type, file.bytes.size(), kept ? 1 : 0, now,
        Blob{file.bytes});
  return *c.find(kFindOne, read_file, workspace, id);
}

StoredFile FileService::add(WorkspaceId workspace, NewFile file, const Actor& actor) {
  check_new("", file);
  return control_.write_value([&](Connection& c) {
    StoredFile stored = put(c, workspace, file, true);
    audit_.record(c, workspace, actor, "file.add", stored.id, stored.name);
    return stored;
  });
}

std::vector<FileUse> FileService::hold(WorkspaceId workspace, std::vector<NewFile> files) {
  std::vector<FileUse> uses;
  if (files.empty()) return uses;
  control_.write([&](Connection& c) {
    uses.clear();
    for (const NewFile& file : files) {
      uses.push_back({put(c, workspace, file, false).id, file.name});
    }
  });
  return uses;
}

std::vector<StoredFile> FileService::list(WorkspaceId workspace, std::string_view before,
                                          size_t limit) const {
  return control_.read_value([&](Connection& c) {
    int64_t at = INT64_MAX;
    if (!before.empty()) {
      const auto from = c.find(kFindOne, read_file, workspace, before);
      if (!from) throw Error::invalid("cursor", "is not one this list gave");
      at = to_micros(from->added_at);
    }
    std::vector<StoredFile> files;
    c.each(
        kList, [&](Statement& row) { files.push_back(read_file(row)); }, workspace, at, before,
        limit);
    return files;
  });
}

void FileService::remove(WorkspaceId workspace, std::string_view id, const Actor& actor) {
  if (const auto user = used_by_ ? used_by_(workspace, id) : std::nullopt) {
    throw Error(ErrorCode::kConflict, "The campaign \"" + *user + "\" carries this file");
  }
  control_.write([&](Connection& c) {
    const auto file = c.find(kFindOne, read_file, workspace, id);
    if (!file) throw Error::not_found("File");
    c.run(kRemove, workspace, id);
    audit_.record(c, workspace, actor, "file.remove", id, file->name);
  });
  const std::lock_guard lock(mutex_);
  cache_.clear();
  cached_bytes_ = 0;
}

bool FileService::require(WorkspaceId workspace, const std::vector<FileUse>& files,
                          bool only_kept) const {
  size_t bytes = 0;
  bool passing = false;
  control_.read([&](Connection& c) {
    for (size_t i = 0; i < files.size(); ++i) {
      const auto size = c.find(
          kSize,
          [](Statement& row) {
            return std::pair(static_cast<size_t>(row.integer(0)), row.integer(1) != 0);
          },
          workspace, files[i].file_id);
      if (!size || (only_kept && !size->second)) {
        throw Error::invalid("attachments[" + std::to_string(i) + "].file_id",
                             "there is no such file");
      }
      bytes += size->first;
      passing |= !size->second;
    }
  });
  if (bytes > limits::kMaxAttachmentsBytes) {
    throw Error::invalid(
        "attachments",
        "are together longer than " + std::to_string(limits::kMaxAttachmentsBytes) + " bytes");
  }
  return passing;
}

void FileService::check(WorkspaceId workspace, const std::vector<FileUse>& files) const {
  if (!files.empty()) require(workspace, files, true);
}

void FileService::use(WorkspaceId workspace, const std::vector<FileUse>& files) {
  if (files.empty() || !require(workspace, files, false)) return;
  control_.write([&](Connection& c) {
    for (const FileUse& file : files) c.run(kUse, workspace, file.file_id, clock_.now());
  });
}

std::shared_ptr<const FileService::Content> FileService::find(WorkspaceId workspace,
                                                              std::string_view id) const {
  const std::string key = std::to_string(workspace.value) + "/" + std::string(id);
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(key); it != cache_.end()) return it->second;
  }
  auto read = control_.read_value([&](Connection& c) {
    return c.find(
        kContent,
        [](Statement& row) {
          return Content{std::string(row.text(0)), std::string(row.text(1)),
                         std::string(row.text(2))};
        },
        workspace, id);
  });
  if (!read) return nullptr;
  auto file = std::make_shared<const Content>(std::move(*read));
  const std::lock_guard lock(mutex_);
  if (cached_bytes_ + file->bytes.size() > limits::kFileCacheBytes) {
    cache_.clear();
    cached_bytes_ = 0;
  }
  if (cache_.emplace(key, file).second) cached_bytes_ += file->bytes.size();
  return file;
}

}  // namespace rapport
