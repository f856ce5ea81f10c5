// Rows of an import file, whatever its format: named columns, and one text cell for each of them.
//
// Used by one thread. Cells are views that hold until the next call of `next`. A row that cannot be
// used is still a row: `problem` says why, and the import goes on behind it. Damage behind which
// no row can be found again is an Error that names the line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "customers/import/byte_source.h"

namespace rapport {

class RowReader {
 public:
  virtual ~RowReader() = default;
  /// Column names in cell order.
  virtual const std::vector<std::string>& columns() const = 0;
  /// Goes to the next row; false at the end.
  virtual bool next() = 0;
  /// As many as columns, unless `problem` is set.
  virtual const std::vector<std::string_view>& cells() const = 0;
  /// Line on which the row begins, from 1.
  virtual uint64_t line() const = 0;
  /// Why the row is refused; empty for a good one.
  virtual std::string_view problem() const = 0;
};

}  // namespace rapport
