// ImportJobs: imports that run inside the program: a file uploaded in parts, a look at its first
// rows, a mapping, and then the same importer that `rapport import` uses, posting to collect.
//
// A job goes uploading → uploaded → queued → running → done, failed or cancelled. One job runs at a
// time. Everything but its figures is in control.db and below `folder`, so a job that was queued or
// running when the program stopped is run again from its beginning at the next start: importing
// twice changes nothing. Every call has the workspace first. Thread-safe; calls block. Limits:
// limits::kMaxImportFileBytes a file, kMaxImportJobs kept a workspace, kMaxUploadingImports
// unfinished ones.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "base/ids.h"
#include "customers/import/import.h"
#include "customers/import/import_sample.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

enum class ImportStatus { kUploading, kUploaded, kQueued, kRunning, kDone, kFailed, kCancelled };

/// "uploading", …
std::string_view import_status_name(ImportStatus status);

struct ImportJob {
  uint64_t id = 0;
  WorkspaceId workspace;
  std::string file_name;
  int64_t size = 0;      // bytes of the file
  int64_t received = 0;  // bytes uploaded
  ImportStatus status = ImportStatus::kUploading;
  std::string mapping;  // JSON, empty until started
  std::string error;    // why it failed
  int64_t rows = 0;
  int64_t events_made = 0;
  int64_t events_sent = 0;
  int64_t bytes_read = 0;
  std::string report;  // JSON of the report, empty until done
  bool has_refused = false;
  std::string created_by;
  Timestamp created_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> finished_at;
};

class ImportJobs {
 public:
  /// Connections over which events of a workspace reach collect.
  using Transports = std::function<TransportFactory(WorkspaceId)>;

  ImportJobs(StateStore& control, std::filesystem::path folder, AuditService& audit,
             const Clock& clock, Transports transports);
  ~ImportJobs();

  void start();
  /// Ends the running job; it is run again at the next start.
  void stop();

  ImportJob create(WorkspaceId workspace, std::string_view file_name, int64_t size,
                   const Actor& actor);
  /// Bytes from `offset` on, which must be as many as were received. kConflict otherwise.
  ImportJob upload(WorkspaceId workspace, uint64_t id, int64_t offset, std::string_view bytes);
  ImportSample sample(WorkspaceId workspace, uint64_t id) const;
  ImportPreview preview(WorkspaceId workspace, uint64_t id, std::string_view mapping) const;
  /// kConflict when it is not uploaded whole or began before.
  ImportJob begin(WorkspaceId workspace, uint64_t id, std::string_view mapping, const Actor& actor);
  /// kConflict when it ended already.
  ImportJob cancel(WorkspaceId workspace, uint64_t id, const Actor& actor);
  /// kConflict while it runs.
  void remove(WorkspaceId workspace, uint64_t id, const Actor& actor);
  ImportJob get(WorkspaceId workspace, uint64_t id) const;
  /// Newest first, below `before` when it is not 0.
  std::vector<ImportJob> list(WorkspaceId workspace, uint64_t before, size_t limit) const;
  /// CSV of the refused rows, a piece a call, empty at the end; kNotFound when none was refused.
  std::function<std::string()> refused_csv(WorkspaceId workspace, uint64_t id) const;
  /// Drops what ended long ago and uploads that nobody finished.
  void maintain();

 private:
  class Progress;
  struct Figures {
    int64_t rows = 0, made = 0, sent = 0, bytes = 0;
  };
  std::filesystem::path place(uint64_t id) const { return folder_ / std::to_string(id); }
  std::string data_file(uint64_t id) const { return (place(id) / "data").string(); }
  std::string refused_file(uint64_t id) const { return (place(id) / "refused.csv").string(); }
  ImportJob with_figures(ImportJob job) const;
  ImportJob with_file(WorkspaceId workspace, uint64_t id) const;
  std::optional<ImportJob> next_queued() const;
  void erase(uint64_t id);
  void work();
  void run(const ImportJob& job);
  void finish(uint64_t id, ImportStatus status, const std::string& error,
              const std::string& report);

  StateStore& control_;
  const std::filesystem::path folder_;
  AuditService& audit_;
  const Clock& clock_;
  const Transports transports_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::atomic<bool> stopping_{false};
  std::map<uint64_t, Figures> figures_;  // of the running job
  std::set<uint64_t> cancelled_;
  std::thread thread_;
};

/// The report as the API shows it.
std::string import_report_json(const ImportReport& report);

}  // namespace rapport
