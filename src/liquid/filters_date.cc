#include "liquid/date_format.h"
#include "liquid/filters.h"

namespace rapport::liquid {
namespace {

using Arguments = FilterArguments;

/// What is not a date stays as it is.
Value date(Context& context, const Value& input, const Arguments& arguments) {
  const std::string format = to_text(arguments[0]);
  if (format.empty()) return input;
  const auto time = to_time(context, input);
  if (!time) return input;
  context.charge_bytes(format.size());
  return made_text(context, format_date(*time, format));
}

constexpr FilterSpec kFilters[] = {{"date", 1, 1, date}};

}  // namespace

std::optional<Timestamp> to_time(Context& context, const Value& input) {
  if (const auto* seconds = input.if_int()) {
    return *seconds < 0 ? std::nullopt : parse_date(std::to_string(*seconds));
  }
  const auto* text = input.if_string();
  if (!text) return std::nullopt;
  if (*text == "now" || *text == "today") return context.options().now;
  return parse_date(*text);
}

std::span<const FilterSpec> date_filters() {
  return kFilters;
}

}  // namespace rapport::liquid
