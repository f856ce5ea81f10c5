#include "messaging/messaging_routes.h"

#include "base/error.h"
#include "http/json_schema.h"
#include "http/route_builder.h"
#include "mail/mime_reader.h"
#include "messaging/campaigns/ledger_block.h"

namespace rapport {
namespace {

struct MessageStepWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (int i = 0; i < kMessageSteps; ++i) names.push_back(step_name(static_cast<MessageStep>(i)));
    return names;
  }
};
struct ProviderWords {
  static std::vector<std::string_view> words() { return {"sandbox", "smtp"}; }
};
struct SecurityWords {
  static std::vector<std::string_view> words() { return {"none", "starttls", "tls"}; }
};

struct MessageStepBody {
  OneOf<MessageStepWords> status;
  Timestamp at;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(MessageStepBody, (), (status, at, detail))

struct MessageBody {
  std::string id;
  std::string campaign_id;
  std::string customer_id;
  std::string channel;
  std::string address;
  std::string subject;
  OneOf<MessageStepWords> status;
  int64_t run = 0;
  std::string variant;
  std::string reason;
  Timestamp planned_at;
  std::vector<MessageStepBody> history;
};
BOOST_DESCRIBE_STRUCT(MessageBody, (),
                      (id, campaign_id, customer_id, channel, address, subject, status, run,
                       variant, reason, planned_at, history))

struct ProviderInput {
  OneOf<ProviderWords> type;
  std::optional<std::string> host;
  std::optional<int64_t> port;
  std::optional<OneOf<SecurityWords>> security;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<std::string> ca_file;
};
BOOST_DESCRIBE_STRUCT(ProviderInput, (), (type, host, port, security, username, password, ca_file))

struct ProviderBody {
  OneOf<ProviderWords> type;
  std::string host;
  int64_t port = 0;
  OneOf<SecurityWords> security;
  std::string username;
  std::string ca_file;
  bool password_set = false;
};
BOOST_DESCRIBE_STRUCT(ProviderBody, (),
                      (type, host, port, security, username, ca_file, password_set))

struct SandboxBody {
  std::string id;
  std::string message_id;
  std::string from;
  std::string to;
  std::string subject;
  std::string html;
  std::string text;
  std::string raw;
  Timestamp sent_at;
};
BOOST_DESCRIBE_STRUCT(SandboxBody, (),
                      (id, message_id, from, to, subject, html, text, raw, sent_at))

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

MessageBody present(const Message& message) {
  MessageBody body;
  body.id = to_public(message.id);
  body.campaign_id = message.transactional() ? "" : to_public(message.campaign);
  body.customer_id = to_public(message.customer);
  body.channel = message.channel;
  body.address = message.address;
  body.subject = message.subject;
  body.status = step_name(message.status);
  body.run = message.run;
  body.variant = variant_name(message.variant);
  body.reason = message.reason;
  body.planned_at = message.planned_at;
  for (const MessageStepRecord& step : message.history) {
    body.history.push_back({std::string(step_name(step.step)), step.at, step.detail});
  }
  return body;
}

template <class T>
Nullable<T> nullable(const std::optional<T>& value) {
  Nullable<T> result;
  if (value) result = *value;
  return result;
}

std::optional<Timestamp> time_filter(const Request& request, const std::string& name) {
  const auto text = request.query_value(name);
  if (!text || text->empty()) return std::nullopt;
  const auto at = parse_timestamp(*text);
  if (!at) throw Error::invalid(name, "is not a time");
  return at;
}

/// Which part of a campaign, which channel, which link, when.
void add_place_filters(const Request& request, MessageFilter& filter) {
  if (const auto name = request.query_value("variant"); name && !name->empty()) {
    for (int v = 0; v <= kHoldoutVariant && !filter.variant; ++v) {
      if (variant_name(static_cast<uint8_t>(v)) == *name) filter.variant = static_cast<uint8_t>(v);
    }
    if (!filter.variant) throw Error::invalid("variant", "is not a variant");
  }
  if (const auto run = request.query_value("run"); run && !run->empty()) {
    filter.run = parse_int(*run);
    if (!filter.run) throw Error::invalid("run", "is not a number");
  }
  filter.channel = request.query_value("channel").value_or("");
  filter.link = request.query_value("link").value_or("");
  if (const auto kind = request.query_value("kind"); kind && !kind->empty()) {
    if (*kind != "campaign" && *kind != "single") {
      throw Error::invalid("kind", "must be campaign or single");
    }
    filter.of_campaign = *kind == "campaign";
  }
  filter.from = time_filter(request, "from");
  filter.until = time_filter(request, "until");
}

MessageFilter message_filter(const Request& request) {
  MessageFilter filter;
  if (const auto id = request.query_value("campaign_id"); id && !id->empty()) {
    filter.campaign = parse_id<CampaignTag>(*id);
    if (!filter.campaign) throw Error::invalid("campaign_id", "is not a campaign's id");
  }
  if (const auto id = request.query_value("customer_id"); id && !id->empty()) {
    filter.customer = parse_id<CustomerTag>(*id);
    if (!filter.customer) throw Error::invalid("customer_id", "is not a customer's id");
  }
  if (const auto status = request.query_value("status"); status && !status->empty()) {
    filter.status = parse_step_name(*status);
    if (!filter.status) throw Error::invalid("status", "is not a message's status");
  }
  filter.reason = request.query_value("reason").value_or("");
  if (const auto whole = request.query_value("reason_is"); whole && !whole->empty()) {
    filter.reason = *whole;
    filter.whole_reason = true;
  }
  if (const auto name = request.query_value("outcome"); name && !name->empty()) {
    filter.outcome = parse_outcome(*name);
    if (!filter.outcome) throw Error::invalid("outcome", "is not what a message may come to");
    if (filter.outcome->converted && !filter.campaign) {
      throw Error::invalid("outcome", "converted needs campaign_id");
    }
  }
  add_place_filters(request, filter);
  return filter;
}

/// "1764072000000000.msg_…": when the last message of a page was queued, and which it was.
std::string write_place(const MessagePlace& place) {
  return std::to_string(to_micros(place.queued_at)) + "." + to_public(place.message);
}

MessagePlace read_place(std::string_view cursor) {
  const size_t dot = cursor.find('.');
  const auto micros = parse_int(cursor.substr(0, dot));
  const auto id = dot == std::string_view::npos ? std::optional<MessageId>()
                                                : parse_id<MessageTag>(cursor.substr(dot + 1));
  if (!micros || !id) throw Error::invalid("cursor", "is not one this list gave");
  return {*id, Timestamp(Micros(*micros))};
}

Response list_messages(const MessagingServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const MessageFilter filter = message_filter(request);
  const std::string_view order = request.query_value("order").value_or("oldest");
  if (order != "oldest" && order != "newest") {
    throw Error::invalid("order", "must be oldest or newest");
  }
  MessageSlice slice;
  Page<MessageBody> body;
  if (order == "newest") {
    std::optional<MessagePlace> before;
    if (!page.cursor.empty()) before = read_place(page.cursor);
    slice = s.messages.list_newest(workspace_of(request), filter, before, page.limit);
    if (slice.next) body.next_cursor = nullable(std::optional(write_place(*slice.next)));
  } else {
    const auto after = parse_id<MessageTag>(page.cursor);
    if (!after && !page.cursor.empty()) {
      throw Error::invalid("cursor", "is not one this list gave");
    }
    slice = s.messages.list(workspace_of(request), filter, after.value_or(MessageId{}), page.limit);
    if (slice.next) body.next_cursor = nullable(std::optional(to_public(slice.next->message)));
  }
  for (const Message& message : slice.items) body.items.push_back(present(message));
  return Response::json(to_json(body));
}

Response get_message(const MessagingServices& s, const Request& request) {
  const auto id = parse_id<MessageTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Message");
  auto message = s.messages.find(workspace_of(request), *id);
  if (!message) {
    // One that was accepted a moment ago is about to be there.
    s.await_applied();
    message = s.messages.find(workspace_of(request), *id);
  }
  if (!message) throw Error::not_found("Message");
  return Response::json(to_json(present(*message)));
}

ProviderBody present(const EmailProviderSettings& p) {
  return {p.type, p.host, p.port, p.security, p.username, p.ca_file, p.password_set};
}

Response get_provider(const MessagingServices& s, const Request& request) {
  return Response::json(to_json(present(s.providers.get(workspace_of(request)))));
}

Response put_provider(const MessagingServices& s, const Request& request) {
  const auto input = parse_json<ProviderInput>(request.body);
  EmailProviderSettings settings;
  settings.type = input.type;
  settings.host = input.host.value_or("");
  settings.port = input.port.value_or(settings.port);
  settings.security = input.security.value_or(settings.security);
  settings.username = input.username.value_or("");
  settings.ca_file = input.ca_file.value_or("");
  return Response::json(to_json(present(s.providers.put(workspace_of(request), std::move(settings),
                                                        input.password, s.actor(request)))));
}

Response list_sandbox(const MessagingServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  uint64_t before = 0;
  if (!page.cursor.empty()) {
    const auto id = parse_int(page.cursor);
    if (!id || *id <= 0) throw Error::invalid("cursor", "is not one this list gave");
    before = static_cast<uint64_t>(*id);
  }
  auto messages = s.sandbox.list(workspace_of(request), request.query_value("to").value_or(""),
                                 before, page.limit + 1);
  Page<SandboxBody> body;
  if (messages.size() > page.limit) {
    messages.resize(page.limit);
    body.next_cursor = nullable(std::optional(std::to_string(messages.back().id)));
  }
  for (SandboxMessage& m : messages) {
    const ParsedMail mail = parse_mail(m.raw);
    body.items.push_back({std::to_string(m.id), m.message_id, m.from, m.to,
                          std::string(mail.header("subject")), mail.html, mail.text,
                          std::move(m.raw), m.sent_at});
  }
  return Response::json(to_json(body));
}

std::string outcomes_told() {
  std::string text =
      "only those that came to this, whatever came after; as many as the campaign's "
      "figure of that name says:";
  for (const std::string_view name : message_outcomes()) text += " " + std::string(name);
  return text;
}

using MessagingRoutes = RouteBuilder<MessagingServices>;

void add_message_routes(MessagingRoutes& b) {
  using P = Permission;
  Route* route = &b.add("GET", "/api/v1/messages", P::kCampaignsRead, "listMessages",
                        "One row a recipient, with its history", list_messages);
  route->response_schema = "MessagePage";
  route->query = page_parameters({{"campaign_id", "only of this campaign"},
                                  {"customer_id", "only to this customer"},
                                  {"status", "only in this status"},
                                  {"reason", "only with a reason that begins with this"},
                                  {"reason_is", "only with this reason"},
                                  {"outcome", outcomes_told()},
                                  {"variant", "only of this variant: a, b, …, winner, control"},
                                  {"run", "only of this run of the campaign"},
                                  {"channel", "only on this channel"},
                                  {"link", "only of people who followed this address"},
                                  {"kind", "campaign, or single: asked for one by one"},
                                  {"from", "only queued at or after this time"},
                                  {"until", "only queued before this time"},
                                  {"order", "oldest (when nothing is said) or newest first"}});
  route = &b.add("GET", "/api/v1/messages/{id}", P::kCampaignsRead, "getMessage",
                 "One message with its history", get_message);
  route->response_schema = "Message";
  route = &b.add("GET", "/api/v1/sandbox/messages", P::kCampaignsRead, "listSandboxMessages",
                 "What the sandbox provider kept, newest first", list_sandbox);
  route->response_schema = "SandboxPage";
  route->query = page_parameters({{"to", "only to this address"}});
  route = &b.add("GET", "/api/v1/providers/email", P::kSettingsRead, "getEmailProvider",
                 "How this workspace sends e-mail", get_provider);
  route->response_schema = "EmailProvider";
  route = &b.add("PUT", "/api/v1/providers/email", P::kSettingsWrite, "putEmailProvider",
                 "Choose how this workspace sends e-mail", put_provider);
  route->request_schema = "EmailProviderInput";
  route->response_schema = "EmailProvider";
}

}  // namespace

RouteGroup make_messaging_routes(MessagingServices services) {
  MessagingRoutes builder(std::move(services), "messaging");
  add_message_routes(builder);
  return builder.take({named_schema<MessageBody>("Message"),
                       named_schema<Page<MessageBody>>("MessagePage"),
                       named_schema<Page<SandboxBody>>("SandboxPage"),
                       named_schema<ProviderInput>("EmailProviderInput"),
                       named_schema<ProviderBody>("EmailProvider")});
}

}  // namespace rapport
