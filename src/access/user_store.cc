#include "access/user_store.h"

#include "base/error.h"

namespace rapport::user_store {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO users (workspace, id, email, role, password_hash, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kFind =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at "
    "FROM users WHERE workspace = $1 AND id = $2";
constexpr std::string_view kFindByEmail =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at "
    "FROM users WHERE workspace = $1 AND email = $2";
constexpr std::string_view kFindCredential =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at, password_hash "
    "FROM users WHERE workspace = $1 AND id = $2";
constexpr std::string_view kListCredentials =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at, password_hash "
    "FROM users WHERE email = $1 ORDER BY id LIMIT $2";
constexpr std::string_view kListCredentialsIn =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at, password_hash "
    "FROM users WHERE workspace = $1 AND email = $2";
constexpr std::string_view kList =
    "SELECT workspace, id, email, role, created_at, last_sign_in_at "
    "FROM users WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM users WHERE workspace = $1";
constexpr std::string_view kCountRole =
    "SELECT COUNT(*) FROM users WHERE workspace = $1 AND role = $2";
constexpr std::string_view kSetRole = "UPDATE users SET role = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kSetPassword =
    "UPDATE users SET password_hash = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kSetLastSignIn =
    "UPDATE users SET last_sign_in_at = $3 WHERE workspace = $1 AND id = $2";
constexpr std::string_view kRemove = "DELETE FROM users WHERE workspace = $1 AND id = $2";

User read_first(Statement& s) {
  return read_user(s, 0);
}

Credential read_credential(Statement& s) {
  return {read_user(s, 0), std::string(s.text(6))};
}

}  // namespace

User read_user(Statement& s, int first) {
  const auto role = parse_role(s.text(first + 3));
  if (!role) throw Error(ErrorCode::kCorrupted, "A stored user has an unknown role.");
  User user;
  user.workspace = WorkspaceId{s.id(first)};
  user.id = UserId{s.id(first + 1)};
  user.email = s.text(first + 2);
  user.role = *role;
  user.created_at = s.time(first + 4);
  user.last_sign_in_at = s.optional_time(first + 5);
  return user;
}

void insert(Connection& c, const User& user, std::string_view password_hash) {
  c.run(kInsert, user.workspace, user.id, user.email, role_name(user.role), password_hash,
        user.created_at);
}

std::optional<User> find(Connection& c, WorkspaceId workspace, UserId id) {
  return c.find(kFind, read_first, workspace, id);
}

std::optional<User> find_by_email(Connection& c, WorkspaceId workspace, std::string_view email) {
  return c.find(kFindByEmail, read_first, workspace, email);
}

std::optional<Credential> find_credential(Connection& c, WorkspaceId workspace, UserId id) {
  return c.find(kFindCredential, read_credential, workspace, id);
}

std::vector<Credential> list_credentials(Connection& c, std::string_view email,
                                         std::optional<WorkspaceId> workspace, size_t limit) {
  std::vector<Credential> credentials;
  const auto add = [&](Statement& s) { credentials.push_back(read_credential(s)); };
  if (workspace) {
    c.each(kListCredentialsIn, add, *workspace, email);
  } else {
    c.each(kListCredentials, add, email, limit);
  }
  return credentials;
}

std::vector<User> list(Connection& c, WorkspaceId workspace, UserId after, size_t limit) {
  std::vector<User> users;
  c.each(
      kList, [&](Statement& s) { users.push_back(read_user(s, 0)); }, workspace, after, limit);
  return users;
}

int64_t count(Connection& c, WorkspaceId workspace) {
  return c
      .find(
          kCount, [](Statement& s) { return s.integer(0); }, workspace)
      .value_or(0);
}

int64_t count_role(Connection& c, WorkspaceId workspace, Role role) {
  return c
      .find(
          kCountRole, [](Statement& s) { return s.integer(0); }, workspace, role_name(role))
      .value_or(0);
}

void set_role(Connection& c, WorkspaceId workspace, UserId id, Role role) {
  c.run(kSetRole, workspace, id, role_name(role));
}

void set_password(Connection& c, WorkspaceId workspace, UserId id, std::string_view password_hash) {
  c.run(kSetPassword, workspace, id, password_hash);
}

void set_last_sign_in(Connection& c, WorkspaceId workspace, UserId id, Timestamp at) {
  c.run(kSetLastSignIn, workspace, id, at);
}

void remove(Connection& c, WorkspaceId workspace, UserId id) {
  c.run(kRemove, workspace, id);
}

}  // namespace rapport::user_store
