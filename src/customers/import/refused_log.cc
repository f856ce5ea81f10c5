#include "customers/import/refused_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/limits.h"

namespace rapport {
namespace {

void append_csv(std::string& out, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Empty on success, else why not.
std::string write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? std::string() : path + ": " + std::strerror(errno);
}

}  // namespace

void RefusedLog::add_row(RefusedRow row) {
  add(rows_, std::move(row));
}

void RefusedLog::add_event(uint64_t line, const std::string& reason) {
  add(events_, {line, reason, {}});
}

void RefusedLog::add(std::map<std::string, Reason>& reasons, RefusedRow row) {
  const std::lock_guard lock(mutex_);
  if (reasons.size() >= limits::kMaxRefusedReasons && reasons.count(row.reason) == 0) {
    row.reason = "other reasons";
  }
  Reason& reason = reasons[row.reason];
  ++reason.count;
  if (reason.examples.size() < limits::kMaxRefusedExamples) {
    reason.examples.push_back(std::move(row));
  }
}

std::vector<ImportReport::Refusal> RefusedLog::counts(
    const std::map<std::string, Reason>& reasons) {
  std::vector<ImportReport::Refusal> result;
  for (const auto& [name, reason] : reasons) result.push_back({name, reason.count});
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.rows > b.rows; });
  return result;
}

std::string RefusedLog::render(const std::vector<std::string>& columns) const {
  std::string out = "line,reason";
  for (const std::string& column : columns) {
    out += ',';
    append_csv(out, column);
  }
  out += '\n';
  for (const auto* reasons : {&rows_, &events_}) {
    for (const auto& [name, reason] : *reasons) {
      for (const RefusedRow& row : reason.examples) {
        out += std::to_string(row.line) + ",";
        append_csv(out, reasons == &events_ ? "rejected by the program: " + name : name);
        for (const std::string& cell : row.cells) {
          out += ',';
          append_csv(out, cell);
        }
        out += '\n';
      }
    }
  }
  return out;
}

void RefusedLog::conclude(const std::string& file, const std::string& path,
                          const std::vector<std::string>& columns, ImportReport& report) const {
  const std::lock_guard lock(mutex_);
  report.refused = counts(rows_);
  report.rejected = counts(events_);
  if (rows_.empty() && events_.empty()) return;
  const std::string text = render(columns);
  std::vector<std::string> candidates{path};
  if (path.empty()) {
    const std::string name = file + ".refused.csv";
    candidates = {name, std::filesystem::path(name).filename().string()};
  }
  for (const std::string& candidate : candidates) {
    report.refused_error = write_file(candidate, text);
    if (report.refused_error.empty()) {
      report.refused_path = candidate;
      return;
    }
  }
}

}  // namespace rapport
