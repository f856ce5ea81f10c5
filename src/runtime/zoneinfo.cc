#include "runtime/zoneinfo.h"

#include <fstream>
#include <sstream>

#include "base/error.h"

namespace rapport {

namespace {
constexpr std::streamsize kMaxZoneFileBytes = 256 * 1024;
}

TimeZone load_time_zone(std::string_view name, const std::string& folder) {
  const std::string text(name);
  if (!is_time_zone_name(name)) {
    throw Error::invalid("time_zone", "not an IANA time zone name: " + text.substr(0, 64));
  }
  if (name == "UTC") return TimeZone();
  std::ifstream file(folder + "/" + text, std::ios::binary);
  std::string bytes(kMaxZoneFileBytes, '\0');
  // A folder opens as a file on Linux and fails at the first read, so both end here.
  if (file) file.read(bytes.data(), kMaxZoneFileBytes);
  if (file.gcount() <= 0) throw Error::invalid("time_zone", "unknown time zone: " + text);
  bytes.resize(static_cast<size_t>(file.gcount()));
  return TimeZone::parse(text, bytes);
}

}  // namespace rapport
