// Workspaces: one business's separate world each, and how the first one comes to be.
//
// `initialise` and `create` make a workspace with its owner, a write key and an admin key in one
// transaction: all of it exists or nothing. Thread-safe; calls block, and hash a password.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/api_key_service.h"
#include "access/audit_service.h"
#include "access/password_gate.h"
#include "base/ids.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct Workspace {
  WorkspaceId id;
  std::string name;
  std::string time_zone;  // IANA name
  Timestamp created_at;
  std::string currency = "USD";                 // ISO 4217
  std::vector<std::string> languages = {"en"};  // BCP 47, the main one first
};

/// Absent fields stay.
struct WorkspaceChange {
  std::optional<std::string> name;
  std::optional<std::string> time_zone;
  std::optional<std::string> currency;
  std::optional<std::vector<std::string>> languages;
};

struct NewWorkspace {
  std::string name;
  std::string owner_email;
  std::optional<std::string> password;  // absent: generated
  std::string time_zone = "UTC";
};

/// What `rapport init` prints; the keys and the generated password are shown this once.
struct CreatedWorkspace {
  Workspace workspace;
  UserId owner;
  std::string email;
  std::optional<std::string> generated_password;
  std::string write_key;  // "wk_…"
  std::string admin_key;  // "rk_…"
};

class WorkspaceService {
 public:
  WorkspaceService(StateStore& control, const Clock& clock, PasswordGate& passwords,
                   ApiKeyService& keys, AuditService& audit)
      : control_(control), clock_(clock), passwords_(passwords), keys_(keys), audit_(audit) {}

  /// The first workspace of an installation; kConflict when there is any already.
  CreatedWorkspace initialise(const NewWorkspace& input);
  /// One more; kConflict when the name is taken, kInvalidArgument naming a bad field.
  CreatedWorkspace create(const NewWorkspace& input, const Actor& actor);

  std::optional<Workspace> find(WorkspaceId id) const;
  /// kNotFound when it is not there.
  Workspace get(WorkspaceId id) const;
  /// By public id or exact name.
  std::optional<Workspace> find_by_text(std::string_view id_or_name) const;
  /// All of them, oldest first.
  std::vector<Workspace> list() const;
  /// Gives the new state; kConflict when the name is taken, kInvalidArgument naming a bad field.
  Workspace update(WorkspaceId id, const WorkspaceChange& change, const Actor& actor);

 private:
  CreatedWorkspace create_checked(const NewWorkspace& input, const Actor& actor,
                                  bool must_be_first);

  StateStore& control_;
  const Clock& clock_;
  PasswordGate& passwords_;
  ApiKeyService& keys_;
  AuditService& audit_;
};

}  // namespace rapport
