#include "base/permission.h"

#include <array>

namespace rapport {

namespace {

constexpr size_t kPermissionCount = static_cast<size_t>(Permission::kOperations) + 1;

constexpr std::array<Permission, kPermissionCount> kAll = [] {
  std::array<Permission, kPermissionCount> all{};
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Permission>(i);
  return all;
}();

}  // namespace

std::span<const Permission> all_permissions() {
  return kAll;
}

std::string_view permission_name(Permission permission) {
  static constexpr std::array<std::string_view, kPermissionCount> kNames{
      "public",          "ingest",        "signed_in",     "customers.read", "customers.export",
      "events.read",     "events.import", "segments.read", "segments.write", "campaigns.read",
      "campaigns.write", "consent.write", "settings.read", "settings.write", "access.read",
      "access.write",    "operations"};
  return kNames.at(static_cast<size_t>(permission));
}

}  // namespace rapport
