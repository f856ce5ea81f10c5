#include "access/user_service.h"

#include "access/access_schema.h"
#include "access/session_store.h"
#include "access/user_store.h"
#include "base/error.h"
#include "base/limits/access.h"
#include "crypto/password.h"

namespace rapport {
namespace {

Error owner_only() {
  return Error(ErrorCode::kPermissionDenied, "Only an owner may make, change or remove an owner.");
}

void require_another_owner(Connection& c, WorkspaceId workspace) {
  if (user_store::count_role(c, workspace, Role::kOwner) < 2) {
    throw Error(ErrorCode::kConflict, "A workspace must keep an owner; make another one first.");
  }
}

User get_in(Connection& c, WorkspaceId workspace, UserId id) {
  auto user = user_store::find(c, workspace, id);
  if (!user) throw Error::not_found("user");
  return *std::move(user);
}

}  // namespace

CreatedUser UserService::create(WorkspaceId workspace, std::string_view email, Role role,
                                const std::optional<std::string>& password, const Actor& actor) {
  CreatedUser made;
  made.user.workspace = workspace;
  made.user.email = check_email(email);
  made.user.role = role;
  made.user.created_at = clock_.now();
  if (role == Role::kOwner && !actor.is_owner) throw owner_only();
  if (password) {
    check_password(*password, made.user.email);
  } else {
    made.generated_password = generate_password();
  }
  if (find_by_email(workspace, made.user.email)) {
    throw Error(ErrorCode::kConflict, "This e-mail address is a user of the workspace already.")
        .with_field("email", "is a user already");
  }
  const std::string hash = passwords_.hash(password ? *password : *made.generated_password);
  control_.write([&](Connection& c) {
    // Looked up again: two may have come here with the same address.
    if (user_store::find_by_email(c, workspace, made.user.email)) {
      throw Error(ErrorCode::kConflict, "This e-mail address is a user of the workspace already.")
          .with_field("email", "is a user already");
    }
    if (user_store::count(c, workspace) >= static_cast<int64_t>(limits::kMaxUsersPerWorkspace)) {
      throw Error(ErrorCode::kUnprocessable, "The workspace has as many users as it may have.");
    }
    made.user.id = UserId{next_access_id(c, "user")};
    user_store::insert(c, made.user, hash);
    audit_.record(c, workspace, actor, "user.create", to_public(made.user.id),
                  made.user.email + " as " + std::string(role_name(role)));
  });
  return made;
}

std::optional<User> UserService::find(WorkspaceId workspace, UserId id) const {
  return control_.read_value([&](Connection& c) { return user_store::find(c, workspace, id); });
}

User UserService::get(WorkspaceId workspace, UserId id) const {
  return control_.read_value([&](Connection& c) { return get_in(c, workspace, id); });
}

std::optional<User> UserService::find_by_email(WorkspaceId workspace,
                                               std::string_view email) const {
  const std::string normal = check_email(email);
  return control_.read_value(
      [&](Connection& c) { return user_store::find_by_email(c, workspace, normal); });
}

std::vector<User> UserService::list(WorkspaceId workspace, std::optional<UserId> after,
                                    size_t limit) const {
  return control_.read_value([&](Connection& c) {
    return user_store::list(c, workspace, after.value_or(UserId{}), limit);
  });
}

User UserService::change_role(WorkspaceId workspace, UserId id, Role role, const Actor& actor) {
  return control_.write_value([&](Connection& c) {
    User user = get_in(c, workspace, id);
    if (user.role == role) return user;
    if ((user.role == Role::kOwner || role == Role::kOwner) && !actor.is_owner) throw owner_only();
    if (user.role == Role::kOwner) require_another_owner(c, workspace);
    user_store::set_role(c, workspace, id, role);
    audit_.record(c, workspace, actor, "user.change_role", to_public(id),
                  std::string(role_name(user.role)) + " to " + std::string(role_name(role)));
    user.role = role;
    return user;
  });
}

void UserService::remove(WorkspaceId workspace, UserId id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const User user = get_in(c, workspace, id);
    if (user.role == Role::kOwner) {
      if (!actor.is_owner) throw owner_only();
      require_another_owner(c, workspace);
    }
    session_store::remove_all(c, workspace, id, SessionId{});
    user_store::remove(c, workspace, id);
    audit_.record(c, workspace, actor, "user.remove", to_public(id), user.email);
  });
}

void UserService::change_password(WorkspaceId workspace, UserId id, std::string_view current,
                                  std::string_view fresh, SessionId keep, const Actor& actor) {
  const auto credential = control_.read_value(
      [&](Connection& c) { return user_store::find_credential(c, workspace, id); });
  if (!credential) throw Error::not_found("user");
  const User& user = credential->user;
  check_password(fresh, user.email, "new");
  if (current.size() > limits::kMaxPasswordBytes) throw Error::invalid("current", "is wrong");
  throttle_.begin(user.email, actor.ip);
  bool right = false;
  std::string hash;
  try {
    right = passwords_.verify(credential->password_hash, current);
    if (right) hash = passwords_.hash(fresh);
  } catch (...) {
    throttle_.take_back(user.email, actor.ip);
    throw;
  }
  if (!right) throw Error::invalid("current", "is wrong");
  throttle_.succeeded(user.email, actor.ip);
  replace_password(workspace, user, hash, keep, actor);
}

void UserService::set_password(WorkspaceId workspace, UserId id, std::string_view fresh,
                               const Actor& actor) {
  const User user = get(workspace, id);
  if (user.role == Role::kOwner && !actor.is_owner) throw owner_only();
  check_password(fresh, user.email);
  replace_password(workspace, user, passwords_.hash(fresh), SessionId{}, actor);
}

void UserService::replace_password(WorkspaceId workspace, const User& user, const std::string& hash,
                                   SessionId keep, const Actor& actor) {
  control_.write([&](Connection& c) {
    user_store::set_password(c, workspace, user.id, hash);
    session_store::remove_all(c, workspace, user.id, keep);
    audit_.record(c, workspace, actor, "user.change_password", to_public(user.id));
  });
}

std::vector<User> UserService::verify(std::string_view email, std::string_view password,
                                      std::string_view ip, std::optional<WorkspaceId> workspace) {
  const std::string normal = check_email(email);
  throttle_.begin(normal, ip);
  std::vector<User> users;
  try {
    // A longer one than anybody can have set is not worth hashing; it is wrong like any other.
    const std::string_view tried = password.substr(0, limits::kMaxPasswordBytes + 1);
    const auto credentials = control_.read_value([&](Connection& c) {
      return user_store::list_credentials(c, normal, workspace, limits::kMaxSignInWorkspaces);
    });
    if (credentials.empty()) passwords_.verify({}, tried);
    for (const user_store::Credential& credential : credentials) {
      if (!passwords_.verify(credential.password_hash, tried)) continue;
      const User& user = credential.user;
      users.push_back(user);
      if (!password_needs_rehash(credential.password_hash)) continue;
      const std::string stronger = passwords_.hash(tried);
      control_.write(
          [&](Connection& c) { user_store::set_password(c, user.workspace, user.id, stronger); });
    }
  } catch (...) {
    throttle_.take_back(normal, ip);
    throw;
  }
  if (users.empty()) {
    throw Error(ErrorCode::kUnauthenticated, "E-mail address or password is wrong.");
  }
  throttle_.succeeded(normal, ip);
  return users;
}

}  // namespace rapport
