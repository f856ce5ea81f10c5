#include "messaging/delivery/hook_events.h"

#include <array>
#include <boost/json.hpp>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/smtp_reply.h"

namespace rapport {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<HookProvider, std::string_view>, 4> kNames{
    {{HookProvider::kSes, "ses"},
     {HookProvider::kSendgrid, "sendgrid"},
     {HookProvider::kPostmark, "postmark"},
     {HookProvider::kMailgun, "mailgun"}}};

constexpr int kMaxDepth = 16;
constexpr std::string_view kTokenName = "rapport";

json::value parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) throw Error::invalid("body", "is not JSON");
  return value;
}

const json::value* member(const json::value* value, std::string_view name) {
  if (!value || !value->is_object()) return nullptr;
  return value->get_object().if_contains(name);
}

std::string text(const json::value* value, std::string_view name) {
  const json::value* found = member(value, name);
  if (found && found->is_string()) return std::string(found->get_string());
  if (found && found->is_int64()) return std::to_string(found->get_int64());
  return {};
}

/// First item of an array that is a string, or the string itself.
std::string first_text(const json::value* value) {
  if (value && value->is_array() && !value->get_array().empty()) value = &value->get_array()[0];
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string unbracketed(std::string id) {
  if (id.starts_with('<') && id.ends_with('>')) return id.substr(1, id.size() - 2);
  return id;
}

void bounce_by_reason(HookEvent& event, std::string_view status) {
  const MailFailure failure = classify_failure(500, enhanced_code_of(status), event.reason);
  if (is_hard_failure(failure)) event.bounce = "hard";
  if (is_soft_failure(failure)) event.bounce = "soft";
}

// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
void read_ses(const json::value& body, std::vector<HookEvent>& events) {
  std::string kind = text(&body, "eventType");
  if (kind.empty()) kind = text(&body, "notificationType");
  const json::value* mail = member(&body, "mail");
  HookEvent event;
  event.token = first_text(member(member(mail, "tags"), kTokenName));
  event.message_id = unbracketed(text(member(mail, "commonHeaders"), "messageId"));
  const auto each = [&](const json::value* list, auto use) {
    if (!list || !list->is_array()) return;
    for (const json::value& item : list->get_array()) {
      if (events.size() >= limits::kMaxHookEvents) return;
      HookEvent one = event;
      one.recipient =
          item.is_string() ? std::string(item.get_string()) : text(&item, "emailAddress");
      use(one, &item);
      events.push_back(std::move(one));
    }
  };
  if (kind == "Delivery") {
    each(member(member(&body, "delivery"), "recipients"),
         [](HookEvent& one, const json::value*) { one.step = MessageStep::kDelivered; });
  } else if (kind == "Complaint") {
    const json::value* complaint = member(&body, "complaint");
    if (text(complaint, "complaintFeedbackType") == "not-spam") return;
    each(member(complaint, "complainedRecipients"), [&](HookEvent& one, const json::value*) {
      one.step = MessageStep::kComplained;
      one.reason = printable_line(text(complaint, "complaintFeedbackType"));
    });
  } else if (kind == "Bounce") {
    const json::value* bounce = member(&body, "bounce");
    const std::string type = text(bounce, "bounceType");
    each(member(bounce, "bouncedRecipients"), [&](HookEvent& one, const json::value* item) {
      one.reason = printable_line(text(item, "status") + " " + text(item, "diagnosticCode"));
      if (one.reason.empty()) one.reason = printable_line(type);
      one.bounce = type == "Permanent" ? "hard" : "soft";
    });
  }
}

// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
void read_sendgrid(const json::value& body, std::vector<HookEvent>& events) {
  if (!body.is_array()) throw Error::invalid("body", "is not a list of events");
  for (const json::value& item : body.get_array()) {
    if (events.size() >= limits::kMaxHookEvents) return;
    const std::string kind = text(&item, "event");
    HookEvent event;
    event.token = text(&item, kTokenName);
    event.message_id = unbracketed(text(&item, "smtp-id"));
    event.recipient = text(&item, "email");
    event.reason = printable_line(text(&item, "reason"));
    if (kind == "delivered") {
      event.step = MessageStep::kDelivered;
      event.reason.clear();
    } else if (kind == "spamreport") {
      event.step = MessageStep::kComplained;
    } else if (kind == "bounce") {
      // "blocked" is the receiver's refusal of the sender, not the end of the address.
      if (text(&item, "type") != "blocked") event.bounce = "hard";
    } else if (kind == "dropped") {
      event.step = MessageStep::kBounced;
      if (event.reason.find("Bounced") != std::string::npos) event.bounce = "hard";
    } else {
      continue;
    }
    events.push_back(std::move(event));
  }
}

// https://postmarkapp.com/developer/webhooks/webhooks-overview
void read_postmark(const json::value& body, std::vector<HookEvent>& events) {
  const std::string kind = text(&body, "RecordType");
  HookEvent event;
  event.token = text(member(&body, "Metadata"), kTokenName);
  event.recipient = text(&body, kind == "Delivery" ? "Recipient" : "Email");
  if (kind == "Delivery") {
    event.step = MessageStep::kDelivered;
  } else if (kind == "SpamComplaint") {
    event.step = MessageStep::kComplained;
  } else if (kind == "Bounce") {
    const std::string type = text(&body, "Type");
    event.reason = printable_line(text(&body, "Details"));
    if (event.reason.empty()) event.reason = printable_line(text(&body, "Description"));
    if (type == "SpamComplaint" || type == "SpamNotification") {
      event.step = MessageStep::kComplained;
    } else if (type == "HardBounce" || type == "BadEmailAddress" || type == "ManuallyDeactivated") {
      event.bounce = "hard";
    } else if (type == "SoftBounce" || type == "Transient" || type == "DnsError") {
      event.bounce = "soft";
    } else if (type == "AutoResponder" || type == "ChallengeVerification" || type == "Subscribe") {
      return;
    }
  } else {
    return;
  }
  events.push_back(std::move(event));
}

// https://documentation.mailgun.com/docs/mailgun/user-manual/events/events
void read_mailgun(const json::value& body, std::vector<HookEvent>& events) {
  const json::value* data = member(&body, "event-data");
  if (!data) throw Error::invalid("event-data", "is missing");
  const std::string kind = text(data, "event");
  const json::value* status = member(data, "delivery-status");
  HookEvent event;
  event.token = text(member(data, "user-variables"), kTokenName);
  event.message_id = unbracketed(text(member(member(data, "message"), "headers"), "message-id"));
  event.recipient = text(data, "recipient");
  event.reason = printable_line(text(status, "message"));
  if (event.reason.empty()) event.reason = printable_line(text(status, "description"));
  if (kind == "delivered") {
    event.step = MessageStep::kDelivered;
    event.reason.clear();
  } else if (kind == "complained") {
    event.step = MessageStep::kComplained;
  } else if (kind == "failed" && text(data, "severity") == "permanent") {
    bounce_by_reason(event, text(status, "enhanced-code"));
    if (text(data, "reason") == "suppress-bounce") event.bounce = "hard";
  } else {
    return;  // a temporary failure is tried again by the provider
  }
  events.push_back(std::move(event));
}

bool is_host(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host.size() > domain.size() &&
                            host[host.size() - domain.size() - 1] == '.');
}

}  // namespace

std::string_view hook_provider_name(HookProvider provider) {
  return kNames.at(static_cast<size_t>(provider)).second;
}

std::optional<HookProvider> parse_hook_provider(std::string_view name) {
  for (const auto& [provider, text] : kNames) {
    if (text == name) return provider;
  }
  return std::nullopt;
}

std::vector<HookEvent> read_hook_events(HookProvider provider, std::string_view body) {
  const json::value value = parse(body);
  std::vector<HookEvent> events;
  switch (provider) {
    case HookProvider::kSes:
      read_ses(value, events);
      break;
    case HookProvider::kSendgrid:
      read_sendgrid(value, events);
      break;
    case HookProvider::kPostmark:
      read_postmark(value, events);
      break;
    case HookProvider::kMailgun:
      read_mailgun(value, events);
      break;
  }
  return events;
}

std::string provider_headers(std::string_view smtp_host, std::string_view token) {
  const std::string host = to_lower_ascii(smtp_host);
  const std::string value(token);
  if (is_host(host, "amazonaws.com")) return "X-SES-MESSAGE-TAGS: rapport=" + value + "\r\n";
  if (is_host(host, "sendgrid.net")) {
    return "X-SMTPAPI: {\"unique_args\":{\"rapport\":\"" + value + "\"}}\r\n";
  }
  if (is_host(host, "postmarkapp.com")) {
    return "X-PM-KeepID: true\r\nX-PM-Metadata-rapport: " + value + "\r\n";
  }
  if (is_host(host, "mailgun.org")) {
    return "X-Mailgun-Variables: {\"rapport\":\"" + value + "\"}\r\n";
  }
  return {};
}

}  // namespace rapport
