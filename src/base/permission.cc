#include "base/permission.h"

#include <array>

namespace rapport {

std::string_view permission_name(Permission permission) {
  static constexpr std::array<std::string_view, 16> kNames{
      "public",           "ingest",         "signed_in",       "customers.read",
      "customers.export", "events.read",    "events.import",   "segments.read",
      "segments.write",   "campaigns.read", "campaigns.write", "settings.read",
      "settings.write",   "access.read",    "access.write",    "operations"};
  return kNames.at(static_cast<size_t>(permission));
}

}  // namespace rapport
