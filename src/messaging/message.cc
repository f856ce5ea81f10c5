#include "messaging/message.h"

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "stream/event.h"

namespace rapport {
namespace {

struct StepRow {
  MessageStep step;
  std::string_view name;
  std::string_view event_name;
  int rank;  // a message's status is the step of the highest rank
};

constexpr std::array kSteps{
    StepRow{MessageStep::kQueued, "queued", "Message Queued", 0},
    StepRow{MessageStep::kDeferred, "deferred", "Message Deferred", 1},
    StepRow{MessageStep::kSent, "sent", "Message Sent", 2},
    StepRow{MessageStep::kFailed, "failed", "Message Failed", 2},
    StepRow{MessageStep::kSkipped, "skipped", "Message Skipped", 2},
    StepRow{MessageStep::kOpened, "opened", "Message Opened", 5},
    StepRow{MessageStep::kClicked, "clicked", "Message Clicked", 6},
    StepRow{MessageStep::kUnsubscribed, "unsubscribed", "Unsubscribed", 8},
    StepRow{MessageStep::kDelivered, "delivered", "Message Delivered", 3},
    StepRow{MessageStep::kBounced, "bounced", "Message Bounced", 4},
    StepRow{MessageStep::kComplained, "complained", "Message Complained", 9},
    StepRow{MessageStep::kReplied, "replied", "Message Replied", 7},
    StepRow{MessageStep::kWithheld, "withheld", "Message Withheld", 2},
    StepRow{MessageStep::kHeld, "held", "Message Held", 1},
};
static_assert(kSteps.size() == kMessageSteps);

const StepRow& row(MessageStep step) {
  return kSteps.at(static_cast<size_t>(step));
}

void add_member(std::string& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (json.size() > 1) json += ',';
  json += json_quote(name) + ":" + json_quote(value);
}

void add_raw(std::string& json, std::string_view name, std::string_view value) {
  if (json.size() > 1) json += ',';
  json += json_quote(name) + ":" + std::string(value);
}

std::string step_message_id(MessageStep step, const MessageFact& fact,
                            std::string_view occurrence) {
  std::string id = fact.message.value == 0
                       ? to_public(fact.campaign) + ":" + to_public(fact.customer)
                       : to_public(fact.message);
  id += ':';
  id += step_name(step);
  if (!occurrence.empty()) {
    id += ':';
    id += occurrence;
  }
  return id;
}

}  // namespace

std::string_view step_name(MessageStep step) {
  return row(step).name;
}
std::string_view step_event_name(MessageStep step) {
  return row(step).event_name;
}

std::optional<MessageStep> parse_step_event(std::string_view event_name) {
  for (const StepRow& r : kSteps) {
    if (r.event_name == event_name) return r.step;
  }
  return std::nullopt;
}

bool advances(MessageStep from, MessageStep to) {
  // A later step from the customer proves delivery even where the record of sending was lost, and a
  // repeated deferral stays what it is.
  return row(to).rank > row(from).rank;
}

NewEvent make_step_event(MessageStep step, const MessageFact& fact, Timestamp at,
                         std::string_view occurrence) {
  std::string properties = "{";
  if (fact.message.value != 0) add_member(properties, "message_id", to_public(fact.message));
  if (fact.campaign.value != 0) add_member(properties, "campaign_id", to_public(fact.campaign));
  add_member(properties, "channel", fact.channel);
  add_member(properties, "address", fact.address);
  add_member(properties, "subject", fact.subject);
  add_member(properties, "reason", fact.reason);
  add_member(properties, "url", fact.url);
  add_member(properties, "bounce", fact.bounce);
  add_member(properties, "machine", fact.machine);
  if (fact.run != 0) add_raw(properties, "run", std::to_string(fact.run));
  if (fact.variant != 0) add_raw(properties, "variant", std::to_string(fact.variant));
  add_member(properties, "idempotency_key", fact.idempotency_key);
  add_member(properties, "digest", fact.digest);
  if (fact.repeat) add_raw(properties, "repeat", "true");
  if (fact.topic.value != 0) add_member(properties, "topic_id", to_public(fact.topic));
  add_member(properties, "journey_id", fact.journey);
  if (fact.transactional) add_member(properties, "class", "transactional");
  if (fact.retry_at) add_member(properties, "retry_at", format_timestamp(*fact.retry_at));
  std::string body = "{\"properties\":" + properties + "}";
  if (!fact.data.empty()) body += ",\"data\":" + fact.data;
  if (!fact.content.empty()) body += ",\"content\":" + fact.content;
  body += '}';
  const std::string id = step_message_id(step, fact, occurrence);

  Event event;
  event.workspace = fact.workspace;
  event.type = EventType::kTrack;
  event.origin = EventOrigin::kSystem;
  event.customer = fact.customer;
  event.timestamp = event.received_at = at;
  event.message_id = id;
  event.name = step_event_name(step);
  event.body = body;
  return make_new_event(event);
}

}  // namespace rapport
