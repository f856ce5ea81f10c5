// Channel: how a message travels. The ledger, the sender and the reports know channels only through
// it.
//
// A channel is chosen by its name ("email"). `send` does the effect and says what came of it; it
// never throws for what a provider or the network does. Thread-safe: called by all dispatcher
// workers at once, `worker` tells them apart so that each may keep a connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "messaging/campaign.h"
#include "messaging/message_reader.h"

namespace rapport {

struct Customer;

/// A message about to be sent.
struct Delivery {
  const Message& message;
  const Campaign& campaign;
  const Customer& customer;
  std::string workspace_name;
  const MessageTemplate& content;
  std::string content_key;       // of the content: equal keys, equal content
  std::string data = {};         // JSON object for the template, as "data"; or empty
  std::string template_id = {};  // of a kept template, which then takes the place of `content`
  std::string workspace_zone = "UTC";
};

enum class DeliveryStatus {
  kSent,
  kRetry,   // may succeed later
  kFailed,  // will not
  kHeld,    // not tried: a limit or a pause asks to wait `hold`; counts as no attempt
};

struct DeliveryOutcome {
  DeliveryStatus status = DeliveryStatus::kFailed;
  std::string reason;   // for people: "550 5.1.1 no such user"
  std::string subject;  // as sent
  std::string failure;  // what kind: "bad_mailbox", "policy", …
  std::string bounce;   // "hard": the address is dead; "soft": it counts against it
  std::chrono::milliseconds hold{0};
};

/// A mail of the program's own: no campaign, no tracking, no ledger row.
struct Notice {
  WorkspaceId workspace;
  std::string id;    // before the @ of its Message-ID
  std::string from;  // "Name <a@b.c>"
  std::string to;
  std::string subject;
  std::string html;
  std::string text;
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string_view name() const = 0;
  virtual DeliveryOutcome send(const Delivery& delivery, size_t worker) = 0;
};

}  // namespace rapport
