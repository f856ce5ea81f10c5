// The HTTP operations of messaging: messages, the e-mail provider, the sandbox.
#pragma once

#include <functional>

#include "access/actor.h"
#include "http/route.h"
#include "messaging/email_provider.h"
#include "messaging/message_reader.h"

namespace rapport {

struct MessagingServices {
  const MessageReader& messages;
  EmailProviderService& providers;
  const SandboxMailbox& sandbox;
  std::function<Actor(const Request&)> actor;
  /// Waits briefly until the projections know everything that is in the log.
  std::function<void()> await_applied;
};

/// `services` is kept by the routes.
RouteGroup make_messaging_routes(MessagingServices services);

}  // namespace rapport
