#include "customers/import/import_jobs.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/console.h"
#include "base/text.h"
#include "customers/import/import_report_body.h"
#include "http/json_schema.h"
#include "runtime/log.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchema = R"sql(
CREATE TABLE import_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace BIGINT NOT NULL,
  file_name TEXT NOT NULL,
  size BIGINT NOT NULL,
  received BIGINT NOT NULL,
  status BIGINT NOT NULL,
  mapping TEXT NOT NULL,
  error TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  events_made BIGINT NOT NULL,
  events_sent BIGINT NOT NULL,
  bytes_read BIGINT NOT NULL,
  report TEXT NOT NULL,
  has_refused BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT
);
CREATE INDEX import_jobs_workspace ON import_jobs (workspace, id);
CREATE INDEX import_jobs_status ON import_jobs (status, id);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

#define RAPPORT_IMPORT_COLUMNS                                                           \
  "SELECT id, workspace, file_name, size, received, status, mapping, error, rows_read, " \
  "events_made, events_sent, bytes_read, report, has_refused, created_by, created_at, "  \
  "started_at, finished_at FROM import_jobs "
constexpr std::string_view kFind = RAPPORT_IMPORT_COLUMNS "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kList =
    RAPPORT_IMPORT_COLUMNS "WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
constexpr std::string_view kNextQueued =
    RAPPORT_IMPORT_COLUMNS "WHERE status IN (2, 3) ORDER BY id LIMIT 1";
#undef RAPPORT_IMPORT_COLUMNS
constexpr std::string_view kInsert =
    "INSERT INTO import_jobs (workspace, file_name, size, received, status, mapping, error, "
    "rows_read, events_made, events_sent, bytes_read, report, has_refused, created_by, created_at) "
    "VALUES ($1, $2, $3, 0, 0, '', '', 0, 0, 0, 0, '', 0, $4, $5) RETURNING id";
constexpr std::string_view kReceived =
    "UPDATE import_jobs SET received = $2, status = $3 WHERE id = $1 AND status = 0";
constexpr std::string_view kQueue =
    "UPDATE import_jobs SET status = 2, mapping = $2, started_at = $3 WHERE id = $1 AND status = 1";
constexpr std::string_view kRunning = "UPDATE import_jobs SET status = 3 WHERE id = $1";
constexpr std::string_view kFinish =
    "UPDATE import_jobs SET status = $2, error = $3, report = $4, has_refused = $5, "
    "finished_at = $6, rows_read = $7, events_made = $8, events_sent = $9, bytes_read = $10 "
    "WHERE id = $1";
constexpr std::string_view kRemove = "DELETE FROM import_jobs WHERE workspace = $1 AND id = $2";
constexpr std::string_view kCount =
    "SELECT count(*), coalesce(sum(status = 0), 0) FROM import_jobs WHERE workspace = $1";
constexpr std::string_view kOld =
    "SELECT id, workspace FROM import_jobs WHERE (status >= 4 AND finished_at < $1) "
    "OR (status < 2 AND created_at < $2)";
constexpr std::chrono::hours kUploadKept{24};
constexpr size_t kPieceBytes = 256 * 1024;  // of a file that is downloaded
constexpr std::string_view kPrefix = "imp_";

ImportJob read_job(Statement& s) {
  ImportJob job;
  job.id = s.id(0);
  job.workspace = WorkspaceId{s.id(1)};
  job.file_name = s.text(2);
  job.size = s.integer(3);
  job.received = s.integer(4);
  job.status = static_cast<ImportStatus>(s.integer(5));
  job.mapping = s.text(6);
  job.error = s.text(7);
  job.rows = s.integer(8);
  job.events_made = s.integer(9);
  job.events_sent = s.integer(10);
  job.bytes_read = s.integer(11);
  job.report = s.text(12);
  job.has_refused = s.integer(13) != 0;
  job.created_by = s.text(14);
  job.created_at = s.time(15);
  job.started_at = s.optional_time(16);
  job.finished_at = s.optional_time(17);
  return job;
}

bool ended(ImportStatus status) {
  return status >= ImportStatus::kDone;
}

/// Only a name: what a browser sends is shown, never used as a path.
std::string check_file_name(std::string_view text) {
  const std::string name(trim(text));
  if (name.empty()) throw Error::invalid("file_name", "is required");
  if (name.size() > limits::kMaxNameBytes) throw Error::invalid("file_name", "is too long");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      throw Error::invalid("file_name", "has a control character");
    }
  }
  return name;
}

void write_at(const std::string& path, int64_t offset, std::string_view bytes, bool last) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw Error(ErrorCode::kUnavailable, "The upload cannot be stored.", path);
  bool good = true;
  while (good && !bytes.empty()) {
    const ssize_t wrote = pwrite(file, bytes.data(), bytes.size(), offset);
    good = wrote > 0;
    if (!good) break;
    bytes.remove_prefix(static_cast<size_t>(wrote));
    offset += wrote;
  }
  if (good && last) good = fsync(file) == 0;
  close(file);
  if (!good) throw Error(ErrorCode::kUnavailable, "The upload cannot be stored.", path);
}

void write_whole(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.flush();
  if (!out) throw Error(ErrorCode::kUnavailable, "The mapping cannot be stored.", path);
}

}  // namespace

std::string_view import_status_name(ImportStatus status) {
  static constexpr std::array<std::string_view, 7> kNames{
      "uploading", "uploaded", "queued", "running", "done", "failed", "cancelled"};
  return kNames.at(static_cast<size_t>(status));
}

std::string import_report_json(const ImportReport& report) {
  ImportReportBody body;
  body.rows = static_cast<int64_t>(report.rows);
  body.refused_rows = static_cast<int64_t>(report.refused_rows());
  body.customers = static_cast<int64_t>(report.customers);
  body.elapsed_ms = report.elapsed.count();
  for (const auto& e : report.events) {
    body.events.push_back({e.name, static_cast<int64_t>(e.made), static_cast<int64_t>(e.added),
                           static_cast<int64_t>(e.duplicates), static_cast<int64_t>(e.rejected)});
  }
  for (const auto& r : report.refused) body.refused.push_back({r.reason, int64_t(r.rows)});
  for (const auto& r : report.rejected) body.rejected.push_back({r.reason, int64_t(r.rows)});
  return to_json(body);
}

/// Keeps the figures of the running job and ends it when it was cancelled or the program stops.
class ImportJobs::Progress final : public ProgressSink {
 public:
  Progress(ImportJobs& jobs, uint64_t id) : jobs_(jobs), id_(id) {}
  void progress(const ImportProgress& p) override {
    const std::lock_guard lock(jobs_.mutex_);
    jobs_.figures_[id_] = {static_cast<int64_t>(p.rows), static_cast<int64_t>(p.events_made),
                           static_cast<int64_t>(p.events_sent), static_cast<int64_t>(p.bytes_read)};
    if (jobs_.stopping_ || jobs_.cancelled_.contains(id_)) {
      throw Error(ErrorCode::kUnavailable, "The import was stopped.");
    }
  }

 private:
  ImportJobs& jobs_;
  const uint64_t id_;
};

ImportJobs::ImportJobs(StateStore& control, fs::path folder, AuditService& audit,
                       const Clock& clock, Transports transports)
    : control_(control),
      folder_(std::move(folder)),
      audit_(audit),
      clock_(clock),
      transports_(std::move(transports)) {
  control_.migrate("import_jobs", kMigrations);
}

ImportJobs::~ImportJobs() {
  stop();
}

void ImportJobs::start() {
  thread_ = std::thread([this] { work(); });
}

void ImportJobs::stop() {
  stopping_ = true;
  { const std::lock_guard lock(mutex_); }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

ImportJob ImportJobs::create(WorkspaceId workspace, std::string_view file_name, int64_t size,
                             const Actor& actor) {
  const std::string name = check_file_name(file_name);
  if (size < 1 || size > limits::kMaxImportFileBytes) {
    throw Error::invalid("size",
                         "must be 1 to " + std::to_string(limits::kMaxImportFileBytes) + " bytes");
  }
  const uint64_t id = control_.write_value([&](Connection& c) {
    c.each(
        kCount,
        [](Statement& s) {
          if (s.integer(0) >= limits::kMaxImportJobs) {
            throw Error(ErrorCode::kUnprocessable,
                        "Delete an old import first: too many are kept.");
          }
          if (s.integer(1) >= limits::kMaxUploadingImports) {
            throw Error(ErrorCode::kUnprocessable, "Finish or delete an upload under way first.");
          }
        },
        workspace);
    const auto made = c.find(
        kInsert, [](Statement& s) { return s.id(0); }, workspace, name, size, actor.label,
        clock_.now());
    ENSURE(made.has_value());
    audit_.record(c, workspace, actor, "import.create", format_public_id(kPrefix, *made), name);
    return *made;
  });
  std::error_code failed;
  fs::create_directories(place(id), failed);
  if (failed) {
    erase(id);
    control_.write([&](Connection& c) { c.run(kRemove, workspace, id); });
    throw Error(ErrorCode::kUnavailable, "The upload cannot be stored.", failed.message());
  }
  return get(workspace, id);
}

ImportJob ImportJobs::upload(WorkspaceId workspace, uint64_t id, int64_t offset,
                             std::string_view bytes) {
  const ImportJob job = get(workspace, id);
  if (job.status != ImportStatus::kUploading) {
    throw Error(ErrorCode::kConflict, "This file is uploaded already.");
  }
  if (offset != job.received) {
    throw Error(ErrorCode::kConflict, "The next byte is " + std::to_string(job.received) + ".")
        .with_field("offset", "must be " + std::to_string(job.received));
  }
  if (bytes.empty()) throw Error::invalid("body", "is empty");
  const int64_t end = offset + static_cast<int64_t>(bytes.size());
  if (end > job.size) throw Error::invalid("body", "goes beyond the size that was announced");
  const bool last = end == job.size;
  write_at(data_file(id), offset, bytes, last);
  control_.write([&](Connection& c) {
    c.run(kReceived, id, end,
          static_cast<int64_t>(last ? ImportStatus::kUploaded : ImportStatus::kUploading));
  });
  return get(workspace, id);
}

ImportJob ImportJobs::with_file(WorkspaceId workspace, uint64_t id) const {
  ImportJob job = get(workspace, id);
  if (job.status == ImportStatus::kUploading) {
    throw Error(ErrorCode::kConflict, "The file is not uploaded whole yet.");
  }
  if (!fs::exists(data_file(id))) {
    throw Error(ErrorCode::kConflict, "The file of this import is no longer kept.");
  }
  return job;
}

ImportSample ImportJobs::sample(WorkspaceId workspace, uint64_t id) const {
  const ImportJob job = with_file(workspace, id);
  return sample_import(data_file(id), job.file_name);
}

ImportPreview ImportJobs::preview(WorkspaceId workspace, uint64_t id,
                                  std::string_view mapping) const {
  const ImportJob job = with_file(workspace, id);
  return preview_import(data_file(id), job.file_name, mapping);
}

ImportJob ImportJobs::begin(WorkspaceId workspace, uint64_t id, std::string_view mapping,
                            const Actor& actor) {
  const ImportJob job = with_file(workspace, id);
  if (job.status != ImportStatus::kUploaded) {
    throw Error(ErrorCode::kConflict, "This import was started already.");
  }
  // The columns too: what cannot run is refused here, not found out later.
  preview_import(data_file(id), job.file_name, mapping);
  control_.write([&](Connection& c) {
    c.run(kQueue, id, mapping, clock_.now());
    audit_.record(c, workspace, actor, "import.start", format_public_id(kPrefix, id),
                  job.file_name);
  });
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
  return get(workspace, id);
}

ImportJob ImportJobs::cancel(WorkspaceId workspace, uint64_t id, const Actor& actor) {
  const ImportJob job = get(workspace, id);
  if (ended(job.status)) throw Error(ErrorCode::kConflict, "This import ended already.");
  audit_.record(workspace, actor, "import.cancel", format_public_id(kPrefix, id), job.file_name);
  bool running = false;
  {
    const std::lock_guard lock(mutex_);
    running = figures_.contains(id);
    if (running) cancelled_.insert(id);
  }
  if (!running) finish(id, ImportStatus::kCancelled, {}, {});
  return get(workspace, id);
}

void ImportJobs::remove(WorkspaceId workspace, uint64_t id, const Actor& actor) {
  const ImportJob job = get(workspace, id);
  if (job.status == ImportStatus::kQueued || job.status == ImportStatus::kRunning) {
    throw Error(ErrorCode::kConflict, "Cancel this import first.");
  }
  control_.write([&](Connection& c) {
    c.run(kRemove, workspace, id);
    audit_.record(c, workspace, actor, "import.remove", format_public_id(kPrefix, id),
                  job.file_name);
  });
  erase(id);
}

void ImportJobs::erase(uint64_t id) {
  std::error_code failed;
  fs::remove_all(place(id), failed);
  if (failed) log_warning("import_files_left", {{"error", failed.message()}});
}

ImportJob ImportJobs::with_figures(ImportJob job) const {
  const std::lock_guard lock(mutex_);
  const auto found = figures_.find(job.id);
  if (found == figures_.end()) return job;
  job.rows = found->second.rows;
  job.events_made = found->second.made;
  job.events_sent = found->second.sent;
  job.bytes_read = found->second.bytes;
  return job;
}

ImportJob ImportJobs::get(WorkspaceId workspace, uint64_t id) const {
  auto job =
      control_.read_value([&](Connection& c) { return c.find(kFind, read_job, workspace, id); });
  if (!job) throw Error::not_found("Import");
  return with_figures(*std::move(job));
}

std::vector<ImportJob> ImportJobs::list(WorkspaceId workspace, uint64_t before,
                                        size_t limit) const {
  std::vector<ImportJob> jobs;
  control_.read([&](Connection& c) {
    c.each(
        kList, [&](Statement& s) { jobs.push_back(read_job(s)); }, workspace,
        before == 0 ? INT64_MAX : static_cast<int64_t>(before), limit);
  });
  for (ImportJob& job : jobs) job = with_figures(std::move(job));
  return jobs;
}

std::function<std::string()> ImportJobs::refused_csv(WorkspaceId workspace, uint64_t id) const {
  const ImportJob job = get(workspace, id);
  auto in = std::make_shared<std::ifstream>(refused_file(job.id), std::ios::binary);
  if (!job.has_refused || !*in) throw Error::not_found("List of refused rows");
  return [in] {
    std::string piece(kPieceBytes, '\0');
    in->read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<size_t>(in->gcount()));
    return piece;
  };
}

void ImportJobs::maintain() {
  std::vector<uint64_t> old;
  control_.write([&](Connection& c) {
    std::vector<std::pair<WorkspaceId, uint64_t>> rows;
    c.each(
        kOld, [&](Statement& s) { rows.emplace_back(WorkspaceId{s.id(1)}, s.id(0)); },
        clock_.now() - limits::kImportKept, clock_.now() - kUploadKept);
    for (const auto& [workspace, id] : rows) {
      c.run(kRemove, workspace, id);
      old.push_back(id);
    }
  });
  for (const uint64_t id : old) erase(id);
}

std::optional<ImportJob> ImportJobs::next_queued() const {
  return control_.read_value([](Connection& c) { return c.find(kNextQueued, read_job); });
}

void ImportJobs::work() {
  while (!stopping_) {
    try {
      if (const auto job = next_queued()) {
        run(*job);
        continue;
      }
    } catch (const std::exception& error) {
      log_error("import_jobs_failed", {{"error", error.what()}});
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds(5), [this] { return stopping_ || woken_; });
    woken_ = false;
  }
}

void ImportJobs::run(const ImportJob& job) {
  {
    const std::lock_guard lock(mutex_);
    figures_[job.id] = {};
  }
  ImportOptions options;
  options.file = data_file(job.id);
  options.file_name = job.file_name;
  options.mapping_path = (place(job.id) / "mapping.json").string();
  options.refused_path = refused_file(job.id);
  ImportStatus status = ImportStatus::kDone;
  std::string error;
  std::string report;
  try {
    control_.write([&](Connection& c) { c.run(kRunning, job.id); });
    write_whole(options.mapping_path, job.mapping);
    Progress progress(*this, job.id);
    report = import_report_json(run_import(options, transports_(job.workspace), progress));
  } catch (const Error& failure) {
    status = ImportStatus::kFailed;
    error = failure.public_detail();
  }
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    cancelled = cancelled_.erase(job.id) > 0;
  }
  if (status == ImportStatus::kFailed) {
    if (cancelled) {
      status = ImportStatus::kCancelled;
      error.clear();
    } else if (stopping_) {
      return;  // it stays in the store as running, and the next start runs it again
    }
  }
  finish(job.id, status, error, report);
}

void ImportJobs::finish(uint64_t id, ImportStatus status, const std::string& error,
                        const std::string& report) {
  Figures figures;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = figures_.find(id); found != figures_.end()) figures = found->second;
  }
  const bool refused = fs::exists(refused_file(id));
  control_.write([&](Connection& c) {
    c.run(kFinish, id, static_cast<int64_t>(status), error, report, refused, clock_.now(),
          figures.rows, figures.made, figures.sent, figures.bytes);
  });
  std::error_code ignored;
  fs::remove(data_file(id), ignored);
  const std::lock_guard lock(mutex_);
  figures_.erase(id);
}

}  // namespace rapport
