// A streaming CSV reader after RFC 4180: quoted fields, doubled quotes, line breaks inside quotes,
// CRLF or LF, a UTF-8 byte order mark, empty lines skipped.
//
// Memory is bounded by the longest row allowed. A quote inside an unquoted field is taken as
// it stands (12" ruler). A row with more or fewer cells than columns, or not UTF-8, is a row with a
// problem. An unfinished quote, text behind a closing quote, and a field or row over its bound
// throw Error(kInvalidArgument) that names the line. Used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "customers/import/row_reader.h"

namespace rapport {

struct CsvOptions {
  char delimiter = ',';
  std::vector<std::string> columns;  // names when the file has no header row
  size_t max_field_bytes = limits::kMaxImportFieldBytes;
  size_t max_row_bytes = limits::kMaxImportRowBytes;
};

class CsvReader final : public RowReader {
 public:
  /// `source` must outlive the reader. Reads the header row when `options.columns` is empty; throws
  /// Error(kInvalidArgument) when there is none, or a name is empty or given twice.
  CsvReader(ByteSource& source, CsvOptions options);

  const std::vector<std::string>& columns() const override { return options_.columns; }
  bool next() override;
  const std::vector<std::string_view>& cells() const override { return cells_; }
  uint64_t line() const override { return row_line_; }
  std::string_view problem() const override { return problem_; }

 private:
  struct Field {
    size_t begin, end;
    bool unescape;
  };
  bool read_row();
  bool scan_row();
  bool scan_quoted(size_t& at, Field& field);
  void scan_plain(size_t& at, Field& field) const;
  bool refill();
  void publish_cells();
  void check_columns() const;
  [[noreturn]] void fail(std::string_view what) const;

  ByteSource& source_;
  CsvOptions options_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // first byte of the row being read
  size_t end_ = 0;    // behind the last byte read
  bool at_end_ = false;
  uint64_t line_ = 1;  // of begin_
  uint64_t row_line_ = 0;
  uint64_t scanned_lines_ = 0;  // line breaks inside the row being read
  std::vector<Field> fields_;
  std::vector<std::string_view> cells_;
  std::string unescaped_;
  std::string_view problem_;
};

}  // namespace rapport
