// Sessions: opened at sign-in, found by cookie, listed and revoked by their user.
//
// Tokens are stored hashed. A session ends limits::kSessionLifetime after it was opened, after
// limits::kSessionIdle without use, at sign-out, when its user is removed, or when their password
// changes. A user has at most limits::kMaxSessionsPerUser; opening one more ends the oldest. `find`
// only reads; when sessions were last used is kept in memory and written by `flush`, so a crash
// forgets at most the time between two flushes. Thread-safe; calls block.
#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/audit_service.h"
#include "access/session.h"
#include "base/limits/access.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

class SessionService {
 public:
  SessionService(StateStore& control, const Clock& clock, AuditService& audit)
      : control_(control), clock_(clock), audit_(audit) {}

  /// Signs `user` in with a fresh token; ends the session of `previous_token`, if any.
  NewSession create(const User& user, std::string_view user_agent, std::string_view ip,
                    std::string_view previous_token = {});
  /// Null when the token is unknown, ended or idle for too long.
  std::optional<SignedIn> find(std::string_view token);
  /// The user's live sessions, newest first.
  std::vector<Session> list(WorkspaceId workspace, UserId user) const;
  /// kNotFound when the user has no such session.
  void revoke(WorkspaceId workspace, UserId user, SessionId id);
  /// Writes when sessions were last used and deletes those that ended.
  void flush();

 private:
  struct Use {
    WorkspaceId workspace;
    UserId user;
    Timestamp at;
  };

  Timestamp last_used(SessionId id, Timestamp stored) const;

  StateStore& control_;
  const Clock& clock_;
  AuditService& audit_;
  mutable std::mutex mutex_;
  std::unordered_map<SessionId, Use> used_;  // not yet written
};

}  // namespace rapport
