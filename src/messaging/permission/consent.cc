#include "messaging/permission/consent.h"

#include <array>

#include "base/text.h"
#include "stream/event.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 4> kStatuses{"none", "requested", "given", "withdrawn"};
constexpr std::array<std::string_view, 4> kEvents{"", "Consent Requested", "Consent Given",
                                                  "Consent Withdrawn"};

void add_member(std::string& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (json.size() > 1) json += ',';
  json += json_quote(name) + ":" + json_quote(value);
}

bool is_later(const ConsentState& a, const ConsentState& b) {
  return std::pair(a.at, a.offset) > std::pair(b.at, b.offset);
}

}  // namespace

std::string_view consent_status_name(ConsentStatus status) {
  return kStatuses.at(static_cast<size_t>(status));
}

std::optional<ConsentStatus> parse_consent_status(std::string_view name) {
  for (size_t i = 0; i < kStatuses.size(); ++i) {
    if (kStatuses[i] == name) return static_cast<ConsentStatus>(i);
  }
  return std::nullopt;
}

std::string_view consent_event_name(ConsentStatus status) {
  return kEvents.at(static_cast<size_t>(status));
}

std::optional<ConsentStatus> parse_consent_event(std::string_view event_name) {
  for (size_t i = 1; i < kEvents.size(); ++i) {
    if (kEvents[i] == event_name) return static_cast<ConsentStatus>(i);
  }
  return std::nullopt;
}

std::string topic_text(TopicId topic) {
  return topic.value == 0 ? std::string(kAllTopics) : to_public(topic);
}

std::optional<TopicId> parse_topic_text(std::string_view text) {
  if (text == kAllTopics) return TopicId{};
  return parse_id<TopicTag>(text);
}

NewEvent make_consent_event(const ConsentFact& fact, std::string_view message_id) {
  std::string properties = "{";
  add_member(properties, "topic_id", topic_text(fact.topic));
  add_member(properties, "topic", fact.topic_name);
  add_member(properties, "channel", fact.channel);
  add_member(properties, "source", fact.source);
  add_member(properties, "text", fact.text);
  if (fact.text_version != 0) {
    properties += ",\"text_version\":" + std::to_string(fact.text_version);
  }
  add_member(properties, "language", fact.language);
  add_member(properties, "actor", fact.actor);
  add_member(properties, "address", fact.address);
  if (!fact.proof.empty()) properties += ",\"proof\":" + fact.proof;
  const std::string body = "{\"properties\":" + properties + "}}";

  Event event;
  event.workspace = fact.workspace;
  event.type = EventType::kTrack;
  event.origin = EventOrigin::kSystem;
  event.customer = fact.customer;
  event.timestamp = fact.at;
  event.received_at = fact.received_at;
  event.message_id = message_id;
  event.name = consent_event_name(fact.status);
  event.body = body;
  return make_new_event(event);
}

std::optional<ConsentFact> read_consent_event(const Event& event, CustomerId customer,
                                              const Payload& payload) {
  if (event.origin != EventOrigin::kSystem || customer.value == 0) return std::nullopt;
  const auto status = parse_consent_event(event.name);
  if (!status) return std::nullopt;
  const auto text = [&](std::string_view path) { return payload.text(path).value_or(""); };
  const auto topic = parse_topic_text(text("properties.topic_id"));
  if (!topic) return std::nullopt;
  ConsentFact fact;
  fact.workspace = event.workspace;
  fact.customer = customer;
  fact.topic = *topic;
  fact.topic_name = text("properties.topic");
  fact.channel = text("properties.channel");
  fact.status = *status;
  fact.at = event.timestamp;
  fact.received_at = event.received_at;
  fact.source = text("properties.source");
  fact.text = text("properties.text");
  fact.text_version = parse_int(text("properties.text_version")).value_or(0);
  fact.language = text("properties.language");
  fact.actor = text("properties.actor");
  fact.address = text("properties.address");
  fact.proof = payload.json("properties.proof").value_or("");
  return fact;
}

ConsentAnswer judge_consent(const Topic* topic, const ConsentState* own, const ConsentState* all) {
  if (topic && topic->message_class == MessageClass::kTransactional) return ConsentAnswer::kAllowed;
  const bool decided = own && own->status != ConsentStatus::kRequested;
  if (all && all->status == ConsentStatus::kWithdrawn && (!decided || is_later(*all, *own))) {
    return ConsentAnswer::kUnsubscribed;
  }
  if (!topic) return ConsentAnswer::kAllowed;
  if (decided && own->status == ConsentStatus::kGiven) return ConsentAnswer::kAllowed;
  if (decided && own->status == ConsentStatus::kWithdrawn) return ConsentAnswer::kUnsubscribed;
  if (topic->default_consent == TopicDefault::kOptOut) return ConsentAnswer::kAllowed;
  return own ? ConsentAnswer::kPending : ConsentAnswer::kNotGiven;
}

}  // namespace rapport
