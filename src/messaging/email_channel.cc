#include "messaging/email_channel.h"

#include "base/error.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "liquid/template.h"
#include "mail/mime.h"

namespace rapport {
namespace {

constexpr size_t kCachedCampaigns = 64;

liquid::Value customer_value(const Customer& customer) {
  liquid::Object traits;
  for (const auto& [name, json] : customer.traits) {
    traits.set(name, liquid::parse_json_value(json));
  }
  liquid::Object value;
  value.set("id", to_public(customer.id));
  value.set("email", customer.email());
  value.set("user_id", std::string(customer.identifier("user_id")));
  value.set("traits", liquid::Value(std::move(traits)));
  return value;
}

liquid::Value template_data(const Delivery& delivery, const std::string& unsubscribe_url,
                            const std::string& preferences_url) {
  liquid::Object data;
  data.set("customer", customer_value(delivery.customer));
  data.set("workspace", liquid::Object{{"name", delivery.workspace_name}});
  data.set("campaign", liquid::Object{{"id", to_public(delivery.campaign.id)},
                                      {"name", delivery.campaign.name}});
  data.set("message", liquid::Object{{"id", to_public(delivery.message.id)}});
  data.set("unsubscribe_url", unsubscribe_url);
  if (!delivery.data.empty()) data.set("data", liquid::parse_json_value(delivery.data));
  data.set("preferences_url", preferences_url);
  return data;
}

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

struct EmailChannel::Compiled {
  Mailbox from;
  liquid::Template subject;
  liquid::Template html;
  liquid::Template text;
};

EmailChannel::EmailChannel(MailTransport& transport, const LinkSigner& signer, const Clock& clock)
    : transport_(transport), signer_(signer), clock_(clock) {}

EmailChannel::~EmailChannel() = default;

// Equal keys mean equal content, so a parsed template stays right.
std::shared_ptr<const EmailChannel::Compiled> EmailChannel::compiled(const Delivery& delivery) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = cache_.find(delivery.content_key); it != cache_.end()) return it->second;
  }
  auto fresh =
      std::make_shared<const Compiled>(Compiled{parse_mailbox(delivery.campaign.from, "from"),
                                                liquid::Template::parse(delivery.content.subject),
                                                liquid::Template::parse(delivery.content.html),
                                                liquid::Template::parse(delivery.content.text)});
  const std::lock_guard lock(mutex_);
  if (cache_.size() >= kCachedCampaigns) cache_.erase(cache_.begin());
  cache_[delivery.content_key] = fresh;
  return fresh;
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
    const auto parts = compiled(delivery);
    const MessageLinks links(signer_, public_url_, delivery.message.workspace, delivery.message.id,
                             delivery.message.customer, delivery.message.campaign);
    const std::string unsubscribe = links.unsubscribe();
    const std::string preferences =
        preferences_url_ ? preferences_url_(delivery.message.workspace, delivery.customer.id)
                         : std::string();
    const liquid::Value data = template_data(delivery, unsubscribe, preferences);
    liquid::RenderOptions plain;
    plain.now = clock_.now();
    liquid::RenderOptions escaped = plain;
    escaped.escape_html = true;
    mail.from = parts->from;
    mail.to = {"", delivery.message.address};
    mail.subject = one_line(parts->subject.render(data, plain));
    mail.html = parts->html.render(data, escaped);
    mail.text = parts->text.render(data, plain);
    ensure_unsubscribe(mail.html, mail.text, unsubscribe);
    if (mail.text.empty() && !mail.html.empty()) mail.text = html_to_text(mail.html);
    if (!mail.html.empty()) mail.html = add_tracking(mail.html, links);
    mail.message_id = to_public(delivery.message.id) + "@" + domain_of(mail.from.address);
    mail.date = clock_.now();
    mail.headers = {{"List-Unsubscribe", "<" + unsubscribe + ">"},
                    {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
    mime = build_mime(mail);
  } catch (const Error& error) {
    DeliveryOutcome failed;
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
