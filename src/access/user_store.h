// The SQL of users. Functions run inside the caller's transaction; the workspace comes first. Only
// sign-in looks an e-mail address up across workspaces.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/user.h"
#include "storage/state_store.h"

namespace rapport::user_store {

/// A user as sign-in needs them.
struct Credential {
  User user;
  std::string password_hash;
};

/// The columns workspace, id, email, role, created_at, last_sign_in_at from `first` on.
User read_user(Statement& s, int first);

void insert(Connection& c, const User& user, std::string_view password_hash);
std::optional<User> find(Connection& c, WorkspaceId workspace, UserId id);
std::optional<User> find_by_email(Connection& c, WorkspaceId workspace, std::string_view email);
std::optional<Credential> find_credential(Connection& c, WorkspaceId workspace, UserId id);
/// Oldest first, of `workspace` or of all.
std::vector<Credential> list_credentials(Connection& c, std::string_view email,
                                         std::optional<WorkspaceId> workspace, size_t limit);
std::vector<User> list(Connection& c, WorkspaceId workspace, UserId after, size_t limit);
int64_t count(Connection& c, WorkspaceId workspace);
int64_t count_role(Connection& c, WorkspaceId workspace, Role role);
void set_role(Connection& c, WorkspaceId workspace, UserId id, Role role);
void set_password(Connection& c, WorkspaceId workspace, UserId id, std::string_view password_hash);
void set_last_sign_in(Connection& c, WorkspaceId workspace, UserId id, Timestamp at);
void remove(Connection& c, WorkspaceId workspace, UserId id);

}  // namespace rapport::user_store
