#include "customers/import/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "customers/import/csv_reader.h"
#include "customers/import/jsonl_reader.h"
#include "customers/import/mapping.h"
#include "customers/import/refused_log.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

constexpr uint64_t kRowsBetweenProgress = 2'000;

bool is_jsonl(const Mapping& mapping, std::string file) {
  if (!mapping.format.empty()) return mapping.format == "jsonl";
  if (file.ends_with(".gz")) file.resize(file.size() - 3);
  return file.ends_with(".jsonl") || file.ends_with(".ndjson") || file.ends_with(".json");
}

/// Counts by event name; the reading thread and the workers both write.
class Tally {
 public:
  void made(const ImportEvent& event) {
    const std::lock_guard lock(mutex_);
    auto& count = counts_[event.name];
    if (count.made++ == 0) count.example = event.json;
    ++total_;
  }
  void settled(const UploadResult& result) {
    const std::lock_guard lock(mutex_);
    auto& count = counts_[result.name];
    count.sent += result.sent;
    count.added += result.added;
    count.duplicates += result.duplicates;
    count.rejected += result.rejected.size();
  }
  uint64_t total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }
  std::vector<ImportReport::EventCount> list() const {
    const std::lock_guard lock(mutex_);
    std::vector<ImportReport::EventCount> result;
    for (const auto& [name, count] : counts_) {
      result.push_back(count);
      result.back().name = name;
    }
    return result;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ImportReport::EventCount> counts_;
  uint64_t total_ = 0;
};

/// One import under way.
class Import {
 public:
  Import(const ImportOptions& options, TransportFactory transports, ProgressSink& sink)
      : options_(options),
        sink_(sink),
        mapping_(load_mapping(options.mapping_path)),
        source_(open_file_source(options.file)),
        reader_(open_row_reader(
            mapping_, options.file_name.empty() ? options.file : options.file_name, *source_)),
        start_(clock_.steady()),
        refused_(options.file, options.refused_path, reader_->columns()) {
    if (!options.dry_run) {
      uploader_ = std::make_unique<Uploader>(std::move(transports), UploaderOptions(),
                                             [this](UploadResult result) {
                                               tally_.settled(result);
                                               for (const auto& rejected : result.rejected) {
                                                 refused_.add_event(rejected.line, rejected.reason);
                                               }
                                             });
    }
  }

  ImportReport run() {
    EventBuilder builder(
        mapping_, reader_->columns(),
        [this](ImportEvent event) {
          tally_.made(event);
          if (uploader_) uploader_->add(std::move(event));
        },
        [this](const RefusedRow& row) { refused_.add_row(row); });
    while (reader_->next()) {
      builder.add(*reader_);
      if (++rows_ % kRowsBetweenProgress == 0) show_progress();
    }
    show_progress();
    builder.finish();
    if (uploader_) uploader_->finish([this] { show_progress(); });
    show_progress();
    return report(builder.customers());
  }

 private:
  std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - start_);
  }
  void show_progress() {
    sink_.progress({source_->stored_position(), source_->stored_size(), rows_, tally_.total(),
                    uploader_ ? uploader_->events_sent() : tally_.total(), elapsed()});
  }
  ImportReport report(size_t customers) {
    ImportReport report;
    report.file = options_.file;
    report.mapping = mapping_.name;
    report.dry_run = options_.dry_run;
    report.rows = rows_;
    report.customers = customers;
    report.events = tally_.list();
    report.elapsed = elapsed();
    const double seconds = std::max(0.001, std::chrono::duration<double>(report.elapsed).count());
    report.rows_per_second = static_cast<double>(rows_) / seconds;
    refused_.conclude(report);
    return report;
  }

  const ImportOptions& options_;
  ProgressSink& sink_;
  SystemClock clock_;
  Mapping mapping_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<RowReader> reader_;
  std::chrono::steady_clock::time_point start_;
  uint64_t rows_ = 0;
  Tally tally_;
  RefusedLog refused_;
  std::unique_ptr<Uploader> uploader_;  // last: its workers use the members above
};

}  // namespace

std::unique_ptr<RowReader> open_row_reader(const Mapping& mapping, const std::string& file,
                                           ByteSource& source) {
  if (is_jsonl(mapping, file)) return std::make_unique<JsonlReader>(source, mapping.columns);
  CsvOptions options;
  options.delimiter = mapping.delimiter;
  options.columns = mapping.header;
  return std::make_unique<CsvReader>(source, std::move(options));
}

uint64_t ImportReport::refused_rows() const {
  uint64_t total = 0;
  for (const Refusal& refusal : refused) total += refusal.rows;
  return total;
}

const ImportReport::EventCount* ImportReport::find_event(std::string_view name) const {
  for (const EventCount& event : events) {
    if (event.name == name) return &event;
  }
  return nullptr;
}

ImportReport run_import(const ImportOptions& options, ProgressSink& sink) {
  return run_import(options, http_transports(options.url, options.key), sink);
}

ImportReport run_import(const ImportOptions& options, TransportFactory transports,
                        ProgressSink& sink) {
  return Import(options, std::move(transports), sink).run();
}

void print_import_report(std::FILE* out, const ImportReport& report) {
  const auto line = [out](const std::string& text) { fmt::print(out, "{}\n", text); };
  line(fmt::format("{}  {}, mapping {}, {:.1f} s, {:.0f} rows/s",
                   report.dry_run ? "Checked" : "Imported", report.file, report.mapping,
                   std::chrono::duration<double>(report.elapsed).count(), report.rows_per_second));
  line(fmt::format("  {:<36}{:>10}", "rows read", report.rows));
  line(fmt::format("  {:<36}{:>10}", "rows refused", report.refused_rows()));
  for (const auto& refusal : report.refused) {
    line(fmt::format("    {:<34}{:>10}", refusal.reason, refusal.rows));
  }
  line(fmt::format("  {:<36}{:>10}", "customers", report.customers));
  line(fmt::format("  {:<36}{:>10}{:>10}{:>12}{:>10}", "events", "made", "new", "duplicates",
                   "rejected"));
  for (const auto& event : report.events) {
    line(fmt::format("    {:<34}{:>10}{:>10}{:>12}{:>10}", event.name, event.made, event.added,
                     event.duplicates, event.rejected));
  }
  for (const auto& refusal : report.rejected) {
    line(fmt::format("  rejected by the program: {} ({})", refusal.reason, refusal.rows));
  }
  if (!report.refused_path.empty()) line("  refused rows: " + report.refused_path);
  if (report.refused_left_out > 0) {
    line(fmt::format("  {:<36}{:>10}", "refused rows without room there", report.refused_left_out));
  }
  if (!report.refused_error.empty()) line("  refused rows not written: " + report.refused_error);
  if (!report.dry_run) return;
  for (const auto& event : report.events) line("  first " + event.name + ": " + event.example);
}

}  // namespace rapport
