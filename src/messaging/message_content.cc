#include "messaging/message_content.h"

#include "base/error.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "mail/mime_reader.h"
#include "messaging/campaign_store.h"
#include "messaging/campaigns/campaign_json.h"
#include "messaging/campaigns/ledger_block.h"
#include "stream/event.h"
#include "stream/payload.h"

namespace rapport {
namespace {

constexpr size_t kEventsAtOnce = 100;
constexpr size_t kPagesOfEvents = 10;

struct LookSourceWords {
  static std::vector<std::string_view> words() { return {"kept", "rendered", "unknown"}; }
};

struct LookBody {
  OneOf<LookSourceWords> source;
  std::string from;
  std::string to;
  std::string subject;
  std::string html;
  std::string text;
  std::string problem;
  Nullable<Timestamp> as_of;
};
BOOST_DESCRIBE_STRUCT(LookBody, (), (source, from, to, subject, html, text, problem, as_of))

/// When its content was fixed: at the campaign's start, else when it was sent, or is to go.
Timestamp moment_of(const Message& message, const Campaign& campaign) {
  if (campaign.started_at) return *campaign.started_at;
  for (const MessageStepRecord& step : message.history) {
    if (step.step == MessageStep::kSent) return step.at;
  }
  return message.planned_at;
}

Response get_content(const MessageContents& contents, const Request& request) {
  const auto id = parse_id<MessageTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Message");
  MessageLook look = contents.look(WorkspaceId{request.caller.workspace}, *id);
  LookBody body;
  body.source =
      OneOf<LookSourceWords>(LookSourceWords::words().at(static_cast<size_t>(look.source)));
  body.from = std::move(look.from);
  body.to = std::move(look.to);
  body.subject = std::move(look.subject);
  body.html = std::move(look.html);
  body.text = std::move(look.text);
  body.problem = std::move(look.problem);
  if (look.shown_as_of) body.as_of = *look.shown_as_of;
  return Response::json(to_json(body));
}

}  // namespace

MessageLook MessageContents::look(WorkspaceId workspace, MessageId id) const {
  const auto message = messages_.find(workspace, id);
  if (!message) throw Error::not_found("Message");
  if (const auto kept = sandbox_.find(workspace, id)) {
    ParsedMail mail = parse_mail(kept->raw);
    MessageLook look;
    look.source = MessageLook::Source::kKept;
    look.from = kept->from;
    look.to = kept->to;
    look.subject = mail.header("subject");
    look.html = std::move(mail.html);
    look.text = std::move(mail.text);
    return look;
  }
  return render(*message);
}

/// Once it was sent only the log still has what a message of its own brought along.
MessageData MessageContents::find_data(const Message& message) const {
  MessageData data;
  if (is_block_message(message.id)) return data;
  data = messages_.data(message.id);
  if (!data.content.empty() || !data.data.empty()) return data;
  const EventListFilter filter{
      message.customer, {}, std::string(step_event_name(MessageStep::kQueued))};
  std::string cursor;
  for (size_t page = 0; page < kPagesOfEvents; ++page) {
    const auto slice = customers_.events(message.workspace, filter, kEventsAtOnce, cursor);
    for (const std::string& json : slice.items) {
      Payload event;
      if (!event.parse(json)) continue;
      if (event.text("properties.message_id") != to_public(message.id)) continue;
      const auto offset = parse_int(event.text("offset").value_or(""));
      const auto record = offset ? log_.find(static_cast<Offset>(*offset)) : std::nullopt;
      Payload body;
      if (!record || !body.parse(decode_event(*record).body)) return data;
      return {body.json("data").value_or(""), body.json("content").value_or("")};
    }
    cursor = slice.next_cursor;
    if (cursor.empty()) break;
  }
  return data;
}

MessageLook MessageContents::render(const Message& message) const {
  MessageLook look;
  look.to = message.address;
  look.subject = message.subject;
  const auto customer = customers_.find(message.workspace, message.customer);
  const auto owner = workspaces_.find(message.workspace);
  const MessageData single = find_data(message);
  std::shared_ptr<const Campaign> campaign;
  if (message.transactional()) {
    if (!single.content.empty()) campaign = single_campaign(message.workspace, single.content);
  } else {
    auto found = control_.read_value([&](Connection& c) {
      return campaign_store::find(c, message.workspace, message.campaign);
    });
    if (found) campaign = std::make_shared<const Campaign>(std::move(*found));
  }
  if (!campaign || !customer || !owner) {
    look.problem = !customer ? "customer_gone" : "content_gone";
    return look;
  }
  size_t variant = message.variant;
  if (variant == kUndecidedVariant) {
    variant = messages_.winner(message.workspace, message.campaign).value_or(0);
  }
  const ChosenContent chosen = content_of(*campaign, variant);
  const Timestamp as_of = moment_of(message, *campaign);
  try {
    const Delivery delivery{message,     *campaign,          *customer,
                            owner->name, chosen.content,     {},
                            single.data, chosen.template_id, owner->time_zone};
    RenderedContent content = email_.look(delivery, as_of);
    look.source = MessageLook::Source::kRendered;
    look.from = campaign->from;
    if (look.to.empty()) look.to = customer->email();
    if (look.subject.empty()) look.subject = std::move(content.subject);
    look.html = std::move(content.html);
    look.text = std::move(content.text);
    look.shown_as_of = as_of;
  } catch (const Error& error) {
    look.problem = error.public_detail();
  }
  return look;
}

RouteGroup make_message_content_routes(const MessageContents& contents) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/messages/{id}/content";
  route.permission = Permission::kCampaignsRead;
  route.operation_id = "getMessageContent";
  route.summary = "What a message said: as it was kept, or rendered again as of then";
  route.tag = "messaging";
  route.response_schema = "MessageContent";
  route.handler = [&contents](const Request& request) { return get_content(contents, request); };
  return {{std::move(route)}, {named_schema<LookBody>("MessageContent")}};
}

}  // namespace rapport
