// The CSV reader on arbitrary bytes: no crash, bounded rows, and the same rows whatever the borders
// between reads.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "customers/import/csv_reader.h"

namespace {

class SteppedSource final : public rapport::ByteSource {
 public:
  SteppedSource(std::string_view text, size_t step) : text_(text), step_(step) {}
  size_t read(char* into, size_t size) override {
    const size_t count = std::min({size, step_, text_.size() - at_});
    std::copy_n(text_.data() + at_, count, into);
    at_ += count;
    return count;
  }
  uint64_t stored_position() const override { return at_; }
  uint64_t stored_size() const override { return text_.size(); }

 private:
  std::string_view text_;
  size_t step_;
  size_t at_ = 0;
};

/// All cells, each row with its line and problem; "error" at the end when the file is damaged.
std::vector<std::string> read_all(std::string_view text, size_t step) {
  std::vector<std::string> seen;
  rapport::CsvOptions options;
  options.max_field_bytes = 200;
  options.max_row_bytes = 1000;
  SteppedSource source(text, step);
  try {
    rapport::CsvReader reader(source, options);
    seen = reader.columns();
    while (reader.next()) {
      seen.push_back(std::to_string(reader.line()) + std::string(reader.problem()));
      if (reader.problem().empty() && reader.cells().size() != reader.columns().size()) abort();
      for (const auto cell : reader.cells()) {
        if (cell.size() > options.max_field_bytes) abort();
        seen.emplace_back(cell);
      }
    }
  } catch (const rapport::Error& error) {
    if (error.code() != rapport::ErrorCode::kInvalidArgument) abort();
    seen.emplace_back("error");
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(text, size + 1);
  if (read_all(text, 1) != whole || read_all(text, 7) != whole) abort();
  return 0;
}
