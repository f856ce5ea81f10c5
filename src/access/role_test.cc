#include "access/role.h"

#include <gtest/gtest.h>

#include <string>

namespace rapport {
namespace {

constexpr int kPermissions = static_cast<int>(Permission::kOperations) + 1;

template <class Who>
std::string granted(Who who) {
  std::string names;
  for (int i = 0; i < kPermissions; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (allows(who, permission)) names += std::string(permission_name(permission)) + " ";
  }
  return names;
}

TEST(RoleTest, WhatEachRoleMayDo) {
  const std::string everything =
      "public signed_in customers.read customers.export events.read events.import segments.read "
      "segments.write campaigns.read campaigns.write consent.write settings.read settings.write "
      "access.read access.write operations ";
  const std::string readings =
      "public signed_in customers.read events.read segments.read campaigns.read ";
  EXPECT_EQ(granted(Role::kOwner), everything);
  EXPECT_EQ(granted(Role::kAdmin), everything);
  EXPECT_EQ(granted(Role::kMarketer),
            "public signed_in customers.read customers.export events.read events.import "
            "segments.read segments.write campaigns.read campaigns.write consent.write "
            "settings.read ");
  EXPECT_EQ(granted(Role::kAgent), readings + "consent.write ");
  EXPECT_EQ(granted(Role::kAnalyst),
            "public signed_in customers.read customers.export events.read segments.read "
            "campaigns.read settings.read ");
  EXPECT_EQ(granted(Role::kViewer), readings);
}

TEST(RoleTest, WhatEachScopeMayDo) {
  EXPECT_EQ(granted(Scope::kIngest), "public ingest ");
  EXPECT_EQ(granted(Scope::kRead),
            "public signed_in customers.read events.read segments.read campaigns.read "
            "settings.read ");
  EXPECT_EQ(
      granted(Scope::kAdmin),
      "public signed_in customers.read customers.export events.read events.import "
      "segments.read segments.write campaigns.read campaigns.write consent.write settings.read "
      "settings.write "
      "access.read access.write operations ");
}

TEST(RoleTest, NamesRoundTrip) {
  EXPECT_EQ(all_roles().size(), 6u);
  for (const Role role : all_roles()) EXPECT_EQ(parse_role(role_name(role)), role);
  EXPECT_EQ(all_scopes().size(), 3u);
  for (const Scope scope : all_scopes()) EXPECT_EQ(parse_scope(scope_name(scope)), scope);
  for (const auto* bad : {"", "Owner", "root", "owner "}) EXPECT_FALSE(parse_role(bad)) << bad;
  for (const auto* bad : {"", "write", "ADMIN"}) EXPECT_FALSE(parse_scope(bad)) << bad;
}

}  // namespace
}  // namespace rapport
