// The first look at a file that is to be imported: its columns, its first rows, and, with a
// mapping, the events these rows would become. Reads no further than it shows. Calls are
// independent; each reads the file itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "customers/import/event_builder.h"

namespace rapport {

struct ImportSample {
  std::string format;     // "csv" or "jsonl"
  std::string delimiter;  // of CSV
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // cells, at most limits::kImportSampleRows
};

struct ImportPreview {
  std::vector<std::string> events;  // JSON, as they would be sent
  std::vector<RefusedRow> refused;
  size_t customers = 0;
};

/// `name` is the file's own, which tells the format unless the first byte does. Throws
/// kInvalidArgument on field "file" for a file without rows or columns.
ImportSample sample_import(const std::string& path, std::string_view name);

/// What the first limits::kImportSampleRows rows become. Throws as parse_mapping does.
ImportPreview preview_import(const std::string& path, std::string_view name,
                             std::string_view mapping_json);

}  // namespace rapport
