// "Send a test": one message through the workspace's e-mail provider, and the server's own words.
#pragma once

#include "http/route.h"
#include "messaging/email_provider.h"
#include "runtime/clock.h"

namespace rapport {

struct ProviderTestContext {
  const EmailProviderService& providers;
  SandboxMailbox& sandbox;
  const Clock& clock;
  std::function<Actor(const Request&)> actor;
  AuditService& audit;
};

RouteGroup make_provider_test_routes(ProviderTestContext context);

}  // namespace rapport
