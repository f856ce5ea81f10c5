#include "segments/customer_zone.h"

#include "runtime/zone_cache.h"
#include "segments/json_value.h"

namespace rapport {

const TimeZone& customer_zone(std::string_view timezone_json, std::string_view time_zone_json,
                              const TimeZone& otherwise) {
  JsonDocument document;
  for (const std::string_view json : {timezone_json, time_zone_json}) {
    if (json.empty()) continue;
    const JsonValue value = document.parse(json);
    const auto text = value ? text_of(*value) : std::nullopt;
    const TimeZone* zone = text ? system_zones().find(*text) : nullptr;
    if (zone != nullptr) return *zone;
  }
  return otherwise;
}

}  // namespace rapport
