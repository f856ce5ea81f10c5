// A function that SQL of the Warehouse may call, written in C++: for rules that must be the same in
// a query and outside it.
//
// `call` runs once a row on the query's threads, so it is thread-safe, deterministic and quick; it
// answers the declared type or null. A null argument makes the answer null without a call. What it
// throws fails the query. Names are plain lower-case identifiers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rapport {

enum class WarehouseType : uint8_t { kBoolean, kInteger, kId, kText, kIntegerList };

/// Views live for the time of one call.
using WarehouseArgument =
    std::variant<bool, int64_t, uint64_t, std::string_view, std::span<const int64_t>>;
using WarehouseAnswer = std::variant<std::monostate, bool, int64_t, std::string>;

struct WarehouseFunction {
  std::string name;
  std::vector<WarehouseType> parameters;
  WarehouseType result = WarehouseType::kBoolean;  // not a list, not an id
  std::function<WarehouseAnswer(std::span<const WarehouseArgument>)> call;
};

}  // namespace rapport
