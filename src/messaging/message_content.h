// MessageContents: what a message said to its recipient.
//
// What the sandbox kept is shown as it was sent. Nothing else is kept, so a message that a real
// provider took is rendered again: its content, blocks, layouts and brand as they were then, with
// what is known of the customer now; the answer tells which of the two it is. A message that stands
// for itself is found again in the log. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>

#include "access/workspace_service.h"
#include "customers/customer_reader.h"
#include "http/route.h"
#include "messaging/email_channel.h"
#include "messaging/email_provider.h"
#include "messaging/message_reader.h"
#include "storage/event_log.h"

namespace rapport {

struct MessageLook {
  enum class Source { kKept, kRendered, kUnknown };
  Source source = Source::kUnknown;  // unknown: the rest is empty but `problem`
  std::string from;
  std::string to;
  std::string subject;
  std::string html;
  std::string text;
  std::string problem;                   // why it cannot be shown; for people
  std::optional<Timestamp> shown_as_of;  // templates of that time; absent: as it was sent
};

class MessageContents {
 public:
  MessageContents(const StateStore& control, const MessageReader& messages,
                  const CustomerReader& customers, const WorkspaceService& workspaces,
                  const SandboxMailbox& sandbox, const EventLog& log, EmailChannel& email)
      : control_(control),
        messages_(messages),
        customers_(customers),
        workspaces_(workspaces),
        sandbox_(sandbox),
        log_(log),
        email_(email) {}

  /// kNotFound when there is no such message here.
  MessageLook look(WorkspaceId workspace, MessageId id) const;

 private:
  MessageData find_data(const Message& message) const;
  MessageLook render(const Message& message) const;

  const StateStore& control_;
  const MessageReader& messages_;
  const CustomerReader& customers_;
  const WorkspaceService& workspaces_;
  const SandboxMailbox& sandbox_;
  const EventLog& log_;
  EmailChannel& email_;
};

/// GET /api/v1/messages/{id}/content. `contents` must outlive the routes.
RouteGroup make_message_content_routes(const MessageContents& contents);

}  // namespace rapport
