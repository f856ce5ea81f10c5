// What the send gate reads of one customer in state.db: wishes, places under caps, the zone last
// seen. Functions of an open connection; only the projector writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messaging/permission/decision.h"
#include "storage/state_store.h"
#include "stream/event.h"

namespace rapport {

/// What a customer wishes about being written to; their own "Preferences Changed" event says it.
struct CustomerPreferences {
  std::optional<Timestamp> paused_until;
  std::string frequency;  // "", "daily", "weekly", "monthly": at most one message in that time
  std::string language;   // as chosen on our pages; empty: not chosen
  bool operator==(const CustomerPreferences&) const = default;
};

/// The cap that a wished frequency means; null for none.
std::optional<Cap> cap_of_frequency(std::string_view frequency);

inline constexpr std::string_view kPreferencesEvent = "Preferences Changed";
/// "Message Admitted": the message took its place under the caps and is about to be sent.
inline constexpr std::string_view kAdmittedEvent = "Message Admitted";

NewEvent make_preferences_event(WorkspaceId workspace, CustomerId customer,
                                const CustomerPreferences& preferences, std::string_view source,
                                Timestamp at, std::string_view message_id);
/// One for each message: trying twice records once.
NewEvent make_admitted_event(WorkspaceId workspace, CustomerId customer, MessageId message,
                             std::string_view channel, TopicId topic, Timestamp at);

namespace gate_store {

std::string_view schema();

void put_preferences(Connection& state, WorkspaceId workspace, CustomerId customer,
                     const CustomerPreferences& preferences, Timestamp at, Offset offset);
CustomerPreferences preferences(Connection& state, WorkspaceId workspace, CustomerId customer);

/// A place that is taken; `at` null until it is known when the message was sent.
void put_slot(Connection& state, WorkspaceId workspace, CustomerId customer, const SendSlot& slot);
void drop_slot(Connection& state, WorkspaceId workspace, CustomerId customer, MessageId message);
/// Places a customer's messages take after `since`, and those of messages that have not ended.
std::vector<SendSlot> slots(Connection& state, WorkspaceId workspace, CustomerId customer,
                            Timestamp since);

void put_zone(Connection& state, WorkspaceId workspace, CustomerId customer, std::string_view zone,
              Timestamp at, Offset offset);
/// Empty when no event told one.
std::string zone(Connection& state, WorkspaceId workspace, CustomerId customer);

void merge(Connection& state, WorkspaceId workspace, CustomerId loser, CustomerId winner);

}  // namespace gate_store
}  // namespace rapport
