// `rapport import`: a file of rows, a mapping and a running program in; a report out.
//
// One import is one call; calls are independent and may run in parallel. Importing the same file
// with the same mapping twice adds nothing, because message ids are derived from the content.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "customers/import/byte_source.h"
#include "customers/import/mapping.h"
#include "customers/import/row_reader.h"
#include "customers/import/uploader.h"

namespace rapport {

struct ImportOptions {
  std::string file;
  std::string file_name;  // whose ending tells the format; empty: that of `file`
  std::string mapping_path;
  std::string url;           // "http://127.0.0.1:8080"
  std::string key;           // rk_… with scope admin
  std::string refused_path;  // empty: beside the file, else in the working folder
  bool dry_run = false;      // read and map, send nothing
};

struct ImportProgress {
  uint64_t bytes_read = 0;  // of the file as stored
  uint64_t bytes_total = 0;
  uint64_t rows = 0;
  uint64_t events_made = 0;
  uint64_t events_sent = 0;
  std::chrono::milliseconds elapsed{0};
};

class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  /// Called by the thread that imports, every few milliseconds.
  virtual void progress(const ImportProgress& progress) = 0;
};

struct ImportReport {
  struct EventCount {
    std::string name;  // of a track event, or "identify"
    uint64_t made = 0;
    uint64_t sent = 0;
    uint64_t added = 0;
    uint64_t duplicates = 0;
    uint64_t rejected = 0;  // by the program
    std::string example;    // the first event, JSON
  };
  struct Refusal {
    std::string reason;
    uint64_t rows = 0;
  };
  std::string file;
  std::string mapping;
  bool dry_run = false;
  uint64_t rows = 0;
  uint64_t customers = 0;
  std::vector<EventCount> events;  // by name
  std::vector<Refusal> refused;    // rows, most frequent first
  std::vector<Refusal> rejected;   // events, by the program
  std::string refused_path;        // file with the refused rows, empty when there are none
  uint64_t refused_left_out = 0;   // rows for which the file had no room
  std::string refused_error;       // why it could not be written
  std::chrono::milliseconds elapsed{0};
  double rows_per_second = 0;

  uint64_t refused_rows() const;
  /// Null when no event of the name was made.
  const EventCount* find_event(std::string_view name) const;
};

/// Runs an import against `options.url`. Throws Error: a bad mapping or file, a key that may not
/// import, a program that stays away.
ImportReport run_import(const ImportOptions& options, ProgressSink& sink);
/// The same over given connections.
ImportReport run_import(const ImportOptions& options, TransportFactory transports,
                        ProgressSink& sink);

/// Rows of `source` as the mapping, or else the ending of `file_name`, says they are written.
std::unique_ptr<RowReader> open_row_reader(const Mapping& mapping, const std::string& file_name,
                                           ByteSource& source);

/// A readable table for a terminal.
void print_import_report(std::FILE* out, const ImportReport& report);

}  // namespace rapport
