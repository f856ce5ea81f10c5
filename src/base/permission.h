// The closed list of permissions that routes declare and roles and key scopes grant.
//
// The list is shared vocabulary: http/ carries a permission on each route without knowing what it
// means, access/ holds the one table from role and scope to permissions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rapport {

enum class Permission : uint8_t {
  kPublic,    // no caller needed: health, sign-in, signed links
  kIngest,    // write keys; the handler itself finds the key (header, body or query)
  kSignedIn,  // any user or key of the workspace: who am I
  kCustomersRead,
  kCustomersExport,  // take the whole list away as a file
  kEventsRead,       // events, rejected events
  kEventsImport,     // bulk import of history
  kSegmentsRead,
  kSegmentsWrite,
  kCampaignsRead,   // campaigns, messages, reports
  kCampaignsWrite,  // create, start
  kConsentWrite,    // record what customers agreed to, suppress addresses
  kSettingsRead,
  kSettingsWrite,  // providers, workspace settings
  kAccessRead,     // list users and keys
  kAccessWrite,    // create and revoke users and keys
  kOperations,     // metrics and internals of the installation
};

/// Every permission, in the order of the list.
std::span<const Permission> all_permissions();

/// "customers.read", … as printed in the OpenAPI document's x-permission.
std::string_view permission_name(Permission permission);

}  // namespace rapport
