// The HTTP operations of deliverability: providers, sending domains with their DNS records, and the
// callbacks of providers.
#pragma once

#include <functional>
#include <string>

#include "access/actor.h"
#include "http/route.h"
#include "mail/dns.h"
#include "messaging/delivery/hook_service.h"
#include "messaging/delivery/mailbox_service.h"
#include "messaging/delivery/provider_service.h"
#include "messaging/delivery/sending_domain.h"

namespace rapport {

struct DeliverabilityServices {
  SendingDomainService& domains;
  ProviderService& providers;
  HookService& hooks;
  MailboxService& mailboxes;
  const DnsResolver& dns;
  std::string public_url;    // as configured; may be empty
  std::string inbound_name;  // of the inbound listener; empty: there is none
  std::function<Actor(const Request&)> actor;
};

/// `services` is kept by the routes.
RouteGroup make_deliverability_routes(DeliverabilityServices services);
/// Providers and their callbacks.
RouteGroup make_provider_routes(DeliverabilityServices services);
/// Mailboxes that are read.
RouteGroup make_mailbox_routes(DeliverabilityServices services);

}  // namespace rapport
