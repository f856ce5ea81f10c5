#include "liquid/filters.h"

#include <algorithm>
#include <map>

#include "liquid/number.h"

namespace rapport::liquid {
namespace {

using Table = std::map<std::string_view, const FilterSpec*>;

Table all_filters() {
  Table table;
  for (const auto filters : {string_filters(), html_filters(), array_filters(), selection_filters(),
                             math_filters(), date_filters(), local_filters()}) {
    for (const auto& filter : filters) table.emplace(filter.name, &filter);
  }
  return table;
}

void flatten(Context& context, const Array& array, Array& out) {
  context.charge_elements(array.size());
  for (const Value& item : array) {
    if (const Array* inner = item.if_array()) {
      flatten(context, *inner, out);
    } else {
      out.push_back(item);
    }
  }
}

}  // namespace

const FilterSpec* find_filter(std::string_view name) {
  static const Table table = all_filters();
  const auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

const Value& FilterArguments::operator[](size_t index) const {
  static const Value nil;
  return index < values.size() ? values[index] : nil;
}

Value FilterArguments::option(std::string_view name) const {
  for (const auto& [key, value] : options) {
    if (key == name) return value;
  }
  return {};
}

Array to_list(Context& context, const Value& input) {
  Array list;
  if (const Array* array = input.if_array()) {
    flatten(context, *array, list);
  } else if (const auto* range = input.if_range()) {
    context.charge_elements(range->size());
    list.reserve(range->size());
    for (uint64_t i = 0; i < range->size(); ++i) {
      list.push_back(range->first + static_cast<int64_t>(i));
    }
  } else if (!input.is_nil()) {
    list.push_back(input);
  }
  return list;
}

Value made_text(Context& context, std::string text) {
  context.charge_bytes(text.size());
  return text;
}

Value made_list(Context& context, Array list) {
  context.charge_elements(list.size());
  return list;
}

int64_t whole_number(Context& context, const Value& value, std::string_view what) {
  const auto whole = to_integer(value);
  if (!whole) context.fail(std::string(what) + " is not a whole number");
  return *whole;
}

}  // namespace rapport::liquid
