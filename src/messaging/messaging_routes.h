// The HTTP operations of messaging: campaigns, messages, the e-mail provider, the sandbox.
#pragma once

#include <functional>

#include "access/actor.h"
#include "http/route.h"
#include "messaging/campaign_service.h"
#include "messaging/email_provider.h"
#include "messaging/message_reader.h"

namespace rapport {

struct MessagingServices {
  CampaignService& campaigns;
  const MessageReader& messages;
  EmailProviderService& providers;
  const SandboxMailbox& sandbox;
  std::function<Actor(const Request&)> actor;
};

/// `services` is kept by the routes.
RouteGroup make_messaging_routes(MessagingServices services);

}  // namespace rapport
