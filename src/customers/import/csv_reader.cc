#include "customers/import/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {
constexpr size_t kFirstBufferBytes = 256 * 1024;
}

CsvReader::CsvReader(ByteSource& source, CsvOptions options)
    : source_(source), options_(std::move(options)), buffer_(kFirstBufferBytes) {
  while (end_ < 3 && refill()) {
  }
  if (end_ >= 3 && std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) begin_ = 3;
  if (options_.columns.empty()) {
    if (!read_row()) throw Error::invalid("file", "the file is empty");
    if (cells_.size() > limits::kMaxImportColumns) fail("too many columns");
    options_.columns.assign(cells_.begin(), cells_.end());
  }
  check_columns();
}

void CsvReader::check_columns() const {
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : options_.columns) {
    if (name.empty()) throw Error::invalid("file", "the header has a column without a name");
    if (!is_valid_utf8(name)) throw Error::invalid("file", "the header is not UTF-8");
    if (!seen.insert(name).second) throw Error::invalid("file", "two columns named " + name);
  }
}

void CsvReader::fail(std::string_view what) const {
  throw Error::invalid("file",
                       "line " + std::to_string(line_ + scanned_lines_) + ": " + std::string(what));
}

/// Makes room (first by moving the unfinished row to the front) and reads more; false at the end.
bool CsvReader::refill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= options_.max_row_bytes) {
      scanned_lines_ = 0;
      fail("the row is over " + std::to_string(options_.max_row_bytes) + " bytes");
    }
    buffer_.resize(
        std::min(buffer_.size() * 2, std::max(options_.max_row_bytes, buffer_.size() + 1)));
  }
  const size_t count = source_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

bool CsvReader::next() {
  problem_ = {};
  if (!read_row()) return false;
  if (cells_.size() != options_.columns.size()) {
    problem_ = cells_.size() < options_.columns.size() ? "fewer cells than columns"
                                                       : "more cells than columns";
    return true;
  }
  for (const std::string_view cell : cells_) {
    if (!is_valid_utf8(cell)) {
      problem_ = "not UTF-8";
      break;
    }
  }
  return true;
}

bool CsvReader::read_row() {
  while (true) {
    // Empty lines are no rows.
    while (begin_ < end_ &&
           (buffer_[begin_] == '\n' ||
            (buffer_[begin_] == '\r' && begin_ + 1 < end_ && buffer_[begin_ + 1] == '\n'))) {
      begin_ += buffer_[begin_] == '\n' ? 1 : 2;
      ++line_;
    }
    const bool lone_return = begin_ + 1 == end_ && buffer_[begin_] == '\r';
    if (begin_ == end_ || lone_return) {
      if (refill()) continue;
      return false;
    }
    if (scan_row()) return true;
    refill();
  }
}

/// Splits the row at begin_. False when the buffer ends first and there is more to read.
bool CsvReader::scan_row() {
  fields_.clear();
  scanned_lines_ = 0;
  size_t at = begin_;
  while (true) {
    Field field{at, at, false};
    if (at < end_ && buffer_[at] == '"') {
      if (!scan_quoted(at, field)) return false;
    } else {
      scan_plain(at, field);
    }
    if (field.end - field.begin > options_.max_field_bytes) {
      fail("the field is over " + std::to_string(options_.max_field_bytes) + " bytes");
    }
    if (at == end_ && !at_end_) return false;
    fields_.push_back(field);
    if (at < end_ && buffer_[at] == options_.delimiter) {
      ++at;
      continue;
    }
    // Here `at` is at a line break or at the end of the file.
    Field& last = fields_.back();
    if (last.end == at && last.end > last.begin && buffer_[last.end - 1] == '\r') --last.end;
    if (at - begin_ > options_.max_row_bytes) {
      scanned_lines_ = 0;
      fail("the row is over " + std::to_string(options_.max_row_bytes) + " bytes");
    }
    publish_cells();
    row_line_ = line_;
    line_ += scanned_lines_ + 1;
    begin_ = at < end_ ? at + 1 : at;
    return true;
  }
}

void CsvReader::scan_plain(size_t& at, Field& field) const {
  const char* const data = buffer_.data();
  while (at < end_ && data[at] != options_.delimiter && data[at] != '\n') ++at;
  field.end = at;
}

/// Leaves `at` behind the closing quote. False when the buffer ends first and there is more.
bool CsvReader::scan_quoted(size_t& at, Field& field) {
  field.begin = ++at;
  while (true) {
    while (at < end_ && buffer_[at] != '"') {
      if (buffer_[at] == '\n') ++scanned_lines_;
      ++at;
    }
    if (at == end_) {
      if (!at_end_) return false;
      fail("a quoted field is not closed before the end of the file");
    }
    if (at + 1 == end_ && !at_end_) return false;
    if (at + 1 < end_ && buffer_[at + 1] == '"') {
      field.unescape = true;
      at += 2;
      continue;
    }
    break;
  }
  field.end = at++;
  if (at < end_ && buffer_[at] == '\r') {
    if (at + 1 == end_ && !at_end_) return false;
    if (at + 1 == end_ || buffer_[at + 1] == '\n') ++at;
  }
  if (at < end_ && buffer_[at] != options_.delimiter && buffer_[at] != '\n') {
    fail("text behind the closing quote of a field");
  }
  return true;
}

void CsvReader::publish_cells() {
  const char* const data = buffer_.data();
  size_t escaped_bytes = 0;
  for (const Field& field : fields_) escaped_bytes += field.unescape ? field.end - field.begin : 0;
  // Reserved at once: views into it must survive the next field.
  unescaped_.clear();
  unescaped_.reserve(escaped_bytes);
  cells_.clear();
  for (const Field& field : fields_) {
    if (!field.unescape) {
      cells_.emplace_back(data + field.begin, field.end - field.begin);
      continue;
    }
    const size_t start = unescaped_.size();
    for (size_t i = field.begin; i < field.end; ++i) {
      unescaped_ += data[i];
      if (data[i] == '"') ++i;
    }
    cells_.emplace_back(unescaped_.data() + start, unescaped_.size() - start);
  }
}

}  // namespace rapport
