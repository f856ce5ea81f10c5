// Settings of a workspace by name: a JSON text that may be shown, and a secret that is not.
//
// Names are chosen by the modules that use them ("provider.email"). The secret is sealed with the
// installation's key and bound to workspace and name: moved to another row it does not open.
// Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/actor.h"
#include "access/audit_service.h"
#include "base/ids.h"
#include "crypto/secret_key.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct Setting {
  std::string value;  // JSON
  bool has_secret = false;
  Timestamp updated_at;
};

/// What `put` does with the secret: keep the stored one, replace it, or remove it.
struct SecretChange {
  enum class Kind { kKeep, kReplace, kClear };
  Kind kind = Kind::kKeep;
  std::string secret;  // of kReplace

  static SecretChange keep() { return {}; }
  static SecretChange replace(std::string secret) { return {Kind::kReplace, std::move(secret)}; }
  static SecretChange clear() { return {Kind::kClear, {}}; }
};

class SettingsService {
 public:
  /// `root` is the installation's key.
  SettingsService(StateStore& control, const Clock& clock, const SecretKey& root,
                  AuditService& audit);

  std::optional<Setting> find(WorkspaceId workspace, std::string_view name) const;
  /// The opened secret; null when none is set. kCorrupted when it does not open.
  std::optional<std::string> find_secret(WorkspaceId workspace, std::string_view name) const;
  /// Creates or replaces; the audit trail tells the name, not the value.
  void put(WorkspaceId workspace, std::string_view name, std::string_view json,
           const SecretChange& secret, const Actor& actor);

 private:
  StateStore& control_;
  const Clock& clock_;
  SecretKey key_;
  AuditService& audit_;
};

}  // namespace rapport
