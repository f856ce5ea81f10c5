// JSON Lines: one JSON object a line. A column is a dotted path into the object ("order.id").
//
// Strings give their text, numbers and booleans their JSON form, null and absence an empty cell,
// objects and arrays their JSON. A line that is not a JSON object is a row with a problem; a line
// over the bound throws Error(kInvalidArgument) that names it. Used by one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "customers/import/row_reader.h"

namespace rapport {

class JsonlReader final : public RowReader {
 public:
  /// `source` must outlive the reader; `columns` are the paths wanted.
  JsonlReader(ByteSource& source, std::vector<std::string> columns);
  ~JsonlReader() override;

  const std::vector<std::string>& columns() const override;
  bool next() override;
  const std::vector<std::string_view>& cells() const override;
  uint64_t line() const override;
  std::string_view problem() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
