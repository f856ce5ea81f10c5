// MailTransport: what happens to a composed e-mail: signed, given its return path, handed to a
// provider of the workspace.
//
// First `admit`, before the work of composing: it reserves a connection, or says how long to wait.
// `send` never throws for what a provider or the network does. Thread-safe: called by all
// dispatcher workers at once.
#pragma once

#include <string>

#include "messaging/channel.h"
#include "messaging/delivery/provider_pool.h"
#include "messaging/delivery/return_path.h"
#include "messaging/delivery/sending_domain.h"
#include "messaging/email_provider.h"
#include "runtime/clock.h"

namespace rapport {

struct OutgoingMail {
  WorkspaceId workspace;
  MessageId message;
  std::string from;        // address
  std::string from_shown;  // "Name <address>"
  std::string to;
  std::string message_id;
  std::string mime;  // of build_mime
};

class MailTransport {
 public:
  MailTransport(ProviderService& providers, SandboxMailbox& sandbox,
                const SendingDomainService& domains, const ReturnPathSigner& return_paths,
                const Clock& clock);

  ProviderPool::Admission admit(WorkspaceId workspace, std::string_view recipient);
  DeliveryOutcome send(ProviderPool::Lease lease, const OutgoingMail& mail);

 private:
  ProviderPool pool_;
  SandboxMailbox& sandbox_;
  const SendingDomainService& domains_;
  const ReturnPathSigner& return_paths_;
  const Clock& clock_;
};

}  // namespace rapport
