// HookService: callbacks of providers, verified and recorded.
//
// A workspace switches a provider's callbacks on and gets an address with a random token of its
// own. Nothing of a body is believed before its signature is: SES by a certificate from Amazon's
// hosts (fetched through a port that stands behind the egress guard) and the topic the workspace
// named, SendGrid by its public key, Mailgun by its signing key, Postmark by user and password. The
// same callback again changes nothing. Thread-safe; calls block.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/actor.h"
#include "access/audit_service.h"
#include "http/message.h"
#include "messaging/delivery/feedback.h"
#include "messaging/delivery/hook_events.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

struct Hook {
  HookProvider provider = HookProvider::kSes;
  std::string token;  // last part of its address
  std::string key;    // SendGrid: public key. SES: topic ARN. Else empty
  bool secret_set = false;
  Timestamp created_at;
};

class HookService {
 public:
  /// GET of an address; throws as Egress does.
  using Fetch = std::function<std::string(const std::string& url)>;

  /// `root` is the installation's key.
  HookService(StateStore& control, FeedbackService& feedback, const ReturnPathSigner& return_paths,
              Fetch fetch, const Clock& clock, const SecretKey& root, AuditService& audit);

  std::vector<Hook> list(WorkspaceId workspace) const;
  /// `secret` (Mailgun's signing key, Postmark's "user:password"): absent keeps the stored one. The
  /// address stays. kInvalidArgument by field when what the provider needs is missing.
  Hook put(WorkspaceId workspace, HookProvider provider, std::string key,
           const std::optional<std::string>& secret, const Actor& actor);
  void remove(WorkspaceId workspace, HookProvider provider, const Actor& actor);

  /// How many events of the callback were recorded. kNotFound: no such address; kUnauthenticated:
  /// not signed as it must be; kInvalidArgument: not what the provider sends.
  size_t receive(std::string_view provider, std::string_view token, const Request& request);

 private:
  struct Stored;
  std::optional<Stored> find(HookProvider provider, std::string_view token) const;
  size_t receive_ses(const Stored& hook, const Request& request);
  size_t record(const Stored& hook, std::string_view body);
  std::string certificate(const std::string& url);

  StateStore& control_;
  FeedbackService& feedback_;
  const ReturnPathSigner& return_paths_;
  Fetch fetch_;
  const Clock& clock_;
  SecretKey key_;
  AuditService& audit_;
  std::mutex mutex_;
  std::map<std::string, std::string> certificates_;  // by address
};

}  // namespace rapport
