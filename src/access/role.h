// Roles of users and scopes of API keys, and the one table of what each may do.
//
// Routes declare a Permission; nothing else in the program decides who may call them. Pure and
// thread-safe. Permission::kPublic is granted to everybody; Permission::kIngest to ingest keys
// only, and the collect handlers find those themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/permission.h"

namespace rapport {

enum class Role : uint8_t { kOwner, kAdmin, kMarketer, kAgent, kAnalyst, kViewer };
enum class Scope : uint8_t { kIngest, kRead, kAdmin };

/// "owner", "admin", "marketer", "agent", "analyst", "viewer".
std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);
std::span<const Role> all_roles();

/// "ingest", "read", "admin".
std::string_view scope_name(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);
std::span<const Scope> all_scopes();

bool allows(Role role, Permission permission);
bool allows(Scope scope, Permission permission);

}  // namespace rapport
