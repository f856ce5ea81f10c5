// The parameters of one statement: everything that a person wrote goes through `bind`, which
// answers the name it has in the text. For the compiler's files; one thread at a time.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "segments/condition.h"
#include "storage/warehouse.h"

namespace rapport {

class SqlBinder {
 public:
  template <class T>
  std::string bind(T value) {
    parameters_.emplace_back(std::move(value));
    return fmt::format("${}", parameters_.size());
  }
  std::string bind(Timestamp t) { return bind(to_micros(t)); }
  std::string bind(std::string_view text) { return bind(std::string(text)); }

  std::vector<WarehouseValue> take() { return std::move(parameters_); }

 private:
  std::vector<WarehouseValue> parameters_;
};

}  // namespace rapport
