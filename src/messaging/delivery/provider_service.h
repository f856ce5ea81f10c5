// Providers of a workspace: who carries its e-mail, with weights, priorities and limits.
//
// Besides those listed here a workspace has the one of its setting "provider.email" (the sandbox
// when nothing was chosen), as before; it carries messages while no listed provider is enabled, and
// beside them when it is an SMTP server. Of the providers with the lowest priority number each
// takes messages in proportion to its weight; the next priority takes over when those are down or
// at a limit. Passwords are sealed in control.db. An SMTP host may be any host the administrator
// names, internal ones too: mail relays usually are. Thread-safe; calls but `active` block.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/audit_service.h"
#include "messaging/delivery/throttle.h"
#include "messaging/email_provider.h"

namespace rapport {

struct DomainThrottle {
  std::string domain;       // of recipients, with those below it
  int64_t per_minute = 0;   // 0: no limit
  int64_t connections = 0;  // 0: no limit
};

struct MailProvider {
  uint64_t id = 0;  // 0: the setting "provider.email"
  WorkspaceId workspace;
  std::string name;
  bool enabled = true;
  bool sandbox = false;
  SmtpConfig smtp;  // without the password, except in `active`
  bool password_set = false;
  int64_t priority = 0;
  int64_t weight = 1;
  int64_t connections = 32;
  int64_t per_minute = 0;
  std::vector<DomainThrottle> domains;
  std::optional<WarmUp> warm_up;
};

class ProviderService {
 public:
  /// `root` is the installation's key.
  ProviderService(StateStore& control, EmailProviderService& main, const Clock& clock,
                  const SecretKey& root, AuditService& audit);

  /// `password` absent: none. kInvalidArgument by field, kConflict when there are too many.
  MailProvider create(MailProvider provider, const std::optional<std::string>& password,
                      const Actor& actor);
  /// `password` absent keeps the stored one, empty removes it.
  MailProvider update(MailProvider provider, const std::optional<std::string>& password,
                      const Actor& actor);
  void remove(WorkspaceId workspace, uint64_t id, const Actor& actor);
  MailProvider get(WorkspaceId workspace, uint64_t id) const;
  std::vector<MailProvider> list(WorkspaceId workspace) const;

  struct Active {
    uint64_t version = 0;  // another one: something changed
    std::vector<MailProvider> providers;
  };
  /// Those that may carry messages now, by priority; cached.
  std::shared_ptr<const Active> active(WorkspaceId workspace) const;
  /// The setting "provider.email" has changed.
  void changed();

  /// Messages a provider with a warm-up plan took on a day.
  int64_t sent_on(uint64_t provider, int64_t day) const;
  void add_sent(uint64_t provider, int64_t day, int64_t count);

 private:
  std::shared_ptr<const Active> load(WorkspaceId workspace) const;

  StateStore& control_;
  EmailProviderService& main_;
  const Clock& clock_;
  SecretKey key_;
  AuditService& audit_;
  mutable std::mutex mutex_;
  mutable std::map<WorkspaceId, std::shared_ptr<const Active>> cache_;
  uint64_t version_ = 1;
};

/// "none", "opportunistic", "starttls", "tls".
std::string_view smtp_security_name(SmtpSecurity security);

}  // namespace rapport
