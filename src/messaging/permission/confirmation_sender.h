// ConfirmationSender: carries out the outbox's "consent_confirmation" intents: the mail that asks
// whether a consent, or a new address, is really wanted. Its link is signed and ends by itself.
// Failures that may pass are tried again like messages. Thread-safe.
#pragma once

#include <functional>
#include <string>

#include "customers/customer_reader.h"
#include "messaging/channel.h"
#include "messaging/permission/consent_store.h"
#include "messaging/permission/permission_links.h"
#include "messaging/permission/permission_settings.h"
#include "messaging/permission/suppression.h"
#include "messaging/permission/topic_service.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "stream/dispatcher.h"

namespace rapport {

class ConfirmationSender final : public IntentHandler {
 public:
  struct Ports {
    std::function<DeliveryOutcome(const Notice&)> send;
    std::function<std::string(WorkspaceId)> workspace_name;
    /// The sender where the settings name none.
    std::function<std::string(WorkspaceId)> default_sender;
  };

  ConfirmationSender(const StateStore& state, const TopicService& topics,
                     const PermissionSettingsService& settings, const AddressHasher& hasher,
                     const PermissionLinks& links, const Clock& clock, Random& random, Ports ports);

  std::vector<NewEvent> execute(const Intent& intent, size_t worker) override;

 private:
  struct Outcome {
    std::string_view event;
    std::string reason;
    std::optional<Timestamp> retry_at;
  };

  Outcome carry_out(const ConsentRequest& request, const Intent& intent);
  std::optional<Notice> compose(const ConsentRequest& request, std::string from) const;

  const StateStore& state_;
  const TopicService& topics_;
  const PermissionSettingsService& settings_;
  const AddressHasher& hasher_;
  const PermissionLinks& links_;
  const Clock& clock_;
  Random& random_;
  Ports ports_;
};

}  // namespace rapport
