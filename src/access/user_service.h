// Users of a workspace: create, list, change role, remove, passwords, and checking a sign-in.
//
// A workspace always keeps an owner, and only an owner may make, change or remove one. One e-mail
// address may be a user of several workspaces, with a password in each. A changed password, a
// removed user: their sessions end in the same transaction. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "access/password_gate.h"
#include "access/session.h"
#include "access/sign_in_throttle.h"
#include "access/user.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct CreatedUser {
  User user;
  std::optional<std::string> generated_password;  // shown this once
};

class UserService {
 public:
  UserService(StateStore& control, const Clock& clock, PasswordGate& passwords,
              SignInThrottle& throttle, AuditService& audit)
      : control_(control),
        clock_(clock),
        passwords_(passwords),
        throttle_(throttle),
        audit_(audit) {}

  /// kConflict when the address is a user here already; without `password` one is generated.
  CreatedUser create(WorkspaceId workspace, std::string_view email, Role role,
                     const std::optional<std::string>& password, const Actor& actor);
  std::optional<User> find(WorkspaceId workspace, UserId id) const;
  /// kNotFound when it is not there.
  User get(WorkspaceId workspace, UserId id) const;
  std::optional<User> find_by_email(WorkspaceId workspace, std::string_view email) const;
  /// By id, those after `after`, at most `limit`.
  std::vector<User> list(WorkspaceId workspace, std::optional<UserId> after, size_t limit) const;
  /// kConflict for the last owner, kPermissionDenied when an owner is concerned and `actor` is
  /// none.
  User change_role(WorkspaceId workspace, UserId id, Role role, const Actor& actor);
  /// Same errors as `change_role`.
  void remove(WorkspaceId workspace, UserId id, const Actor& actor);

  /// The user changes their own; all their sessions but `keep` end. kInvalidArgument on field
  /// "current" when that is wrong; throttled like a sign-in.
  void change_password(WorkspaceId workspace, UserId id, std::string_view current,
                       std::string_view fresh, SessionId keep, const Actor& actor);
  /// For the command line: sets it without the old one and ends every session.
  void set_password(WorkspaceId workspace, UserId id, std::string_view fresh, const Actor& actor);

  /// The users (oldest first, never empty) whose e-mail and password these are, in `workspace` or
  /// anywhere. kUnauthenticated when there is none, as slow for an unknown address as for a known
  /// one; kTooManyRequests while throttled.
  std::vector<User> verify(std::string_view email, std::string_view password, std::string_view ip,
                           std::optional<WorkspaceId> workspace);

 private:
  void replace_password(WorkspaceId workspace, const User& user, const std::string& hash,
                        SessionId keep, const Actor& actor);

  StateStore& control_;
  const Clock& clock_;
  PasswordGate& passwords_;
  SignInThrottle& throttle_;
  AuditService& audit_;
};

}  // namespace rapport
