#include "app/provider_test_routes.h"

#include <memory>

#include "base/error.h"
#include "http/json_schema.h"
#include "mail/address.h"
#include "mail/mime.h"
#include "mail/smtp_client.h"

namespace rapport {
namespace {

struct TestBody {
  std::string from;
  std::string to;
};
BOOST_DESCRIBE_STRUCT(TestBody, (), (from, to))

struct TestView {
  bool accepted = false;
  int64_t code = 0;  // of SMTP; 0 when no server answered
  std::string answer;
};
BOOST_DESCRIBE_STRUCT(TestView, (), (accepted, code, answer))

constexpr std::string_view kText =
    "This is a test message of Rapport. It arrived, so your e-mail provider works.\n";

MailMessage test_message(const TestBody& body, Timestamp now) {
  MailMessage mail;
  mail.from = parse_mailbox(body.from, "from");
  mail.to = parse_mailbox(body.to, "to");
  mail.subject = "A test from Rapport";
  mail.text = kText;
  mail.date = now;
  const std::string domain = mail.from.address.substr(mail.from.address.find('@') + 1);
  mail.message_id = "test-" + std::to_string(to_micros(now)) + "@" + domain;
  return mail;
}

Response send_test(const ProviderTestContext& c, const Request& request) {
  const auto body = parse_json<TestBody>(request.body);
  const WorkspaceId workspace{request.caller.workspace};
  const MailMessage mail = test_message(body, c.clock.now());
  const std::string mime = build_mime(mail);
  const EmailProviderSettings settings = c.providers.get(workspace);
  TestView view;
  if (settings.type == "sandbox") {
    c.sandbox.put(workspace, {0, mail.message_id, format_mailbox(mail.from), mail.to.address, mime,
                              c.clock.now()});
    view = {true, 250, "kept in the sandbox mailbox"};
  } else {
    SmtpConfig config = c.providers.smtp_config(workspace, settings);
    config.connect_timeout = std::chrono::seconds(8);
    config.deadline = std::chrono::seconds(20);
    const SmtpOutcome outcome =
        SmtpClient(std::move(config)).send(mail.from.address, mail.to.address, mime);
    view = {outcome.accepted(), outcome.reply_code, outcome.text};
  }
  c.audit.record(workspace, c.actor(request), "provider.test", "", mail.to.address);
  return Response::json(to_json(view));
}

}  // namespace

RouteGroup make_provider_test_routes(ProviderTestContext given) {
  const auto context = std::make_shared<const ProviderTestContext>(std::move(given));
  RouteGroup group;
  group.schemas = {named_schema<TestBody>("EmailTest"), named_schema<TestView>("EmailTestResult")};
  Route route;
  route.method = "POST";
  route.pattern = "/api/v1/providers/email/test";
  route.permission = Permission::kSettingsWrite;
  route.operation_id = "testEmailProvider";
  route.summary = "Send one test message and tell what the server answered";
  route.tag = "messaging";
  route.request_schema = "EmailTest";
  route.response_schema = "EmailTestResult";
  route.handler = [context](const Request& request) { return send_test(*context, request); };
  group.routes = {std::move(route)};
  return group;
}

}  // namespace rapport
