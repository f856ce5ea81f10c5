// The filters: one table from name to function and number of arguments.
//
// A filter is a pure function of its input, arguments and the rendering's options; what it makes is
// charged to the Context, so chains of filters cannot outgrow the budget. To add one, write the
// function in filters_<kind>.cc and a row in that file's table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liquid/context.h"
#include "liquid/value.h"

namespace rapport::liquid {

struct FilterArguments {
  std::vector<Value> values;
  std::vector<std::pair<std::string_view, Value>> options;

  size_t size() const { return values.size(); }
  /// Nil when there are fewer.
  const Value& operator[](size_t index) const;
  /// Nil when absent.
  Value option(std::string_view name) const;
};

using FilterFunction = Value (*)(Context&, const Value& input, const FilterArguments&);

struct FilterSpec {
  std::string_view name;
  size_t min_arguments;
  size_t max_arguments;
  FilterFunction function;
  bool takes_options = false;
};

/// Null when there is no such filter.
const FilterSpec* find_filter(std::string_view name);

std::span<const FilterSpec> string_filters();
std::span<const FilterSpec> html_filters();
std::span<const FilterSpec> array_filters();
std::span<const FilterSpec> selection_filters();
std::span<const FilterSpec> math_filters();
std::span<const FilterSpec> date_filters();
std::span<const FilterSpec> local_filters();

/// The input as a flat list: nested arrays opened, nil nothing, anything else one element.
Array to_list(Context& context, const Value& input);
/// Text made by a filter, charged.
Value made_text(Context& context, std::string text);
/// List made by a filter, charged.
Value made_list(Context& context, Array list);
/// What the date filters take for a time; null when it is none.
std::optional<Timestamp> to_time(Context& context, const Value& input);
/// A whole number for a position or count; fails naming `what` otherwise.
int64_t whole_number(Context& context, const Value& value, std::string_view what);

}  // namespace rapport::liquid
