// A message: one item to one recipient on one channel, its states, and the events that move it.
//
// The ledger is a projection: each step is a system event in the log ("Message Queued", …) with a
// fixed messageId, so a step is recorded once however often it is tried. Pure; no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "messaging/permission/topic_id.h"
#include "stream/log_writer.h"

namespace rapport {

enum class MessageStep : uint8_t {
  kQueued,
  kDeferred,  // an attempt failed and another will follow
  kSent,      // the provider took it
  kFailed,    // given up
  kSkipped,   // not sent on purpose: suppressed, no address, …
  kOpened,
  kClicked,
  kUnsubscribed,
  // Numbers are stored, so steps that came later stand here whatever their rank.
  kDelivered,   // the recipient's server took it, as the provider or a delivery report says
  kBounced,     // it came back
  kComplained,  // the recipient called it spam
  kReplied,     // the recipient answered
  kWithheld,    // of a control group: counted, never sent
  kHeld,        // waits for an hour or a place under a cap; no attempt was made
};
inline constexpr int kMessageSteps = 14;

// The ledger keeps the steps of a message as marks, bit by number; these are of what machines did.
inline constexpr int64_t kMachineOpenedMark = int64_t{1} << 40;
inline constexpr int64_t kMachineClickedMark = int64_t{1} << 41;

/// "queued", "deferred", …: the API's words.
std::string_view step_name(MessageStep step);
/// The event's name in the log: "Message Queued", …, "Unsubscribed".
std::string_view step_event_name(MessageStep step);
std::optional<MessageStep> parse_step_event(std::string_view event_name);
/// Whether a message in state `from` takes on `to` as its status (the furthest it came).
bool advances(MessageStep from, MessageStep to);

/// What a step event says; the members of its properties.
struct MessageFact {
  WorkspaceId workspace;
  CustomerId customer;
  MessageId message;  // the log offset of its queued event; 0 in that event itself
  CampaignId campaign;
  std::string channel = "email";
  std::string address;
  std::string reason;           // why it failed, was skipped or deferred
  std::string url;              // of a click
  std::string subject;          // as sent
  std::string bounce;           // of a bounce or failure: "hard" or "soft"
  std::string machine;          // why an open or click was not a person's
  std::string data;             // JSON for the template, of a single queued message
  std::string content;          // JSON of its own template, likewise
  std::string idempotency_key;  // of the request that asked for it
  std::string digest;           // of that request
  uint32_t run = 0;             // of the campaign
  uint8_t variant = 0;          // see ledger_block.h
  bool repeat = false;  // a kill may have interrupted an earlier try after the provider took it
  TopicId topic;        // what it is about; 0: no topic
  std::string journey;  // public id of the journey that sent it; empty: none
  bool transactional = false;  // its class
  std::optional<Timestamp> retry_at;
};

/// The step as an event for the log. `occurrence` tells opens and clicks apart (their own id), and
/// deferrals (the attempt); empty for steps that happen once.
NewEvent make_step_event(MessageStep step, const MessageFact& fact, Timestamp at,
                         std::string_view occurrence = {});

}  // namespace rapport
