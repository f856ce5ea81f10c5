// Counts what an import refuses, by reason, and writes every refused row to a file as it comes.
//
// The file is made with the first refusal and stands in the order of the refusals. Thread-safe:
// rows are refused by the reading thread, events by the uploading ones. Bounded: at most
// kMaxRefusedReasons reasons (the rest count as "other reasons"), kMaxRefusedFileBytes of file;
// what does not fit is counted.
#pragma once

#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "customers/import/event_builder.h"
#include "customers/import/import.h"

namespace rapport {

class RefusedLog {
 public:
  /// Rows go as CSV to `path`; when it is empty to `<file>.refused.csv`, or to the working folder
  /// when that cannot be written.
  RefusedLog(const std::string& file, const std::string& path, std::vector<std::string> columns);

  void add_row(const RefusedRow& row);
  void add_event(uint64_t line, const std::string& reason);
  /// Closes the file and fills what `report` says of refusals. Once, at the end.
  void conclude(ImportReport& report);

 private:
  using Counts = std::map<std::string, uint64_t>;
  void add(Counts& counts, const RefusedRow& row, std::string_view said_before);
  void open();
  void write(const std::string& line);
  static std::vector<ImportReport::Refusal> list(const Counts& counts);

  std::mutex mutex_;
  std::vector<std::string> candidates_;
  std::vector<std::string> columns_;
  std::ofstream out_;
  std::string path_;   // of the open file
  std::string error_;  // why there is none, or why it is not whole
  size_t bytes_ = 0;
  uint64_t left_out_ = 0;  // rows for which the file had no room
  Counts rows_;
  Counts events_;
};

}  // namespace rapport
