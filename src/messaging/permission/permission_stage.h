// PermissionStage: what events say of consent, suppression, wishes, places under caps and time
// zones, projected to state.db.
//
// Consent events add to the customer's history and move where they stand; a request also asks for
// its confirmation to be sent, unless too many were lately. "Unsubscribed" withdraws the message's
// topic, or everything when it has none. A message takes its place under the caps when it is
// admitted or sent and gives it back when it ends unsent. A client's event tells the time zone it
// was made in. Only system events do more than that. Runs after the messages' stage. Projector's
// thread.
#pragma once

#include <unordered_map>

#include "messaging/message.h"
#include "messaging/permission/consent_store.h"
#include "stream/stage.h"

namespace rapport {

/// The outbox's kind of a confirmation to be sent; its subject is the request's offset.
inline constexpr std::string_view kConfirmationIntent = "consent_confirmation";
/// System events that settle it; their property `request` is the request's offset.
inline constexpr std::string_view kConfirmationSent = "Consent Confirmation Sent";
inline constexpr std::string_view kConfirmationFailed = "Consent Confirmation Failed";
inline constexpr std::string_view kConfirmationDeferred = "Consent Confirmation Deferred";

/// "Address Change Requested", which asks for a mail to the new address, and "Address Changed".
NewEvent make_address_request_event(WorkspaceId workspace, CustomerId customer,
                                    std::string_view address, std::string_view language,
                                    Timestamp at, std::string_view message_id);
NewEvent make_address_changed_event(WorkspaceId workspace, CustomerId customer,
                                    std::string_view address, std::string_view proof, Timestamp at,
                                    std::string_view message_id);

class PermissionStage final : public Stage {
 public:
  std::string_view name() const override { return "permission"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  struct Zone {
    WorkspaceId workspace;
    std::string name;
    Timestamp at;
    Offset offset = 0;
  };

  void take_over(const StagedEvent& event, StageBatch& batch);
  void note_zone(const StagedEvent& event);
  void apply_system(const StagedEvent& event, StageBatch& batch);
  void consent(const StagedEvent& event, StageBatch& batch, const ConsentFact& fact);
  void ask_confirmation(StageBatch& batch, const ConsentRequest& request);
  void address_request(const StagedEvent& event, StageBatch& batch);
  void unsubscribed(const StagedEvent& event, StageBatch& batch);
  void preferences(const StagedEvent& event, StageBatch& batch);
  void slot(const StagedEvent& event, StageBatch& batch, std::optional<MessageStep> step);
  void settle_confirmation(const StagedEvent& event, StageBatch& batch);

  std::unordered_map<CustomerId, Zone> zones_;  // of this batch
};

/// The zone an event's payload tells: `context.timezone`, else the offset of its own time; empty
/// when it tells none.
std::string zone_of_payload(const Payload& payload);

}  // namespace rapport
