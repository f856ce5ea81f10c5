#include "customers/import/import_sample.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.h"
#include "base/limits/console.h"
#include "base/text.h"
#include "customers/import/csv_reader.h"
#include "customers/import/import.h"
#include "customers/import/jsonl_reader.h"
#include "runtime/zoneinfo.h"

namespace rapport {
namespace {

namespace bj = boost::json;

constexpr size_t kLookBytes = 256 * 1024;
constexpr size_t kShownCellBytes = 300;
constexpr size_t kPathDepth = 4;
constexpr std::string_view kDelimiters = ",;\t|";

/// The start of the (decompressed) file.
std::string beginning(const std::string& path) {
  const auto source = open_file_source(path);
  std::string text(kLookBytes, '\0');
  size_t used = 0;
  while (used < text.size()) {
    const size_t got = source->read(text.data() + used, text.size() - used);
    if (got == 0) break;
    used += got;
  }
  text.resize(used);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

/// The delimiter that stands most often in the first line, outside quotes.
char likely_delimiter(std::string_view text) {
  std::vector<size_t> counts(kDelimiters.size());
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    const size_t at = kDelimiters.find(c);
    if (at != std::string_view::npos) ++counts[at];
  }
  return kDelimiters[static_cast<size_t>(
      std::distance(counts.begin(), std::max_element(counts.begin(), counts.end())))];
}

void add_paths(const bj::object& object, const std::string& prefix, size_t depth,
               std::vector<std::string>& paths) {
  for (const auto& member : object) {
    const std::string path = prefix + std::string(member.key());
    if (member.value().is_object() && depth < kPathDepth) {
      add_paths(member.value().get_object(), path + ".", depth + 1, paths);
    } else if (paths.size() < limits::kMaxImportColumns &&
               std::find(paths.begin(), paths.end(), path) == paths.end()) {
      paths.push_back(path);
    }
  }
}

/// Dotted paths of the first objects, in the order they appear.
std::vector<std::string> json_paths(std::string_view text) {
  std::vector<std::string> paths;
  size_t rows = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (rows == limits::kImportSampleRows) break;
    bj::error_code failed;
    const bj::value value = bj::parse(trim(line), failed);
    if (failed || !value.is_object()) continue;
    add_paths(value.get_object(), "", 1, paths);
    ++rows;
  }
  return paths;
}

void read_rows(RowReader& reader, ImportSample& sample) {
  sample.columns = reader.columns();
  while (sample.rows.size() < limits::kImportSampleRows && reader.next()) {
    if (!reader.problem().empty()) continue;
    std::vector<std::string> cells;
    for (const std::string_view cell : reader.cells()) {
      cells.emplace_back(utf8_prefix(cell, kShownCellBytes));
    }
    sample.rows.push_back(std::move(cells));
  }
}

}  // namespace

ImportSample sample_import(const std::string& path, std::string_view name) {
  const std::string text = beginning(path);
  if (trim(text).empty()) throw Error::invalid("file", "is empty");
  ImportSample sample;
  const auto source = open_file_source(path);
  std::string lower = to_lower_ascii(name);
  if (lower.ends_with(".gz")) lower.resize(lower.size() - 3);
  const bool json =
      trim(text).starts_with('{') || lower.ends_with(".jsonl") || lower.ends_with(".ndjson");
  if (json) {
    sample.format = "jsonl";
    const auto paths = json_paths(text);
    if (paths.empty()) throw Error::invalid("file", "has no JSON object on its first lines");
    JsonlReader reader(*source, paths);
    read_rows(reader, sample);
  } else {
    sample.format = "csv";
    CsvOptions options;
    options.delimiter = likely_delimiter(text);
    sample.delimiter = std::string(1, options.delimiter);
    CsvReader reader(*source, std::move(options));
    read_rows(reader, sample);
  }
  return sample;
}

ImportPreview preview_import(const std::string& path, std::string_view name,
                             std::string_view mapping_json) {
  const Mapping mapping =
      parse_mapping(mapping_json, [](std::string_view zone) { return load_time_zone(zone); });
  const auto source = open_file_source(path);
  const auto reader = open_row_reader(mapping, std::string(name), *source);
  ImportPreview preview;
  EventBuilder builder(
      mapping, reader->columns(),
      [&](ImportEvent event) { preview.events.push_back(std::move(event.json)); },
      [&](RefusedRow row) { preview.refused.push_back(std::move(row)); });
  for (size_t rows = 0; rows < limits::kImportSampleRows && reader->next(); ++rows) {
    builder.add(*reader);
  }
  builder.finish();
  preview.customers = builder.customers();
  return preview;
}

}  // namespace rapport
