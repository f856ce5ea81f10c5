#include "liquid/filters.h"
#include "liquid/number.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

Value abs_of(Context&, const Value& input, const Arguments&) {
  return absolute(to_number(input));
}
Value ceil(Context&, const Value& input, const Arguments&) {
  return ceil_of(to_number(input));
}
Value floor(Context&, const Value& input, const Arguments&) {
  return floor_of(to_number(input));
}

Value plus(Context&, const Value& input, const Arguments& arguments) {
  return add(to_number(input), to_number(arguments[0]));
}

Value minus(Context&, const Value& input, const Arguments& arguments) {
  return subtract(to_number(input), to_number(arguments[0]));
}

Value times(Context&, const Value& input, const Arguments& arguments) {
  return multiply(to_number(input), to_number(arguments[0]));
}

Value divided_by(Context& context, const Value& input, const Arguments& arguments) {
  const auto quotient = divide(to_number(input), to_number(arguments[0]));
  if (!quotient) context.fail("division by zero");
  return *quotient;
}

Value modulo_of(Context& context, const Value& input, const Arguments& arguments) {
  const auto rest = modulo(to_number(input), to_number(arguments[0]));
  if (!rest) context.fail("division by zero");
  return *rest;
}

Value round(Context&, const Value& input, const Arguments& arguments) {
  const Value digits = floor_of(to_number(arguments[0]));
  return round_to(to_number(input), digits.if_int() ? *digits.if_int() : 0);
}

Value at_least(Context&, const Value& input, const Arguments& arguments) {
  const Value value = to_number(input);
  const Value bound = to_number(arguments[0]);
  return compare_numbers(bound, value).value_or(0) > 0 ? bound : value;
}

Value at_most(Context&, const Value& input, const Arguments& arguments) {
  const Value value = to_number(input);
  const Value bound = to_number(arguments[0]);
  return compare_numbers(bound, value).value_or(0) < 0 ? bound : value;
}

constexpr FilterSpec kFilters[] = {
    {"abs", 0, 0, abs_of},  {"at_least", 1, 1, at_least},     {"at_most", 1, 1, at_most},
    {"ceil", 0, 0, ceil},   {"divided_by", 1, 1, divided_by}, {"floor", 0, 0, floor},
    {"minus", 1, 1, minus}, {"modulo", 1, 1, modulo_of},      {"plus", 1, 1, plus},
    {"round", 0, 1, round}, {"times", 1, 1, times},
};

}  // namespace

std::span<const FilterSpec> math_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
