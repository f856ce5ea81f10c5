// Counts what an import refuses, by reason, and keeps the first examples for a file.
//
// Thread-safe: rows are refused by the reading thread, events by the uploading ones. Bounded: at
// most kMaxRefusedReasons reasons (the rest count as "other reasons"), kMaxRefusedExamples examples
// each.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "customers/import/event_builder.h"
#include "customers/import/import.h"

namespace rapport {

class RefusedLog {
 public:
  void add_row(RefusedRow row);
  void add_event(uint64_t line, const std::string& reason);
  /// Fills the counts of `report` and, when there is anything to show, writes the examples as CSV
  /// to `path` (empty: `<file>.refused.csv`, or the working folder when that cannot be written).
  void conclude(const std::string& file, const std::string& path,
                const std::vector<std::string>& columns, ImportReport& report) const;

 private:
  struct Reason {
    uint64_t count = 0;
    std::vector<RefusedRow> examples;
  };
  void add(std::map<std::string, Reason>& reasons, RefusedRow row);
  static std::vector<ImportReport::Refusal> counts(const std::map<std::string, Reason>& reasons);
  std::string render(const std::vector<std::string>& columns) const;

  mutable std::mutex mutex_;
  std::map<std::string, Reason> rows_;
  std::map<std::string, Reason> events_;
};

}  // namespace rapport
