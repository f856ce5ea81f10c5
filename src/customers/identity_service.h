// IdentityService: the rules by which a workspace's identifiers link profiles. Thread-safe; calls
// block.
#pragma once

#include "access/audit_service.h"
#include "customers/identity.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

class IdentityService {
 public:
  IdentityService(const StateStore& state, LogWriter& writer, Projector& projector,
                  AuditService& audit, const Clock& clock, Random& random);

  IdentityRules get(WorkspaceId workspace) const;
  /// Takes effect for events after it, and returns when it does. Links made before stay. Throws
  /// kInvalidArgument naming the field.
  void put(WorkspaceId workspace, const IdentityRules& rules, const Actor& actor);

 private:
  const StateStore& state_;
  LogWriter& writer_;
  Projector& projector_;
  AuditService& audit_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace rapport
