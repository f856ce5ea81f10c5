#include "runtime/zone_cache.h"

#include <mutex>

#include "base/error.h"
#include "runtime/zoneinfo.h"

namespace rapport {

const TimeZone* ZoneCache::find(std::string_view name) const {
  {
    const std::shared_lock lock(mutex_);
    const auto found = zones_.find(name);
    if (found != zones_.end()) return found->second.get();
  }
  if (!is_time_zone_name(name)) return nullptr;
  std::unique_ptr<const TimeZone> zone;
  try {
    zone = std::make_unique<const TimeZone>(load_time_zone(name, folder_));
  } catch (const Error&) {
    return nullptr;
  }
  const std::unique_lock lock(mutex_);
  return zones_.emplace(std::string(name), std::move(zone)).first->second.get();
}

const ZoneCache& system_zones() {
  static const ZoneCache zones;
  return zones;
}

}  // namespace rapport
