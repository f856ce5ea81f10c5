#include "customers/customer_export.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "stream/payload.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 6> kPlainColumns{"id",         "email",     "name",
                                                        "first_seen", "last_seen", "event_count"};
constexpr std::string_view kIdentifier = "identifier:";
constexpr std::string_view kTrait = "trait:";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_column(std::string_view name) {
  if (std::find(kPlainColumns.begin(), kPlainColumns.end(), name) != kPlainColumns.end()) {
    return true;
  }
  return (name.starts_with(kIdentifier) && name.size() > kIdentifier.size()) ||
         (name.starts_with(kTrait) && name.size() > kTrait.size());
}

/// Spreadsheets run cells that begin so; a signed number is none of them.
bool is_formula(std::string_view cell) {
  if (cell.empty()) return false;
  if (cell.front() == '=' || cell.front() == '@' || cell.front() == '\t' || cell.front() == '\r') {
    return true;
  }
  if (cell.front() != '+' && cell.front() != '-') return false;
  return cell.find_first_not_of("0123456789 .,()-", 1) != std::string_view::npos;
}

void append_cell(std::string& line, std::string_view cell) {
  std::string kept = is_formula(cell) ? "'" + std::string(cell) : std::string(cell);
  if (kept.find_first_of(",\"\r\n") == std::string::npos) {
    line += kept;
    return;
  }
  line += '"';
  for (const char c : kept) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

std::string trait_text(const Customer& customer, std::string_view name) {
  for (const auto& [trait, json] : customer.traits) {
    if (trait != name) continue;
    if (!json.starts_with('"')) return json;
    Payload payload;
    return payload.parse("{\"v\":" + json + "}") ? payload.text("v").value_or("") : std::string();
  }
  return {};
}

std::string cell_of(const Customer& customer, std::string_view column) {
  if (column == "id") return to_public(customer.id);
  if (column == "email") return customer.email();
  if (column == "name") return customer.label();
  if (column == "first_seen") return format_timestamp(customer.first_seen);
  if (column == "last_seen") return format_timestamp(customer.last_seen);
  if (column == "event_count") return std::to_string(customer.event_count);
  if (column.starts_with(kTrait)) return trait_text(customer, column.substr(kTrait.size()));
  std::string values;
  for (const LinkedIdentifier& identifier : customer.identifiers) {
    if (identifier.kind != column.substr(kIdentifier.size())) continue;
    if (!values.empty()) values += "; ";
    values += identifier.value;
  }
  return values;
}

}  // namespace

std::vector<std::string> parse_export_columns(std::string_view list) {
  if (trim(list).empty()) {
    return {"id", "email", "name", "identifier:user_id", "first_seen", "last_seen", "event_count"};
  }
  std::vector<std::string> columns;
  for (const std::string_view part : split(list, ',')) {
    const std::string name(trim(part));
    if (!is_column(name)) throw Error::invalid("columns", "has no column \"" + name + "\"");
    columns.push_back(name);
  }
  if (columns.size() > limits::kMaxExportColumns) {
    throw Error::invalid("columns",
                         "may have " + std::to_string(limits::kMaxExportColumns) + " at most");
  }
  return columns;
}

std::string CustomerExport::next() {
  std::string lines;
  if (!started_) {
    started_ = true;
    lines = kByteOrderMark;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) lines += ',';
      append_cell(lines, columns_[i]);
    }
    lines += "\r\n";
    return lines;
  }
  if (ended_) return {};
  const auto slice = reader_.list(workspace_, filter_, limits::kExportPiece, cursor_);
  for (const Customer& customer : slice.items) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) lines += ',';
      append_cell(lines, cell_of(customer, columns_[i]));
    }
    lines += "\r\n";
  }
  cursor_ = slice.next_cursor;
  ended_ = cursor_.empty();
  return lines;
}

}  // namespace rapport
