#include "access/role.h"

#include <array>

namespace rapport {
namespace {

constexpr std::array kRoles{Role::kOwner, Role::kAdmin,   Role::kMarketer,
                            Role::kAgent, Role::kAnalyst, Role::kViewer};
constexpr std::array<std::string_view, kRoles.size()> kRoleNames{"owner", "admin",   "marketer",
                                                                 "agent", "analyst", "viewer"};
constexpr std::array kScopes{Scope::kIngest, Scope::kRead, Scope::kAdmin};
constexpr std::array<std::string_view, kScopes.size()> kScopeNames{"ingest", "read", "admin"};

struct Grant {
  Permission permission;
  // "OAMGLV": owner, admin, marketer, agent, analyst, viewer; '-' is no.
  std::string_view roles;
  // "IRA": ingest, read, admin keys.
  std::string_view scopes;
};

constexpr std::array kGrants{
    Grant{Permission::kPublic, "OAMGLV", "IRA"},
    Grant{Permission::kIngest, "------", "I--"},
    Grant{Permission::kSignedIn, "OAMGLV", "-RA"},
    Grant{Permission::kCustomersRead, "OAMGLV", "-RA"},
    Grant{Permission::kCustomersExport, "OAM-L-", "--A"},
    Grant{Permission::kEventsRead, "OAMGLV", "-RA"},
    Grant{Permission::kEventsImport, "OAM---", "--A"},
    Grant{Permission::kSegmentsRead, "OAMGLV", "-RA"},
    Grant{Permission::kSegmentsWrite, "OAM---", "--A"},
    Grant{Permission::kCampaignsRead, "OAMGLV", "-RA"},
    Grant{Permission::kCampaignsWrite, "OAM---", "--A"},
    Grant{Permission::kConsentWrite, "OAMG--", "--A"},
    Grant{Permission::kSettingsRead, "OAM-L-", "-RA"},
    Grant{Permission::kSettingsWrite, "OA----", "--A"},
    Grant{Permission::kAccessRead, "OA----", "--A"},
    Grant{Permission::kAccessWrite, "OA----", "--A"},
    Grant{Permission::kOperations, "OA----", "--A"},
};

// Rows are found by position, so a permission without a row does not compile.
static_assert(kGrants.size() == static_cast<size_t>(Permission::kOperations) + 1);
static_assert([] {
  for (size_t i = 0; i < kGrants.size(); ++i) {
    if (static_cast<size_t>(kGrants[i].permission) != i) return false;
    if (kGrants[i].roles.size() != kRoles.size()) return false;
    if (kGrants[i].scopes.size() != kScopes.size()) return false;
  }
  return true;
}());

const Grant& grant_of(Permission permission) {
  return kGrants.at(static_cast<size_t>(permission));
}

}  // namespace

std::string_view role_name(Role role) {
  return kRoleNames.at(static_cast<size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : kRoles) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

std::span<const Role> all_roles() {
  return kRoles;
}

std::string_view scope_name(Scope scope) {
  return kScopeNames.at(static_cast<size_t>(scope));
}

std::optional<Scope> parse_scope(std::string_view name) {
  for (const Scope scope : kScopes) {
    if (scope_name(scope) == name) return scope;
  }
  return std::nullopt;
}

std::span<const Scope> all_scopes() {
  return kScopes;
}

bool allows(Role role, Permission permission) {
  return grant_of(permission).roles[static_cast<size_t>(role)] != '-';
}

bool allows(Scope scope, Permission permission) {
  return grant_of(permission).scopes[static_cast<size_t>(scope)] != '-';
}

}  // namespace rapport
