#include "messaging/email_channel.h"

#include "base/error.h"
#include "base/one_line.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "liquid/template.h"
#include "mail/mime.h"

namespace rapport {
namespace {

/// The part after @ of an address.
std::string domain_of(std::string_view address) {
  return std::string(address.substr(address.find('@') + 1));
}

/// Who gets a campaign again, because its mail was not read, gets the same event of the calendar.
std::string invitation_uid(const Delivery& delivery) {
  const Message& message = delivery.message;
  if (message.transactional()) return to_public(message.id);
  const CampaignId campaign = delivery.campaign.plan.resend_of.value_or(message.campaign);
  return to_public(campaign) + "-" + std::to_string(message.run) + "-" +
         to_public(message.customer);
}

// A message without a way out is spam, so one is added where the author forgot it.
void ensure_unsubscribe(std::string& html, std::string& text, const std::string& url) {
  const std::string escaped = html_escape(url);
  if (!html.empty() && html.find(escaped) == std::string::npos &&
      html.find(url) == std::string::npos) {
    const std::string footer =
        "<p style=\"font-size:12px;color:#666\"><a href=\"" + escaped + "\">Unsubscribe</a></p>";
    insert_at_body_end(html, footer);
  }
  if (!text.empty() && text.find(url) == std::string::npos) {
    text += "\n\nUnsubscribe: " + url + "\n";
  }
}

}  // namespace

EmailChannel::EmailChannel(MailTransport& transport, ContentRenderer& renderer,
                           const LinkSigner& signer, const Clock& clock)
    : transport_(transport), renderer_(renderer), signer_(signer), clock_(clock) {}

ContentRenderer::Input EmailChannel::input_of(const Delivery& delivery, Moment moment) {
  const Campaign& campaign = delivery.campaign;
  std::vector<std::pair<std::string, liquid::Value>> more;
  more.emplace_back("campaign",
                    liquid::Object{{"id", to_public(campaign.id)}, {"name", campaign.name}});
  more.emplace_back("message", liquid::Object{{"id", to_public(delivery.message.id)},
                                              {"channel", delivery.message.channel}});
  if (!delivery.data.empty()) more.emplace_back("data", liquid::parse_json_value(delivery.data));
  more.emplace_back("preferences_url", std::move(moment.preferences_url));
  return {delivery.message.workspace,        delivery.customer, delivery.workspace_name,
          delivery.workspace_zone,           moment.as_of,      {},
          std::move(moment.unsubscribe_url), std::move(more)};
}

RenderedContent EmailChannel::render(const Delivery& delivery, const ContentRenderer::Input& input,
                                     bool keep) {
  const MessageTemplate& own = delivery.content;
  const auto document = [&] {
    ContentDocument made;
    const bool whole = delivery.template_id.empty();
    made.variants.push_back({"", own.subject, whole ? own.html : "", whole ? own.text : "", ""});
    return made;
  };
  const std::string key = keep ? delivery.content_key : std::string();
  if (delivery.template_id.empty()) return renderer_.render(key, document, input);
  RenderedContent content = renderer_.render_template(delivery.template_id, input, keep);
  // A subject of its own wins over the template's.
  if (!trim(own.subject).empty()) {
    content.subject = renderer_.render(key, document, input).subject;
  }
  return content;
}

DeliveryOutcome EmailChannel::send(const Delivery& delivery, size_t) {
  const WorkspaceId workspace = delivery.message.workspace;
  auto admission = transport_.admit(workspace, delivery.message.address);
  if (!admission.lease) {
    DeliveryOutcome held;
    held.status = DeliveryStatus::kHeld;
    held.hold = admission.wait;
    held.reason = "a limit or a pause of the provider asks to wait";
    return held;
  }
  MailMessage mail;
  std::string mime;
  try {
    const MessageLinks links(signer_, public_url_, delivery.message.workspace, delivery.message.id,
                             delivery.message.customer, delivery.message.campaign);
    const std::string unsubscribe = links.unsubscribe();
    const auto& started_at = delivery.campaign.started_at;
    const ContentRenderer::Input input = input_of(
        delivery,
        {started_at.value_or(clock_.now()), unsubscribe,
         preferences_url_ ? preferences_url_(workspace, delivery.customer.id) : std::string()});
    RenderedContent content = render(delivery, input, started_at.has_value());
    mail.from = parse_mailbox(delivery.campaign.from, "from");
    mail.to = {"", delivery.message.address};
    mail.subject = std::move(content.subject);
    mail.html = std::move(content.html);
    mail.text = std::move(content.text);
    ensure_unsubscribe(mail.html, mail.text, unsubscribe);
    if (!mail.html.empty()) mail.html = add_tracking(mail.html, links);
    mail.message_id = to_public(delivery.message.id) + "@" + domain_of(mail.from.address);
    mail.date = clock_.now();
    mail.headers = {{"List-Unsubscribe", "<" + unsubscribe + ">"},
                    {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
    const Enclosures& enclosures = delivery.campaign.plan.enclosures;
    if (!enclosures.empty()) {
      ENSURE(enclosures_ != nullptr);
      enclosures_->add(mail, enclosures, input,
                       invitation_uid(delivery) + "@" + domain_of(mail.from.address));
    }
    mime = build_mime(mail);
  } catch (const Error& error) {
    // The control store is read too, and what ails it passes.
    const bool passing =
        error.code() == ErrorCode::kInternal || error.code() == ErrorCode::kUnavailable;
    DeliveryOutcome failed;
    failed.status = passing ? DeliveryStatus::kRetry : DeliveryStatus::kFailed;
    failed.reason = "template: " + error.public_detail();
    failed.failure = "template";
    return failed;
  }
  DeliveryOutcome outcome =
      transport_.send(std::move(admission.lease),
                      {workspace, delivery.message.id, mail.from.address, format_mailbox(mail.from),
                       mail.to.address, mail.message_id, std::move(mime)});
  outcome.subject = mail.subject;
  return outcome;
}

RenderedContent EmailChannel::look(const Delivery& delivery, Timestamp as_of) {
  constexpr std::string_view kNowhere = "#unsubscribe";
  RenderedContent content =
      render(delivery, input_of(delivery, {as_of, std::string(kNowhere), "#preferences"}), false);
  ensure_unsubscribe(content.html, content.text, std::string(kNowhere));
  return content;
}

DeliveryOutcome EmailChannel::send_notice(const Notice& notice) {
  MailMessage mail;
  std::string mime;
  try {
    mail.from = parse_mailbox(notice.from, "from");
    mail.to = {"", notice.to};
    mail.subject = one_line(notice.subject);
    mail.html = notice.html;
    mail.text = notice.text;
    mail.message_id = notice.id + "@" + domain_of(mail.from.address);
    mail.date = clock_.now();
    mail.headers = {{"Auto-Submitted", "auto-generated"}};
    mime = build_mime(mail);
  } catch (const Error& error) {
    DeliveryOutcome failed;
    failed.reason = error.public_detail();
    return failed;
  }
  auto admission = transport_.admit(notice.workspace, notice.to);
  if (!admission.lease) {
    DeliveryOutcome held;
    held.status = DeliveryStatus::kHeld;
    held.hold = admission.wait;
    return held;
  }
  return transport_.send(
      std::move(admission.lease),
      {notice.workspace, MessageId{}, mail.from.address, format_mailbox(mail.from), mail.to.address,
       mail.message_id, std::move(mime)});
}

}  // namespace rapport
