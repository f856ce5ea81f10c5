// AccessServices: everything of this module over one control store, wired.
//
// `maintain` is to be called about once a minute and before the program stops. Thread-safe.
#pragma once

#include "access/api_key_service.h"
#include "access/audit_service.h"
#include "access/authoriser.h"
#include "access/password_gate.h"
#include "access/session_service.h"
#include "access/settings_service.h"
#include "access/sign_in_throttle.h"
#include "access/user_service.h"
#include "access/workspace_service.h"
#include "crypto/secret_key.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct AccessServices {
  /// Migrates component "access" of `control` first. `root` is the installation's key.
  AccessServices(StateStore& control, const Clock& clock, const SecretKey& root);

  /// Writes what is kept in memory (last uses) and deletes ended sessions and void throttle rows.
  void maintain();
  /// The request's caller as the audit trail and the ownership rules see them.
  Actor actor(const Request& request);

  AuditService audit;
  PasswordGate passwords;
  SignInThrottle throttle;
  ApiKeyService keys;
  SessionService sessions;
  UserService users;
  WorkspaceService workspaces;
  SettingsService settings;
  Authoriser authoriser;
};

}  // namespace rapport
