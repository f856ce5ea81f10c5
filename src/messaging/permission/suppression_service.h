// SuppressionService: people and imports suppress addresses, lift suppressions, and make them
// forget the address they hold. Changes are system events, committed before a call returns, and in
// the audit trail. Thread-safe; calls block.
#pragma once

#include <string>
#include <vector>

#include "access/audit_service.h"
#include "messaging/permission/suppression.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "stream/projector.h"

namespace rapport {

struct SuppressionImport {
  struct Refusal {
    uint64_t line = 0;
    std::string field;
    std::string reason;
  };
  size_t accepted = 0;
  std::vector<Refusal> refused;
};

class SuppressionService {
 public:
  SuppressionService(const StateStore& state, const AddressHasher& hasher, LogWriter& writer,
                     Projector& projector, AuditService& audit, const Clock& clock, Random& random)
      : state_(state),
        hasher_(hasher),
        writer_(writer),
        projector_(projector),
        audit_(audit),
        clock_(clock),
        random_(random) {}

  /// Throws kInvalidArgument naming the field. An address that is suppressed stays so.
  Suppression add(WorkspaceId workspace, Suppression suppression, const Actor& actor);
  /// By address or hash; kNotFound when it is not suppressed.
  void remove(WorkspaceId workspace, std::string_view channel, std::string_view address,
              const Actor& actor);
  /// The row keeps a keyed hash in place of the address. kNotFound when it is not suppressed.
  void forget(WorkspaceId workspace, std::string_view channel, std::string_view address,
              const Actor& actor);
  /// CSV with a header row: address, and channel, reason, detail as wanted.
  SuppressionImport import_csv(WorkspaceId workspace, std::string csv, const Actor& actor);

  /// An address that is looked for also finds the row that holds its hash.
  std::vector<Suppression> list(WorkspaceId workspace, std::string_view channel,
                                std::string_view query, std::string_view cursor,
                                size_t limit) const;
  /// The row of an address, plain or hashed; null when it may be written to.
  std::optional<Suppression> find(WorkspaceId workspace, std::string_view channel,
                                  std::string_view address) const;

 private:
  void append_and_wait(std::vector<NewEvent> events);

  const StateStore& state_;
  const AddressHasher& hasher_;
  LogWriter& writer_;
  Projector& projector_;
  AuditService& audit_;
  const Clock& clock_;
  Random& random_;
};

/// The cursor after a row of the list.
std::string suppression_cursor(const Suppression& row);

}  // namespace rapport
