// Provider callbacks read into feedback: what SES, SendGrid, Postmark and Mailgun say of a message.
//
// The message is named by the token that went out with it (see provider_headers), else by its
// Message-ID and recipient. Pure functions; JSON within bounds, what is not understood is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/message.h"

namespace rapport {

enum class HookProvider { kSes, kSendgrid, kPostmark, kMailgun };

/// "ses", "sendgrid", "postmark", "mailgun".
std::string_view hook_provider_name(HookProvider provider);
std::optional<HookProvider> parse_hook_provider(std::string_view name);

struct HookEvent {
  std::string token;       // of our header, or ""
  std::string message_id;  // "msg_…@domain", or ""
  std::string recipient;
  MessageStep step = MessageStep::kBounced;
  std::string reason;
  std::string bounce;  // "hard", "soft", ""
};

/// Of a verified body; for SES the "Message" of the notification. Throws kInvalidArgument when it
/// is no JSON of the expected form.
std::vector<HookEvent> read_hook_events(HookProvider provider, std::string_view body);

/// Header lines that make a provider's callbacks carry `token`, chosen by its SMTP host; "" for
/// others.
std::string provider_headers(std::string_view smtp_host, std::string_view token);

}  // namespace rapport
