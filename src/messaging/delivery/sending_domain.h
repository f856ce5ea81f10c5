// Sending domains: the domains a workspace writes from, their DKIM keys and return path.
//
// A domain has one key an algorithm; the private ones are sealed in control.db with the
// installation's key, bound to workspace, domain and selector, and never leave the process. Signing
// begins at once: until the record is published receivers see an unsigned message, no worse than
// before. A return domain, whose MX is this program's inbound listener, makes bounces come back to
// it. Thread-safe; calls but `identity` block.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "base/ids.h"
#include "crypto/secret_key.h"
#include "mail/dkim.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct DkimRecord {
  std::string selector;
  DkimAlgorithm algorithm = DkimAlgorithm::kRsaSha256;
  std::string record;  // TXT of <selector>._domainkey.<domain>
};

struct SendingDomain {
  std::string domain;
  std::string return_domain;  // empty: bounces go to the sender's address
  bool signing = true;
  std::vector<DkimRecord> keys;
  Timestamp created_at;
};

/// What sending under one domain needs.
struct MailIdentity {
  std::vector<DkimSigner> signers;
  std::string return_domain;
};

class SendingDomainService {
 public:
  /// `root` is the installation's key.
  SendingDomainService(StateStore& control, const Clock& clock, const SecretKey& root,
                       AuditService& audit);

  /// With fresh keys. kConflict when it is there, kInvalidArgument on a bad name.
  SendingDomain create(WorkspaceId workspace, std::string_view domain,
                       std::string_view return_domain, std::vector<DkimAlgorithm> algorithms,
                       const Actor& actor);
  SendingDomain update(WorkspaceId workspace, std::string_view domain, bool signing,
                       std::string_view return_domain, const Actor& actor);
  void remove(WorkspaceId workspace, std::string_view domain, const Actor& actor);
  /// New keys under new selectors; the old ones are forgotten.
  SendingDomain renew_keys(WorkspaceId workspace, std::string_view domain, const Actor& actor);
  SendingDomain get(WorkspaceId workspace, std::string_view domain) const;
  std::vector<SendingDomain> list(WorkspaceId workspace) const;

  /// Of the domain of a sender's address or the nearest domain above it; empty when there is none.
  std::shared_ptr<const MailIdentity> identity(WorkspaceId workspace,
                                               std::string_view sender_domain) const;

 private:
  using Key = std::pair<WorkspaceId, std::string>;

  void add_keys(Connection& c, WorkspaceId workspace, std::string_view domain,
                const std::vector<DkimKey>& keys);
  std::shared_ptr<const MailIdentity> load(WorkspaceId workspace, std::string_view domain) const;
  void forget();

  StateStore& control_;
  const Clock& clock_;
  SecretKey key_;
  AuditService& audit_;
  mutable std::mutex mutex_;
  mutable std::map<Key, std::shared_ptr<const MailIdentity>> cache_;
  mutable uint64_t version_ = 0;
};

}  // namespace rapport
