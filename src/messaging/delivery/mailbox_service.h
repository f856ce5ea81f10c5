// Mailboxes of a workspace that are read for bounces, complaints and replies, over IMAP.
//
// `poll` looks into each that is due, one after the other, and gives what is new to InboundService;
// how far it came is kept, so a crash reads at most one message twice, which records it once. The
// password is sealed in control.db. Thread-safe; calls block.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "mail/imap_client.h"
#include "messaging/delivery/inbound_service.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct InboundMailbox {
  uint64_t id = 0;
  WorkspaceId workspace;
  ImapConfig imap;  // without the password
  bool password_set = false;
  ImapPosition position;
  std::optional<Timestamp> polled_at;
  std::string problem;  // of the last poll; empty: none
};

class MailboxService {
 public:
  /// `root` is the installation's key.
  MailboxService(StateStore& control, InboundService& inbound, const Clock& clock,
                 const SecretKey& root, AuditService& audit);

  /// kInvalidArgument by field, kConflict when there are too many.
  InboundMailbox create(InboundMailbox mailbox, const std::string& password, const Actor& actor);
  void remove(WorkspaceId workspace, uint64_t id, const Actor& actor);
  std::vector<InboundMailbox> list(WorkspaceId workspace) const;

  /// Looks into all that were not looked into for limits::kImapPoll; ends early when `stopping`.
  void poll(const std::atomic<bool>& stopping);

 private:
  void poll_one(InboundMailbox mailbox);

  StateStore& control_;
  InboundService& inbound_;
  const Clock& clock_;
  SecretKey key_;
  AuditService& audit_;
};

}  // namespace rapport
