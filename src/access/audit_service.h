// The audit trail: who did what to which subject, when; append-only.
//
// A change and its entry are written in one transaction, so neither is there without the other.
// Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "base/ids.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct AuditEntry {
  uint64_t id = 0;  // grows with time inside a workspace
  std::string actor;
  std::string actor_label;
  std::string action;   // "user.create", "key.revoke", …
  std::string subject;  // public id of what was changed
  std::string detail;   // short text, never a secret
  std::string ip;
  Timestamp at;
};

class AuditService {
 public:
  AuditService(StateStore& control, const Clock& clock) : control_(control), clock_(clock) {}

  /// Inside the transaction of the change.
  void record(Connection& connection, WorkspaceId workspace, const Actor& actor,
              std::string_view action, std::string_view subject, std::string_view detail = {});
  /// In a transaction of its own: for changes that live in another store.
  void record(WorkspaceId workspace, const Actor& actor, std::string_view action,
              std::string_view subject, std::string_view detail = {});
  /// Newest first; those before entry `before` when given. At most `limit`.
  std::vector<AuditEntry> list(WorkspaceId workspace, std::optional<uint64_t> before,
                               size_t limit) const;

 private:
  StateStore& control_;
  const Clock& clock_;
};

}  // namespace rapport
