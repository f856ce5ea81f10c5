#include "messaging/permission/permission_stage.h"

#include <algorithm>
#include <array>

#include "base/limits/permission.h"
#include "base/text.h"
#include "messaging/permission/consent_store.h"
#include "messaging/permission/gate_store.h"
#include "messaging/permission/recipient_zone.h"
#include "messaging/permission/suppression.h"
#include "stream/outbox.h"

namespace rapport {
namespace {

constexpr std::string_view kAddressRequested = "Address Change Requested";
constexpr std::string_view kAddressChanged = "Address Changed";

NewEvent make_own_event(WorkspaceId workspace, CustomerId customer, std::string_view name,
                        const std::string& properties, Timestamp at, std::string_view message_id) {
  const std::string body = "{\"properties\":{" + properties + "}}";
  Event event;
  event.workspace = workspace;
  event.origin = EventOrigin::kSystem;
  event.customer = customer;
  event.timestamp = event.received_at = at;
  event.message_id = message_id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

/// The offset at the end of "2026-11-25T09:00:00+07:00"; empty when there is none, or it is "Z",
/// which is how clients write times whatever their zone.
std::string offset_of_time(std::string_view time) {
  const size_t sign = time.find_last_of("+-");
  if (sign == std::string_view::npos || sign < 16) return {};
  const auto offset = parse_utc_offset(time.substr(sign));
  return offset && *offset != 0 ? format_utc_offset(*offset) : std::string();
}

}  // namespace

NewEvent make_address_request_event(WorkspaceId workspace, CustomerId customer,
                                    std::string_view address, std::string_view language,
                                    Timestamp at, std::string_view message_id) {
  return make_own_event(
      workspace, customer, kAddressRequested,
      "\"address\":" + json_quote(address) + ",\"language\":" + json_quote(language), at,
      message_id);
}

NewEvent make_address_changed_event(WorkspaceId workspace, CustomerId customer,
                                    std::string_view address, std::string_view proof, Timestamp at,
                                    std::string_view message_id) {
  return make_own_event(workspace, customer, kAddressChanged,
                        "\"address\":" + json_quote(address) + ",\"proof\":" + std::string(proof),
                        at, message_id);
}

std::string zone_of_payload(const Payload& payload) {
  if (auto zone = payload.text("context.timezone");
      zone && (is_time_zone_name(*zone) || parse_utc_offset(*zone))) {
    return std::move(*zone);
  }
  for (const std::string_view member : {"originalTimestamp", "timestamp"}) {
    if (const auto time = payload.text(member)) {
      if (auto zone = offset_of_time(*time); !zone.empty()) return zone;
    }
  }
  return {};
}

std::span<const Migration> PermissionStage::migrations() const {
  static const std::string kGate(gate_store::schema());
  static const std::string kSuppressions(suppression_store::schema());
  static const std::array kMigrations{consent_store::migrations().front(), Migration{2, kGate},
                                      Migration{3, kSuppressions}};
  return kMigrations;
}

void PermissionStage::apply(StagedEvent& event, StageBatch& batch) {
  if (!event.merged.empty()) take_over(event, batch);
  if (event.event.origin == EventOrigin::kSystem) {
    apply_system(event, batch);
  } else if (event.customer.value != 0) {
    note_zone(event);
  }
}

void PermissionStage::take_over(const StagedEvent& event, StageBatch& batch) {
  for (const CustomerId loser : event.merged) {
    consent_store::merge(batch.state, event.event.workspace, loser, event.customer);
    gate_store::merge(batch.state, event.event.workspace, loser, event.customer);
    const auto pending = zones_.find(loser);
    if (pending == zones_.end()) continue;
    const Zone zone = pending->second;
    zones_.erase(pending);
    Zone& kept = zones_[event.customer];
    if (std::pair(zone.at, zone.offset) > std::pair(kept.at, kept.offset)) kept = zone;
  }
}

void PermissionStage::note_zone(const StagedEvent& event) {
  std::string zone = zone_of_payload(*event.payload);
  if (zone.empty()) return;
  Zone& kept = zones_[event.customer];
  const Timestamp at = event.event.timestamp;
  if (kept.offset != 0 && std::pair(at, event.offset) < std::pair(kept.at, kept.offset)) return;
  kept = {event.event.workspace, std::move(zone), at, event.offset};
}

void PermissionStage::apply_system(const StagedEvent& event, StageBatch& batch) {
  const std::string_view name = event.event.name;
  const auto step = parse_step_event(name);
  if (const auto fact = read_consent_event(event.event, event.customer, *event.payload)) {
    consent(event, batch, *fact);
  } else if (step == MessageStep::kUnsubscribed) {
    unsubscribed(event, batch);
  } else if (step || name == kAdmittedEvent) {
    slot(event, batch, step);
  } else if (name == kPreferencesEvent) {
    preferences(event, batch);
  } else if (name == kAddressRequested) {
    address_request(event, batch);
  } else if (name == kConfirmationSent || name == kConfirmationFailed ||
             name == kConfirmationDeferred) {
    settle_confirmation(event, batch);
  } else {
    suppression_store::apply(batch.state, event.event, *event.payload, event.offset);
  }
}

void PermissionStage::consent(const StagedEvent& event, StageBatch& batch,
                              const ConsentFact& fact) {
  consent_store::record(batch.state, fact, event.offset);
  if (fact.status == ConsentStatus::kGiven) {
    suppression_store::lift_unsubscribed(batch.state, fact.workspace, fact.channel, fact.address);
  }
  if (fact.status != ConsentStatus::kRequested || fact.topic.value == 0) return;
  ask_confirmation(batch, {event.offset, fact.workspace, fact.customer, fact.topic, fact.channel,
                           fact.address, fact.language, fact.received_at});
}

// Nobody's letter box is filled by somebody else's form.
void PermissionStage::ask_confirmation(StageBatch& batch, const ConsentRequest& request) {
  const int64_t lately =
      consent_store::count_requests(batch.state, request.workspace, request.customer,
                                    request.channel, request.at - std::chrono::hours(24));
  if (lately >= static_cast<int64_t>(limits::kMaxConfirmationsADay)) return;
  consent_store::add_request(batch.state, request);
  outbox::add(batch.state, request.offset, request.workspace, kConfirmationIntent, request.offset,
              request.at);
}

void PermissionStage::address_request(const StagedEvent& event, StageBatch& batch) {
  if (event.customer.value == 0) return;
  ConsentRequest request;
  request.offset = event.offset;
  request.workspace = event.event.workspace;
  request.customer = event.customer;
  request.channel = "email";
  request.address = event.payload->text("properties.address").value_or("");
  request.language = event.payload->text("properties.language").value_or("");
  request.at = event.event.received_at;
  ask_confirmation(batch, request);
}

void PermissionStage::unsubscribed(const StagedEvent& event, StageBatch& batch) {
  if (event.customer.value == 0) return;
  ConsentFact fact;
  fact.workspace = event.event.workspace;
  fact.customer = event.customer;
  fact.topic =
      parse_topic_text(event.payload->text("properties.topic_id").value_or("")).value_or(TopicId{});
  fact.topic_name = event.payload->text("properties.topic").value_or("");
  fact.channel = event.payload->text("properties.channel").value_or("email");
  fact.status = ConsentStatus::kWithdrawn;
  fact.at = event.event.timestamp;
  fact.received_at = event.event.received_at;
  fact.source = "unsubscribe_link";
  fact.actor = "customer";
  fact.address = event.payload->text("properties.address").value_or("");
  consent_store::record(batch.state, fact, event.offset);
}

void PermissionStage::preferences(const StagedEvent& event, StageBatch& batch) {
  if (event.customer.value == 0) return;
  CustomerPreferences p;
  p.paused_until = parse_timestamp(event.payload->text("properties.paused_until").value_or(""));
  p.frequency = event.payload->text("properties.frequency").value_or("");
  if (!cap_of_frequency(p.frequency)) p.frequency.clear();
  p.language = event.payload->text("properties.language").value_or("");
  gate_store::put_preferences(batch.state, event.event.workspace, event.customer, p,
                              event.event.timestamp, event.offset);
}

void PermissionStage::slot(const StagedEvent& event, StageBatch& batch,
                           std::optional<MessageStep> step) {
  if (event.customer.value == 0) return;
  const bool ended = step == MessageStep::kFailed || step == MessageStep::kSkipped;
  if (step && !ended && step != MessageStep::kSent) return;
  const auto message =
      parse_id<MessageTag>(event.payload->text("properties.message_id").value_or(""));
  if (!message) return;
  const WorkspaceId workspace = event.event.workspace;
  if (ended) return gate_store::drop_slot(batch.state, workspace, event.customer, *message);
  // Receipts and the like are sent whatever the caps say, and do not use them up.
  if (event.payload->text("properties.class") == "transactional") return;
  SendSlot slot;
  slot.message = *message;
  slot.channel = event.payload->text("properties.channel").value_or("email");
  slot.topic =
      parse_topic_text(event.payload->text("properties.topic_id").value_or("")).value_or(TopicId{});
  if (step) slot.at = event.event.timestamp;
  gate_store::put_slot(batch.state, workspace, event.customer, slot);
}

void PermissionStage::settle_confirmation(const StagedEvent& event, StageBatch& batch) {
  const auto request = parse_int(event.payload->text("properties.request").value_or(""));
  if (!request || *request <= 0) return;
  const auto subject = static_cast<uint64_t>(*request);
  const WorkspaceId workspace = event.event.workspace;
  if (event.event.name == kConfirmationDeferred) {
    const auto retry = parse_timestamp(event.payload->text("properties.retry_at").value_or(""));
    outbox::defer(batch.state, workspace, kConfirmationIntent, subject,
                  retry.value_or(event.event.timestamp));
  } else {
    outbox::remove(batch.state, workspace, kConfirmationIntent, subject);
  }
}

void PermissionStage::flush(StageBatch& batch) {
  std::vector<std::pair<CustomerId, const Zone*>> sorted;
  for (const auto& [customer, zone] : zones_) sorted.emplace_back(customer, &zone);
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [customer, zone] : sorted) {
    gate_store::put_zone(batch.state, zone->workspace, customer, zone->name, zone->at,
                         zone->offset);
  }
  zones_.clear();
}

void PermissionStage::settled(bool) {
  zones_.clear();
}

}  // namespace rapport
