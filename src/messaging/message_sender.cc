#include "messaging/message_sender.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits/messaging.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "mail/address.h"
#include "messaging/campaign_store.h"
#include "messaging/campaigns/campaign_json.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/permission/send_gate.h"

namespace rapport {
namespace {

constexpr size_t kCachedCampaigns = 64;
constexpr size_t kMaxReservations = 100'000;

}  // namespace

namespace {

/// A message is held until a time once, however often that is tried to be recorded.
std::string hold_occurrence(Timestamp until) {
  return std::to_string(to_micros(until));
}

}  // namespace

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

std::shared_ptr<const Campaign> MessageSender::find_campaign(WorkspaceId workspace, CampaignId id) {
  const std::lock_guard lock(mutex_);
  const auto it = campaigns_.find(id);
  if (it != campaigns_.end()) return it->second;
  auto found =
      control_.read_value([&](Connection& c) { return campaign_store::find(c, workspace, id); });
  if (!found) return nullptr;
  if (campaigns_.size() >= kCachedCampaigns) campaigns_.erase(campaigns_.begin());
  auto campaign = std::make_shared<const Campaign>(std::move(*found));
  campaigns_.emplace(id, campaign);
  return campaign;
}

bool MessageSender::reserve(const Message& message) {
  // Singles may repeat: each was asked for by itself.
  if (message.campaign.value == 0 || !is_block_message(message.id)) return true;
  const Address key{message.campaign, message.run, message.address};
  {
    const std::lock_guard lock(mutex_);
    const auto [it, fresh] = reserved_.try_emplace(key, message.id);
    if (!fresh && it->second != message.id) return false;
    if (fresh) reservations_.push_back(key);
    if (reservations_.size() > kMaxReservations) {
      reserved_.erase(reservations_.front());
      reservations_.pop_front();
    }
  }
  return !messages_.address_taken(message, message.address);
}

void MessageSender::free(const Message& message) {
  const std::lock_guard lock(mutex_);
  reserved_.erase({message.campaign, message.run, message.address});
}

std::string MessageSender::find_obstacle(Message& message, const Customer& customer) {
  if (message.address.empty()) message.address = to_lower_ascii(customer.email());
  if (message.address.empty()) return "no_address";
  if (!is_valid_address(message.address)) return "invalid_address";
  if (!gate_ && messages_.suppressed(message)) return "suppressed";
  if (!reserve(message)) return "duplicate_address";
  return {};
}

std::vector<NewEvent> MessageSender::execute(const Intent& intent, size_t worker) {
  const WorkspaceId workspace = intent.workspace;
  auto found = messages_.find_brief(workspace, MessageId{intent.subject});
  ENSURE(found.has_value());
  Message& message = *found;
  if (!message.waiting) return {};  // it ended since the intent was read
  MessageFact fact;
  fact.workspace = workspace;
  fact.customer = message.customer;
  fact.message = message.id;
  fact.campaign = message.campaign;
  fact.channel = message.channel;
  fact.repeat = intent.interrupted;
  const auto end = [&](MessageStep step, std::string reason, std::string_view occurrence = {}) {
    fact.address = message.address;
    fact.reason = std::move(reason);
    std::vector<NewEvent> events;
    events.push_back(make_step_event(step, fact, clock_.now(), occurrence));
    return events;
  };

  MessageData single;
  if (!is_block_message(message.id)) single = messages_.data(message.id);
  const auto plan = message.transactional() ? single_campaign(workspace, single.content)
                                            : find_campaign(workspace, message.campaign);
  const auto customer = customers_.find(workspace, message.customer);
  const auto owner = workspaces_.find(workspace);
  const auto channel = channels_.find(message.channel);
  if (!plan || !owner) return end(MessageStep::kSkipped, "campaign_gone");
  if (!customer) return end(MessageStep::kSkipped, "customer_gone");
  if (channel == channels_.end()) return end(MessageStep::kFailed, "no_channel");
  if (const std::string reason = find_obstacle(message, *customer); !reason.empty()) {
    return end(MessageStep::kSkipped, reason);
  }
  fact.transactional = message.transactional() || plan->plan.transactional;
  fact.topic = parse_id<TopicTag>(plan->plan.topic).value_or(TopicId{});
  if (gate_) {
    const SendDecision decision =
        gate_->admit({workspace, message.id, message.channel, message.address, fact.topic,
                      fact.transactional, message.planned_at},
                     *customer);
    if (decision.verdict != SendVerdict::kSend) free(message);
    std::string reason(skip_reason_name(decision.reason));
    if (decision.verdict == SendVerdict::kSkip)
      return end(MessageStep::kSkipped, std::move(reason));
    if (decision.verdict == SendVerdict::kHold) {
      fact.retry_at = decision.until;
      return end(MessageStep::kHeld, std::move(reason), hold_occurrence(decision.until));
    }
  }

  size_t variant = message.variant;
  if (variant == kUndecidedVariant)
    variant = messages_.winner(workspace, message.campaign).value_or(0);
  const ChosenContent chosen = content_of(*plan, variant);
  std::string key = message.transactional()
                        ? "m:" + hex_encode(as_view(hash_128({single.content})))
                        : to_public(message.campaign) + ":" + std::to_string(variant);
  if (just_sent_) just_sent_->note(message.id, clock_.now());
  DeliveryOutcome outcome =
      channel->second->send({message, *plan, *customer, owner->name, chosen.content, std::move(key),
                             single.data, chosen.template_id, owner->time_zone},
                            worker);
  if (outcome.status == DeliveryStatus::kHeld) {
    free(message);
    throw IntentHeld(outcome.hold);
  }
  if (outcome.status == DeliveryStatus::kSent) {
    sent_.add();
    if (just_sent_) just_sent_->note(message.id, clock_.now());
    fact.subject = std::move(outcome.subject);
    return end(MessageStep::kSent, {});
  }
  free(message);
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
