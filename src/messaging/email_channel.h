// EmailChannel: renders, adds tracking and one-click unsubscribe, and hands it to MailTransport.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "messaging/channel.h"
#include "messaging/delivery/mail_transport.h"
#include "messaging/tracking.h"
#include "runtime/clock.h"

namespace rapport {

class EmailChannel final : public Channel {
 public:
  EmailChannel(MailTransport& transport, const LinkSigner& signer, const Clock& clock);
  ~EmailChannel() override;

  /// Where recipients reach this program, "https://host". Before the first `send`.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  /// Where a customer's preferences are; templates know it as `preferences_url`.
  void set_preferences_url(std::function<std::string(WorkspaceId, CustomerId)> url) {
    preferences_url_ = std::move(url);
  }

  std::string_view name() const override { return "email"; }
  DeliveryOutcome send(const Delivery& delivery, size_t worker) override;
  DeliveryOutcome send_notice(const Notice& notice);

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled(const Delivery& delivery);

  MailTransport& transport_;
  const LinkSigner& signer_;
  std::string public_url_;
  std::function<std::string(WorkspaceId, CustomerId)> preferences_url_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Compiled>> cache_;
};

}  // namespace rapport
