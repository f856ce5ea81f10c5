#include <algorithm>

#include "liquid/characters.h"
#include "liquid/filters.h"
#include "liquid/letter_case.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

Value default_to(Context&, const Value& input, const Arguments& arguments) {
  const Value otherwise = arguments.size() > 0 ? arguments[0] : Value("");
  const bool allow_false = arguments.option("allow_false").truthy();
  if (allow_false ? input.is_nil() : !input.truthy()) return otherwise;
  return input.equals(Literal::kEmpty) ? otherwise : input;
}

Value size(Context&, const Value& input, const Arguments&) {
  if (const auto* text = input.if_string()) return static_cast<uint64_t>(count_characters(*text));
  if (const auto* array = input.if_array()) return static_cast<uint64_t>(array->size());
  if (const auto* object = input.if_object()) return static_cast<uint64_t>(object->size());
  if (const auto* range = input.if_range()) return range->size();
  return 0;
}

Value first(Context&, const Value& input, const Arguments&) {
  if (const auto* array = input.if_array()) return array->empty() ? Value() : array->front();
  if (const auto* range = input.if_range()) return range->size() ? Value(range->first) : Value();
  if (const auto* text = input.if_string()) {
    return std::string_view(*text).substr(0, first_size(*text));
  }
  const auto* object = input.if_object();
  if (!object || object->empty()) return {};
  return Array{Value(object->begin()->first), object->begin()->second};
}

Value last(Context&, const Value& input, const Arguments&) {
  if (const auto* array = input.if_array()) return array->empty() ? Value() : array->back();
  if (const auto* range = input.if_range()) return range->size() ? Value(range->last) : Value();
  const auto* text = input.if_string();
  if (!text || text->empty()) return text ? input : Value();
  return std::string_view(*text).substr(offset_of(*text, count_characters(*text) - 1));
}

Value join(Context& context, const Value& input, const Arguments& arguments) {
  const std::string glue = arguments.size() > 0 ? to_text(arguments[0]) : " ";
  std::string out;
  bool started = false;
  for (const Value& item : to_list(context, input)) {
    if (started) out += glue;
    started = true;
    out += to_text(item);
    if (out.size() > context.options().max_output_bytes) context.charge_bytes(out.size());
  }
  return made_text(context, std::move(out));
}

Value reverse(Context& context, const Value& input, const Arguments&) {
  Array list = to_list(context, input);
  std::reverse(list.begin(), list.end());
  return made_list(context, std::move(list));
}

Value concat(Context& context, const Value& input, const Arguments& arguments) {
  const Array* more = arguments[0].if_array();
  if (!more) context.fail("'concat' needs a list to add");
  Array list = to_list(context, input);
  context.charge_elements(list.size() + more->size());
  list.insert(list.end(), more->begin(), more->end());
  return list;
}

Value slice(Context& context, const Value& input, const Arguments& arguments) {
  int64_t from = whole_number(context, arguments[0], "the start");
  const int64_t count =
      arguments[1].is_nil() ? 1 : whole_number(context, arguments[1], "the length");
  const Array* array = input.if_array();
  const std::string text = array ? std::string() : to_text(input);
  const auto total = static_cast<int64_t>(array ? array->size() : count_characters(text));
  const Value nothing = array ? Value(Array{}) : Value("");
  if (from < -total || from > total || count < 0) return nothing;
  if (from < 0) from += total;
  const int64_t end = from + std::min(count, total - from);
  if (array) return made_list(context, Array(array->begin() + from, array->begin() + end));
  const size_t begin_byte = offset_of(text, static_cast<size_t>(from));
  const size_t end_byte = offset_of(text, static_cast<size_t>(end));
  return made_text(context, text.substr(begin_byte, end_byte - begin_byte));
}

constexpr FilterSpec kFilters[] = {
    {"concat", 1, 1, concat}, {"default", 0, 1, default_to, true},
    {"first", 0, 0, first},   {"join", 0, 1, join},
    {"last", 0, 0, last},     {"reverse", 0, 0, reverse},
    {"size", 0, 0, size},     {"slice", 1, 2, slice},
};

}  // namespace

std::span<const FilterSpec> array_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
