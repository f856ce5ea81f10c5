// EmailChannel: renders, adds tracking and one-click unsubscribe, and hands it to MailTransport.
//
// A started campaign looks the same to all of its recipients: templates, content blocks and brand
// are those of its start. A message that stands for itself, and a test, take them as they are now.
#pragma once

#include <functional>
#include <string>

#include "messaging/channel.h"
#include "messaging/content/content_renderer.h"
#include "messaging/content/enclosure_maker.h"
#include "messaging/delivery/mail_transport.h"
#include "messaging/tracking.h"
#include "runtime/clock.h"

namespace rapport {

class EmailChannel final : public Channel {
 public:
  EmailChannel(MailTransport& transport, ContentRenderer& renderer, const LinkSigner& signer,
               const Clock& clock);

  /// Where recipients reach this program, "https://host". Before the first `send`.
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  /// Where a customer's preferences are; templates know it as `preferences_url`.
  void set_preferences_url(std::function<std::string(WorkspaceId, CustomerId)> url) {
    preferences_url_ = std::move(url);
  }

  /// What puts files and invitations into mails. Before the first `send`.
  void set_enclosures(const EnclosureMaker& enclosures) { enclosures_ = &enclosures; }

  std::string_view name() const override { return "email"; }
  DeliveryOutcome send(const Delivery& delivery, size_t worker) override;
  DeliveryOutcome send_notice(const Notice& notice);
  /// The message for somebody else's eyes: templates as of then, nothing tracked, and the links
  /// that would unsubscribe or open the customer's own page lead nowhere. Throws as the renderer
  /// does.
  RenderedContent look(const Delivery& delivery, Timestamp as_of);

 private:
  struct Moment {
    Timestamp as_of;
    std::string unsubscribe_url;
    std::string preferences_url;
  };
  static ContentRenderer::Input input_of(const Delivery& delivery, Moment moment);
  RenderedContent render(const Delivery& delivery, const ContentRenderer::Input& input, bool keep);

  MailTransport& transport_;
  ContentRenderer& renderer_;
  const LinkSigner& signer_;
  const EnclosureMaker* enclosures_ = nullptr;
  std::string public_url_;
  std::function<std::string(WorkspaceId, CustomerId)> preferences_url_;
  const Clock& clock_;
};

}  // namespace rapport
