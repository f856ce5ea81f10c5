#include "customers/import/refused_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/limits.h"
#include "base/limits/console.h"

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

std::string csv_line(uint64_t line, std::string_view reason,
                     const std::vector<std::string>& cells) {
  std::string out = std::to_string(line) + ",";
  append_csv(out, reason);
  for (const std::string& cell : cells) {
    out += ',';
    append_csv(out, cell);
  }
  return out += '\n';
}

}  // namespace

RefusedLog::RefusedLog(const std::string& file, const std::string& path,
                       std::vector<std::string> columns)
    : candidates_{path}, columns_(std::move(columns)) {
  if (!path.empty()) return;
  const std::string name = file + ".refused.csv";
  candidates_ = {name, std::filesystem::path(name).filename().string()};
}

void RefusedLog::add_row(const RefusedRow& row) {
  add(rows_, row, {});
}

void RefusedLog::add_event(uint64_t line, const std::string& reason) {
  add(events_, {line, reason, {}}, "rejected by the program: ");
}

void RefusedLog::add(Counts& counts, const RefusedRow& row, std::string_view said_before) {
  const std::lock_guard lock(mutex_);
  const bool room = counts.size() < limits::kMaxRefusedReasons || counts.count(row.reason) > 0;
  ++counts[room ? row.reason : "other reasons"];
  open();
  write(csv_line(row.line, std::string(said_before) + row.reason, row.cells));
}

void RefusedLog::open() {
  if (!path_.empty() || !error_.empty()) return;
  for (const std::string& candidate : candidates_) {
    out_.open(candidate, std::ios::binary | std::ios::trunc);
    if (out_) {
      path_ = candidate;
      error_.clear();
      std::string head = "line,reason";
      for (const std::string& column : columns_) {
        head += ',';
        append_csv(head, column);
      }
      return write(head + '\n');
    }
    error_ = candidate + ": " + std::strerror(errno);
    out_.clear();
  }
}

void RefusedLog::write(const std::string& line) {
  if (path_.empty() || bytes_ + line.size() > limits::kMaxRefusedFileBytes) {
    ++left_out_;
    return;
  }
  bytes_ += line.size();
  out_ << line;
}

std::vector<ImportReport::Refusal> RefusedLog::list(const Counts& counts) {
  std::vector<ImportReport::Refusal> result;
  for (const auto& [name, rows] : counts) result.push_back({name, rows});
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.rows > b.rows; });
  return result;
}

void RefusedLog::conclude(ImportReport& report) {
  const std::lock_guard lock(mutex_);
  report.refused = list(rows_);
  report.rejected = list(events_);
  if (out_.is_open()) {
    out_.close();
    if (!out_) error_ = path_ + ": " + std::strerror(errno);
  }
  report.refused_path = path_;
  report.refused_left_out = path_.empty() ? 0 : left_out_;
  report.refused_error = error_;
}

}  // namespace rapport
