#include "messaging/email_channel.h"

#include "base/error.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "liquid/template.h"
#include "mail/mime.h"

namespace rapport {
namespace {

/// White space of any kind becomes one space: a subject is one line, however its template is laid
/// out.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    const bool space = static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

/// The part after @ of an address.
std::string domain_of(std::string_view address) {
  return std::string(address.substr(address.find('@') + 1));
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

RenderedContent EmailChannel::render(const Delivery& delivery, Moment moment) {
  const WorkspaceId workspace = delivery.message.workspace;
  const Campaign& campaign = delivery.campaign;
  std::vector<std::pair<std::string, liquid::Value>> more;
  more.emplace_back("campaign",
                    liquid::Object{{"id", to_public(campaign.id)}, {"name", campaign.name}});
  more.emplace_back("message", liquid::Object{{"id", to_public(delivery.message.id)},
                                              {"channel", delivery.message.channel}});
  if (!delivery.data.empty()) more.emplace_back("data", liquid::parse_json_value(delivery.data));
  more.emplace_back("preferences_url", std::move(moment.preferences_url));
  const ContentRenderer::Input input{workspace,
                                     delivery.customer,
                                     delivery.workspace_name,
                                     delivery.workspace_zone,
                                     moment.as_of,
                                     {},
                                     std::move(moment.unsubscribe_url),
                                     std::move(more)};
  if (!delivery.template_id.empty()) {
    return renderer_.render_template(delivery.template_id, input, moment.keep);
  }
  return renderer_.render(
      moment.keep ? delivery.content_key : std::string(),
      [&] {
        ContentDocument document;
        const MessageTemplate& own = delivery.content;
        document.variants.push_back({"", own.subject, own.html, own.text, ""});
        return document;
      },
      input);
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
    RenderedContent content = render(
        delivery,
        {started_at.value_or(clock_.now()), started_at.has_value(), unsubscribe,
         preferences_url_ ? preferences_url_(workspace, delivery.customer.id) : std::string()});
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
  RenderedContent content = render(delivery, {as_of, false, std::string(kNowhere), "#preferences"});
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
