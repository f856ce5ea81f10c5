// Time zones by name, each read from the system once.
//
// Thread-safe; a zone lives as long as the cache. A name that is malformed or not installed is
// null; such names are not kept, so what strangers send cannot fill the memory.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/time_zone.h"

namespace rapport {

class ZoneCache {
 public:
  explicit ZoneCache(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}
  const TimeZone* find(std::string_view name) const;

 private:
  const std::string folder_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> zones_;
};

/// The cache of the process.
const ZoneCache& system_zones();

}  // namespace rapport
