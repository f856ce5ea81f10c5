#include "messaging/permission/confirmation_sender.h"

#include "base/error.h"
#include "base/limits/messaging.h"
#include "base/limits/permission.h"
#include "base/text.h"
#include "mail/address.h"
#include "messaging/message_sender.h"
#include "messaging/permission/page_texts.h"
#include "messaging/permission/permission_stage.h"

namespace rapport {
namespace {

std::string mail_html(std::string_view language, std::string_view title, std::string_view text,
                      std::string_view url, std::string_view button, std::string_view note) {
  return "<!doctype html><html lang=\"" + html_escape(language) +
         "\"><head><meta charset=\"utf-8\"><title>" + html_escape(title) +
         "</title></head><body style=\"font:16px/1.5 sans-serif;color:#1c1c1a\"><p>" +
         html_escape(text) + "</p><p><a href=\"" + html_escape(url) +
         "\" style=\"display:inline-block;padding:12px 20px;background:#1f4fd8;color:#ffffff;"
         "text-decoration:none;border-radius:8px\">" +
         html_escape(button) + "</a></p><p style=\"color:#55554f\">" + html_escape(note) +
         "</p></body></html>";
}

NewEvent make_outcome_event(std::string_view name, const ConsentRequest& request,
                            std::string_view reason, std::optional<Timestamp> retry_at,
                            Timestamp at, std::string_view message_id) {
  std::string properties = "\"request\":\"" + std::to_string(request.offset) +
                           "\",\"channel\":" + json_quote(request.channel) +
                           ",\"address\":" + json_quote(request.address);
  if (request.topic.value != 0) {
    properties += ",\"topic_id\":" + json_quote(topic_text(request.topic));
  }
  if (!reason.empty()) properties += ",\"reason\":" + json_quote(reason);
  if (retry_at) properties += ",\"retry_at\":" + json_quote(format_timestamp(*retry_at));
  const std::string body = "{\"properties\":{" + properties + "}}";
  Event event;
  event.workspace = request.workspace;
  event.origin = EventOrigin::kSystem;
  event.customer = request.customer;
  event.timestamp = event.received_at = at;
  event.message_id = message_id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

}  // namespace

ConfirmationSender::ConfirmationSender(const StateStore& state, const TopicService& topics,
                                       const PermissionSettingsService& settings,
                                       const AddressHasher& hasher, const PermissionLinks& links,
                                       const Clock& clock, Random& random, Ports ports)
    : state_(state),
      topics_(topics),
      settings_(settings),
      hasher_(hasher),
      links_(links),
      clock_(clock),
      random_(random),
      ports_(std::move(ports)) {}

std::vector<NewEvent> ConfirmationSender::execute(const Intent& intent, size_t) {
  const auto found = state_.read_value([&](Connection& c) {
    return consent_store::find_request(c, intent.workspace, intent.subject);
  });
  ENSURE(found.has_value());
  const Outcome outcome = carry_out(*found, intent);
  std::vector<NewEvent> events;
  events.push_back(make_outcome_event(outcome.event, *found, outcome.reason, outcome.retry_at,
                                      clock_.now(), make_uuid(random_)));
  return events;
}

ConfirmationSender::Outcome ConfirmationSender::carry_out(const ConsentRequest& request,
                                                          const Intent& intent) {
  if (request.channel != "email") return {kConfirmationFailed, "no_channel", {}};
  if (!is_valid_address(request.address)) return {kConfirmationFailed, "invalid_address", {}};
  const std::string suppressed = state_.read_value([&](Connection& c) {
    return suppression_store::find_reason(
        c, request.workspace, request.channel, request.address,
        hasher_.hash(request.workspace, request.channel, request.address));
  });
  if (suppression_covers(suppressed, MessageClass::kTransactional)) {
    return {kConfirmationFailed, "suppressed", {}};
  }
  std::string from = settings_.get(request.workspace)->sender;
  if (from.empty() && ports_.default_sender) from = ports_.default_sender(request.workspace);
  if (from.empty()) return {kConfirmationFailed, "no_sender", {}};
  const auto notice = compose(request, std::move(from));
  if (!notice) return {kConfirmationFailed, "topic_gone", {}};
  const DeliveryOutcome outcome = ports_.send(*notice);
  if (outcome.status == DeliveryStatus::kHeld) throw IntentHeld(outcome.hold);
  if (outcome.status == DeliveryStatus::kSent) return {kConfirmationSent, "", {}};
  if (outcome.status == DeliveryStatus::kRetry && intent.attempts + 1 < limits::kMaxSendAttempts) {
    return {kConfirmationDeferred, outcome.reason, clock_.now() + retry_wait(intent.attempts)};
  }
  return {kConfirmationFailed, outcome.reason, {}};
}

std::optional<Notice> ConfirmationSender::compose(const ConsentRequest& request,
                                                  std::string from) const {
  using T = PageText;
  const std::string language(page_language(request.language));
  const bool address = request.topic.value == 0;
  OwnPageLink link;
  link.kind = address ? OwnPageKind::kAddress : OwnPageKind::kConsent;
  link.workspace = request.workspace;
  link.customer = request.customer;
  link.subject = request.offset;
  link.expires =
      request.at + (address ? limits::kAddressLinkLifetime : limits::kConfirmationLifetime);
  std::string name = ports_.workspace_name(request.workspace);
  std::string description;
  if (address) {
    link.text = request.address;
  } else {
    const auto topic = topics_.find(request.workspace, request.topic);
    if (!topic || topic->archived) return std::nullopt;
    name = topic->title(language);
    description = topic->description(language);
  }
  Notice notice;
  notice.workspace = request.workspace;
  notice.from = std::move(from);
  notice.to = request.address;
  notice.id = "confirm-" + std::to_string(request.offset);
  notice.subject =
      page_text(address ? T::kMailAddressSubject : T::kMailConfirmSubject, language, name);
  std::string text = page_text(address ? T::kMailAddressText : T::kMailConfirmText, language, name);
  if (!description.empty()) text += " " + description;
  const std::string url = links_.url(link);
  const std::string_view button = page_text(T::kConfirmButton, language);
  const std::string_view ignore = page_text(T::kMailIgnore, language);
  notice.html = mail_html(language, notice.subject, text, url, button, ignore);
  notice.text = text + "\n\n" + url + "\n\n" + std::string(ignore) + "\n";
  return notice;
}

}  // namespace rapport
