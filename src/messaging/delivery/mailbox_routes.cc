#include "base/error.h"
#include "http/json_schema.h"
#include "messaging/delivery/route_builder.h"

namespace rapport {
namespace {

struct MailboxInput {
  std::string host;
  std::optional<int64_t> port;
  std::optional<std::string> security;
  std::string username;
  std::string password;
  std::optional<std::string> ca_file;
  std::optional<std::string> mailbox;
};
BOOST_DESCRIBE_STRUCT(MailboxInput, (),
                      (host, port, security, username, password, ca_file, mailbox))

struct MailboxBody {
  std::string id;
  std::string host;
  int64_t port = 0;
  std::string security;
  std::string username;
  std::string ca_file;
  std::string mailbox;
  Nullable<Timestamp> polled_at;
  std::string problem;
};
BOOST_DESCRIBE_STRUCT(MailboxBody, (),
                      (id, host, port, security, username, ca_file, mailbox, polled_at, problem))

struct MailboxList {
  std::vector<MailboxBody> items;
};
BOOST_DESCRIBE_STRUCT(MailboxList, (), (items))

constexpr std::string_view kIdPrefix = "mbx_";

MailboxBody present(const InboundMailbox& box) {
  MailboxBody body;
  body.id = format_public_id(kIdPrefix, box.id);
  body.host = box.imap.host;
  body.port = box.imap.port;
  body.security = smtp_security_name(box.imap.security);
  body.username = box.imap.username;
  body.ca_file = box.imap.ca_file;
  body.mailbox = box.imap.mailbox;
  if (box.polled_at) body.polled_at = *box.polled_at;
  body.problem = box.problem;
  return body;
}

Response create_mailbox(const DeliverabilityServices& s, const Request& request) {
  const auto input = parse_json<MailboxInput>(request.body);
  InboundMailbox box;
  box.workspace = workspace_of(request);
  box.imap.host = input.host;
  const int64_t port = input.port.value_or(993);
  if (port < 1 || port > 65535) throw Error::invalid("port", "must be from 1 to 65535");
  box.imap.port = static_cast<uint16_t>(port);
  box.imap.security = parse_smtp_security(input.security.value_or("tls"));
  box.imap.username = input.username;
  box.imap.ca_file = input.ca_file.value_or("");
  box.imap.mailbox = input.mailbox.value_or("INBOX");
  const InboundMailbox made = s.mailboxes.create(std::move(box), input.password, s.actor(request));
  return Response::json(to_json(present(made)), 201);
}

Response list_mailboxes(const DeliverabilityServices& s, const Request& request) {
  MailboxList body;
  for (const InboundMailbox& box : s.mailboxes.list(workspace_of(request))) {
    body.items.push_back(present(box));
  }
  return Response::json(to_json(body));
}

Response remove_mailbox(const DeliverabilityServices& s, const Request& request) {
  const auto id = parse_public_id(kIdPrefix, request.parameter("id"));
  if (!id) throw Error::not_found("Mailbox");
  s.mailboxes.remove(workspace_of(request), *id, s.actor(request));
  return Response::no_content();
}

}  // namespace

RouteGroup make_mailbox_routes(DeliverabilityServices services) {
  using P = Permission;
  DeliverabilityRoutes b(std::move(services), kDeliverabilityTag);
  Route* route =
      &b.add("POST", "/api/v1/inbound-mailboxes", P::kSettingsWrite, "createInboundMailbox",
             "Read a mailbox for bounces and replies", create_mailbox);
  route->request_schema = "InboundMailboxInput";
  route->response_schema = "InboundMailbox";
  route->success_status = 201;
  route = &b.add("GET", "/api/v1/inbound-mailboxes", P::kSettingsRead, "listInboundMailboxes",
                 "Mailboxes that are read, and how the last look went", list_mailboxes);
  route->response_schema = "InboundMailboxList";
  route = &b.add("DELETE", "/api/v1/inbound-mailboxes/{id}", P::kSettingsWrite,
                 "removeInboundMailbox", "Read it no more", remove_mailbox);
  route->success_status = 204;
  return b.take({named_schema<MailboxInput>("InboundMailboxInput"),
                 named_schema<MailboxBody>("InboundMailbox"),
                 named_schema<MailboxList>("InboundMailboxList")});
}

}  // namespace rapport
