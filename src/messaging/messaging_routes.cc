#include "messaging/messaging_routes.h"

#include <memory>

#include "base/error.h"
#include "base/limits/templates.h"
#include "http/json_schema.h"
#include "mail/mime_reader.h"

namespace rapport {
namespace {

struct CampaignStatusWords {
  static std::vector<std::string_view> words() { return {"draft", "starting", "sending", "done"}; }
};
struct MessageStepWords {
  static std::vector<std::string_view> words() {
    std::vector<std::string_view> names;
    for (int i = 0; i < kMessageSteps; ++i) names.push_back(step_name(static_cast<MessageStep>(i)));
    return names;
  }
};
struct ChannelWords {
  static std::vector<std::string_view> words() { return {"email"}; }
};
struct ProviderWords {
  static std::vector<std::string_view> words() { return {"sandbox", "smtp"}; }
};
struct SecurityWords {
  static std::vector<std::string_view> words() { return {"none", "starttls", "tls"}; }
};

struct TemplateBody {
  std::string subject;
  std::optional<std::string> html;
  std::optional<std::string> text;
};
BOOST_DESCRIBE_STRUCT(TemplateBody, (), (subject, html, text))

struct CampaignInput {
  std::string name;
  std::string segment_id;
  OneOf<ChannelWords> channel;
  std::string from;
  TemplateBody template_;
};
BOOST_DESCRIBE_STRUCT(CampaignInput, (), (name, segment_id, channel, from, template_))

struct CampaignBody {
  std::string id;
  std::string name;
  std::string segment_id;
  OneOf<ChannelWords> channel;
  std::string from;
  TemplateBody template_;
  OneOf<CampaignStatusWords> status;
  int64_t audience = 0;
  int64_t sent = 0;
  int64_t failed = 0;
  int64_t skipped = 0;
  int64_t opened = 0;
  int64_t clicked = 0;
  int64_t unsubscribed = 0;
  Timestamp created_at;
  Nullable<Timestamp> started_at;
  Nullable<Timestamp> finished_at;
};
BOOST_DESCRIBE_STRUCT(CampaignBody, (),
                      (id, name, segment_id, channel, from, template_, status, audience, sent,
                       failed, skipped, opened, clicked, unsubscribed, created_at, started_at,
                       finished_at))

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
  std::vector<MessageStepBody> history;
};
BOOST_DESCRIBE_STRUCT(MessageBody, (),
                      (id, campaign_id, customer_id, channel, address, subject, status, history))

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

CampaignId campaign_parameter(const Request& request) {
  const auto id = parse_id<CampaignTag>(request.parameter("id"));
  if (!id) throw Error::not_found("Campaign");
  return *id;
}

template <class T>
Nullable<T> nullable(const std::optional<T>& value) {
  Nullable<T> result;
  if (value) result = *value;
  return result;
}

CampaignBody present(const CampaignReport& report) {
  const Campaign& c = report.campaign;
  CampaignBody body;
  body.id = to_public(c.id);
  body.name = c.name;
  body.segment_id = to_public(c.segment);
  body.channel = c.channel;
  body.from = c.from;
  body.template_ = {c.content.subject, c.content.html, c.content.text};
  body.status = campaign_status_name(c.status);
  body.audience = c.audience.value_or(0);
  body.sent = report.counts.sent;
  body.failed = report.counts.failed;
  body.skipped = report.counts.skipped;
  body.opened = report.counts.opened;
  body.clicked = report.counts.clicked;
  body.unsubscribed = report.counts.unsubscribed;
  body.created_at = c.created_at;
  body.started_at = nullable(c.started_at);
  body.finished_at = nullable(report.finished_at);
  return body;
}

Campaign campaign_from(const Request& request) {
  const auto input = parse_json<CampaignInput>(request.body);
  Campaign campaign;
  campaign.workspace = workspace_of(request);
  campaign.name = input.name;
  const auto segment = parse_id<SegmentTag>(input.segment_id);
  if (!segment) throw Error::invalid("segment_id", "is not a segment's id");
  campaign.segment = *segment;
  campaign.channel = input.channel;
  campaign.from = input.from;
  campaign.content = {input.template_.subject, input.template_.html.value_or(""),
                      input.template_.text.value_or("")};
  return campaign;
}

MessageBody present(const Message& message) {
  MessageBody body;
  body.id = to_public(message.id);
  body.campaign_id = to_public(message.campaign);
  body.customer_id = to_public(message.customer);
  body.channel = message.channel;
  body.address = message.address;
  body.subject = message.subject;
  body.status = step_name(message.status);
  for (const MessageStepRecord& step : message.history) {
    body.history.push_back({OneOf<MessageStepWords>(step_name(step.step)), step.at, step.detail});
  }
  return body;
}

Response create_campaign(const MessagingServices& s, const Request& request) {
  const auto report = s.campaigns.create(campaign_from(request), s.actor(request));
  return Response::json(to_json(present(report)), 201);
}

Response update_campaign(const MessagingServices& s, const Request& request) {
  Campaign campaign = campaign_from(request);
  campaign.id = campaign_parameter(request);
  return Response::json(
      to_json(present(s.campaigns.update(std::move(campaign), s.actor(request)))));
}

Response remove_campaign(const MessagingServices& s, const Request& request) {
  s.campaigns.remove(workspace_of(request), campaign_parameter(request), s.actor(request));
  return Response::no_content();
}

Response start_campaign(const MessagingServices& s, const Request& request) {
  const auto report =
      s.campaigns.start(workspace_of(request), campaign_parameter(request), s.actor(request));
  return Response::json(to_json(present(report)), 202);
}

Response get_campaign(const MessagingServices& s, const Request& request) {
  return Response::json(
      to_json(present(s.campaigns.get(workspace_of(request), campaign_parameter(request)))));
}

Response list_campaigns(const MessagingServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  CampaignId before{INT64_MAX};
  if (!page.cursor.empty()) {
    const auto id = parse_id<CampaignTag>(page.cursor);
    if (!id) throw Error::invalid("cursor", "is not one this list gave");
    before = *id;
  }
  auto reports = s.campaigns.list(workspace_of(request), before, page.limit + 1);
  Page<CampaignBody> body;
  if (reports.size() > page.limit) {
    reports.resize(page.limit);
    body.next_cursor = nullable(std::optional(to_public(reports.back().campaign.id)));
  }
  for (const CampaignReport& report : reports) body.items.push_back(present(report));
  return Response::json(to_json(body));
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
  return filter;
}

Response list_messages(const MessagingServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  MessageId after{};
  if (!page.cursor.empty()) {
    const auto id = parse_id<MessageTag>(page.cursor);
    if (!id) throw Error::invalid("cursor", "is not one this list gave");
    after = *id;
  }
  const MessageSlice slice =
      s.messages.list(workspace_of(request), message_filter(request), after, page.limit);
  Page<MessageBody> body;
  for (const Message& message : slice.items) body.items.push_back(present(message));
  if (slice.next) body.next_cursor = nullable(std::optional(to_public(*slice.next)));
  return Response::json(to_json(body));
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

using MessagingHandler = Response (*)(const MessagingServices&, const Request&);

/// Builds this module's routes around one copy of the services.
class RouteBuilder {
 public:
  explicit RouteBuilder(MessagingServices services)
      : services_(std::make_shared<MessagingServices>(std::move(services))) {}

  Route& add(std::string method, std::string pattern, Permission permission, std::string operation,
             std::string summary, MessagingHandler handler) {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = permission;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = "messaging";
    route.max_body_bytes = 3 * limits::kMaxTemplateBytes;
    route.handler = [services = services_, handler](const Request& request) {
      return handler(*services, request);
    };
    group_.routes.push_back(std::move(route));
    return group_.routes.back();
  }
  RouteGroup take(std::vector<NamedSchema> schemas) {
    group_.schemas = std::move(schemas);
    return std::move(group_);
  }

 private:
  std::shared_ptr<const MessagingServices> services_;
  RouteGroup group_;
};

void add_campaign_routes(RouteBuilder& b) {
  using P = Permission;
  Route* route = &b.add("POST", "/api/v1/campaigns", P::kCampaignsWrite, "createCampaign",
                        "Create a campaign as a draft", create_campaign);
  route->request_schema = "CampaignInput";
  route->response_schema = "Campaign";
  route->success_status = 201;
  route = &b.add("GET", "/api/v1/campaigns", P::kCampaignsRead, "listCampaigns",
                 "Campaigns, newest first", list_campaigns);
  route->response_schema = "CampaignPage";
  route->query = page_parameters();
  route = &b.add("GET", "/api/v1/campaigns/{id}", P::kCampaignsRead, "getCampaign",
                 "One campaign with its figures", get_campaign);
  route->response_schema = "Campaign";
  route = &b.add("PUT", "/api/v1/campaigns/{id}", P::kCampaignsWrite, "updateCampaign",
                 "Change a draft", update_campaign);
  route->request_schema = "CampaignInput";
  route->response_schema = "Campaign";
  route = &b.add("DELETE", "/api/v1/campaigns/{id}", P::kCampaignsWrite, "removeCampaign",
                 "Remove a draft", remove_campaign);
  route->success_status = 204;
  route = &b.add("POST", "/api/v1/campaigns/{id}/start", P::kCampaignsWrite, "startCampaign",
                 "Fix the audience and send", start_campaign);
  route->response_schema = "Campaign";
  route->success_status = 202;
}

void add_message_routes(RouteBuilder& b) {
  using P = Permission;
  Route* route = &b.add("GET", "/api/v1/messages", P::kCampaignsRead, "listMessages",
                        "One row a recipient, with its history", list_messages);
  route->response_schema = "MessagePage";
  route->query = page_parameters({{"campaign_id", "only of this campaign"},
                                  {"customer_id", "only to this customer"},
                                  {"status", "only in this status"}});
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
  RouteBuilder builder(std::move(services));
  add_campaign_routes(builder);
  add_message_routes(builder);
  return builder.take({named_schema<CampaignInput>("CampaignInput"),
                       named_schema<CampaignBody>("Campaign"),
                       named_schema<Page<CampaignBody>>("CampaignPage"),
                       named_schema<Page<MessageBody>>("MessagePage"),
                       named_schema<Page<SandboxBody>>("SandboxPage"),
                       named_schema<ProviderInput>("EmailProviderInput"),
                       named_schema<ProviderBody>("EmailProvider")});
}

}  // namespace rapport
