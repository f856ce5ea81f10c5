#include "messaging/message_sender.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits/messaging.h"
#include "messaging/campaign_store.h"

namespace rapport {

std::chrono::seconds retry_wait(int attempts) {
  constexpr double kFirst = 5;
  constexpr double kLongest = 4 * 3600;
  return std::chrono::seconds(
      static_cast<int64_t>(std::min(kFirst * std::pow(4, attempts), kLongest)));
}

MessageSender::MessageSender(const StateStore& control, const MessageReader& messages,
                             const CustomerReader& customers, const WorkspaceService& workspaces,
                             const Clock& clock, MetricsRegistry& metrics)
    : control_(control),
      messages_(messages),
      customers_(customers),
      workspaces_(workspaces),
      clock_(clock),
      sent_(metrics.counter("rapport_messages_sent_total", "Messages a provider accepted")),
      failed_(metrics.counter("rapport_messages_failed_total", "Messages given up")),
      deferred_(metrics.counter("rapport_messages_deferred_total", "Attempts to be repeated")) {}

void MessageSender::add_channel(Channel& channel) {
  channels_[std::string(channel.name())] = &channel;
}

std::vector<NewEvent> MessageSender::execute(const Intent& intent, size_t worker) {
  const WorkspaceId workspace = intent.workspace;
  const auto message = messages_.find(workspace, MessageId{intent.subject});
  ENSURE(message.has_value());
  MessageFact fact;
  fact.workspace = workspace;
  fact.customer = message->customer;
  fact.message = message->id;
  fact.campaign = message->campaign;
  fact.channel = message->channel;
  fact.address = message->address;
  const auto end = [&](MessageStep step, std::string reason, std::string_view occurrence = {}) {
    fact.reason = std::move(reason);
    std::vector<NewEvent> events;
    events.push_back(make_step_event(step, fact, clock_.now(), occurrence));
    return events;
  };

  const auto campaign = control_.read_value(
      [&](Connection& c) { return campaign_store::find(c, workspace, message->campaign); });
  const auto customer = customers_.find(workspace, message->customer);
  const auto owner = workspaces_.find(workspace);
  const auto channel = channels_.find(message->channel);
  if (!campaign || !owner) return end(MessageStep::kSkipped, "campaign_gone");
  if (!customer) return end(MessageStep::kSkipped, "customer_gone");
  if (channel == channels_.end()) return end(MessageStep::kFailed, "no_channel");
  if (messages_.suppressed(*message)) {
    return end(MessageStep::kSkipped, "suppressed");
  }

  DeliveryOutcome outcome =
      channel->second->send({*message, *campaign, *customer, owner->name}, worker);
  if (outcome.status == DeliveryStatus::kHeld) throw IntentHeld(outcome.hold);
  if (outcome.status == DeliveryStatus::kSent) {
    sent_.add();
    fact.subject = std::move(outcome.subject);
    return end(MessageStep::kSent, {});
  }
  if (outcome.status == DeliveryStatus::kRetry && intent.attempts + 1 < limits::kMaxSendAttempts) {
    deferred_.add();
    fact.retry_at = clock_.now() + retry_wait(intent.attempts);
    return end(MessageStep::kDeferred, std::move(outcome.reason),
               std::to_string(intent.attempts + 1));
  }
  failed_.add();
  fact.bounce = std::move(outcome.bounce);
  return end(MessageStep::kFailed, std::move(outcome.reason));
}

}  // namespace rapport
