#include "messaging/email_channel.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "access/access_test_support.h"
#include "customers/customer_reader.h"
#include "mail/mime_reader.h"
#include "mail/smtp_sink.h"

namespace rapport {
namespace {

class EmailChannelTest : public AccessTest {
 protected:
  EmailChannelTest()
      : workspace_(add_workspace("Shop")), providers_(access->settings), sandbox_(*control) {
    channel_.set_public_url("https://me.example");
    campaign_.id = CampaignId{7};
    campaign_.workspace = workspace_;
    campaign_.name = "Spring";
    campaign_.from = "Chợ <shop@x.y>";
    campaign_.content = {
        "Hello {{ customer.traits.name }}",
        "<p>Hi {{ customer.traits.name }} <a href=\"https://x.y/?a=1&b\">go</a></p>", ""};
    message_.id = MessageId{99};
    message_.workspace = workspace_;
    message_.campaign = campaign_.id;
    message_.address = "ann@z.example";
    customer_.id = CustomerId{5};
  }

  DeliveryOutcome send() {
    // A template is parsed once a key.
    return channel_.send(
        {message_, campaign_, customer_, "Shop", campaign_.content, std::to_string(++sends_)}, 0);
  }
  ParsedMail sent() {
    const DeliveryOutcome outcome = send();
    EXPECT_EQ(outcome.status, DeliveryStatus::kSent) << outcome.reason;
    const auto mails = sandbox_.list(workspace_, "", 0, 1);
    EXPECT_FALSE(mails.empty());
    return mails.empty() ? ParsedMail{} : parse_mail(mails[0].raw);
  }
  std::string unsubscribe() const {
    return MessageLinks(signer_, "https://me.example", workspace_, message_.id).unsubscribe();
  }

  WorkspaceId workspace_;
  EmailProviderService providers_;
  SandboxMailbox sandbox_;
  LinkSigner signer_{root_key()};
  SendingDomainService domains_{*control, clock, root_key(), access->audit};
  ProviderService list_{*control, providers_, clock, root_key(), access->audit};
  ReturnPathSigner return_paths_{root_key()};
  MailTransport transport_{list_, sandbox_, domains_, return_paths_, clock};
  ContentService content_{*control, access->audit, clock};
  ContentRenderer renderer_{content_, clock};
  EmailChannel channel_{transport_, renderer_, signer_, clock};
  Campaign campaign_;
  int sends_ = 0;
  Message message_;
  Customer customer_;
};

TEST_F(EmailChannelTest, ComposesWhatAMailNeeds) {
  customer_.traits = {{"name", R"("Nguyễn")"}};
  const ParsedMail mail = sent();
  EXPECT_EQ(mail.header("subject"), "Hello Nguyễn");
  EXPECT_EQ(mail.header("to"), "ann@z.example");
  EXPECT_NE(mail.header("from").find("shop@x.y"), std::string_view::npos);
  EXPECT_EQ(mail.header("message-id"), "<" + to_public(message_.id) + "@x.y>");
  EXPECT_EQ(mail.header("date"), format_mail_date(clock.now()));
  EXPECT_EQ(mail.header("list-unsubscribe"), "<" + unsubscribe() + ">");
  EXPECT_EQ(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
  EXPECT_NE(mail.html.find("Hi Nguyễn"), std::string::npos);
  EXPECT_NE(mail.html.find("/t/c/"), std::string::npos);
  EXPECT_NE(mail.html.find("/t/o/"), std::string::npos);
  EXPECT_EQ(mail.html.find("https://x.y/?a=1"), std::string::npos);
  // The text is made from the HTML before links are tracked: it stays readable.
  EXPECT_NE(mail.text.find("Hi Nguyễn"), std::string::npos);
  EXPECT_NE(mail.text.find("https://x.y/?a=1&b"), std::string::npos);
  EXPECT_EQ(mail.text.find("/t/o/"), std::string::npos);
}

TEST_F(EmailChannelTest, AWayOutIsAddedWhereItIsMissing) {
  ParsedMail mail = sent();
  EXPECT_NE(mail.html.find(unsubscribe()), std::string::npos);
  EXPECT_NE(mail.text.find(unsubscribe()), std::string::npos);
  campaign_.content = {"s", "<HTML><BODY>x</BODY></HTML>", "plain"};
  mail = sent();
  EXPECT_LT(mail.html.find(unsubscribe()), mail.html.find("</BODY>"));
  EXPECT_NE(mail.text.find("plain\n\nUnsubscribe: " + unsubscribe()), std::string::npos);
  campaign_.content = {"s", "<a href=\"{{ unsubscribe_url }}\">out</a>", "{{ unsubscribe_url }}"};
  mail = sent();
  EXPECT_EQ(mail.html.find("Unsubscribe</a>"), std::string::npos);
  EXPECT_EQ(mail.text.find("Unsubscribe:"), std::string::npos);
  campaign_.content = {"s", "", "text only"};
  mail = sent();
  EXPECT_EQ(mail.html, "");
  EXPECT_NE(mail.text.find(unsubscribe()), std::string::npos);
}

TEST_F(EmailChannelTest, HostileTraitsStayText) {
  const std::string evil =
      R"("</p><script>alert(1)</script>\r\nBcc: all@x.y\u0000\u0007<a href=\"https://evil\">")";
  customer_.traits = {{"name", evil}, {"url", R"("https://x.y/\r\nSet-Cookie: a=b")"}};
  campaign_.content.html += "<a href=\"{{ customer.traits.url }}\">u</a>";
  const ParsedMail mail = sent();
  EXPECT_EQ(mail.header("bcc"), "");
  EXPECT_EQ(mail.header("subject").find_first_of("\r\n"), std::string_view::npos);
  EXPECT_NE(mail.header("subject").find("alert(1)"), std::string_view::npos);
  EXPECT_EQ(mail.html.find("<script>"), std::string::npos);
  EXPECT_NE(mail.html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(mail.html.find("<a href=\"https://evil"), std::string::npos);
  // Links made of traits go through the redirect without the line end.
  for (size_t at = mail.html.find("/t/c/"); at != std::string::npos;
       at = mail.html.find("/t/c/", at + 1)) {
    const size_t end = mail.html.find('"', at);
    const auto link =
        signer_.open(LinkKind::kClick, std::string_view(mail.html).substr(at + 5, end - at - 5));
    ASSERT_TRUE(link);
    EXPECT_EQ(link->url.find_first_of("\r\n"), std::string::npos);
  }
}

TEST_F(EmailChannelTest, ASubjectIsOneLine) {
  customer_.traits = {{"name", R"("a\r\n\tb  c")"}};
  campaign_.content.subject = "\n  {% if true %}\n  Hi {{ customer.traits.name }}\n  {% endif %}\n";
  const DeliveryOutcome outcome = send();
  EXPECT_EQ(outcome.subject, "Hi a b c");
}

TEST_F(EmailChannelTest, ATemplateThatCannotBeRenderedFailsForGood) {
  campaign_.content.html = "{% for i in (1..100000000) %}x{% endfor %}";
  const DeliveryOutcome outcome = send();
  EXPECT_EQ(outcome.status, DeliveryStatus::kFailed);
  EXPECT_TRUE(outcome.reason.starts_with("template: ")) << outcome.reason;
}

TEST_F(EmailChannelTest, SendsThroughSmtpAndKeepsTheConnection) {
  std::vector<ReceivedMail> received;
  std::string reply;
  SmtpSink sink(0, [&](ReceivedMail mail) {
    received.push_back(std::move(mail));
    return reply;
  });
  EmailProviderSettings settings;
  settings.type = "smtp";
  settings.host = "127.0.0.1";
  settings.port = sink.port();
  settings.security = "none";
  providers_.put(workspace_, settings, std::nullopt, Actor::system());
  EXPECT_EQ(send().status, DeliveryStatus::kSent);
  EXPECT_EQ(send().status, DeliveryStatus::kSent);
  EXPECT_EQ(sink.connections(), 1u);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].envelope_from, "shop@x.y");
  EXPECT_EQ(received[0].recipients, std::vector<std::string>{"ann@z.example"});
  reply = "451 4.3.0 later";
  DeliveryOutcome outcome = send();
  EXPECT_EQ(outcome.status, DeliveryStatus::kRetry);
  EXPECT_NE(outcome.reason.find("later"), std::string::npos);
  reply = "550 5.1.1 no such user";
  EXPECT_EQ(send().status, DeliveryStatus::kFailed);
  EXPECT_TRUE(sandbox_.list(workspace_, "", 0, 10).empty());
  // Changed settings take a new connection.
  reply.clear();
  settings.host = "localhost";
  providers_.put(workspace_, settings, std::nullopt, Actor::system());
  const uint64_t before = sink.connections();
  EXPECT_EQ(send().status, DeliveryStatus::kSent);
  EXPECT_GT(sink.connections(), before);
}

TEST_F(EmailChannelTest, ProviderSettings) {
  EXPECT_EQ(providers_.get(workspace_).type, "sandbox");
  EmailProviderSettings good;
  good.type = "smtp";
  good.host = "mail.example";
  good.username = "u";
  const Actor actor = Actor::system();
  EXPECT_TRUE(providers_.put(workspace_, good, "secret", actor).password_set);
  EXPECT_EQ(providers_.smtp_config(workspace_, good).password, "");  // only when it is set
  EXPECT_EQ(providers_.smtp_config(workspace_, providers_.get(workspace_)).password, "secret");
  EXPECT_TRUE(providers_.put(workspace_, good, std::nullopt, actor).password_set);
  EXPECT_FALSE(providers_.put(workspace_, good, "", actor).password_set);
  EXPECT_EQ(providers_.get(add_workspace("Other")).type, "sandbox");
  struct Case {
    std::string field;
    std::function<void(EmailProviderSettings&)> change;
  };
  const Case cases[]{
      {"type", [](auto& s) { s.type = "pigeon"; }},
      {"host", [](auto& s) { s.host = ""; }},
      {"host", [](auto& s) { s.host = "a b"; }},
      {"port", [](auto& s) { s.port = 0; }},
      {"port", [](auto& s) { s.port = 65'536; }},
      {"security", [](auto& s) { s.security = ""; }},
      {"host", [](auto& s) { s.host = "smtp://x"; }},
  };
  for (const Case& c : cases) {
    EmailProviderSettings bad = good;
    c.change(bad);
    EXPECT_EQ(field_of([&] { providers_.put(workspace_, bad, std::nullopt, actor); }), c.field);
  }
  EXPECT_EQ(providers_.get(workspace_).host, "mail.example");
}

TEST_F(EmailChannelTest, TheSandboxKeepsTheNewestOfEveryWorkspace) {
  const auto put = [&](WorkspaceId workspace, const std::string& id, const std::string& to) {
    sandbox_.put(workspace, {0, id, "f", to, "raw " + id, clock.now()});
  };
  put(workspace_, "m1", "a@x.y");
  put(workspace_, "m2", "b@x.y");
  put(workspace_, "m1", "a@x.y");  // sent again: replaces itself
  const auto all = sandbox_.list(workspace_, "", 0, 10);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].message_id, "m2");
  EXPECT_EQ(sandbox_.list(workspace_, "a@x.y", 0, 10).size(), 1u);
  EXPECT_EQ(sandbox_.list(workspace_, "", all[0].id, 10).size(), 1u);
  EXPECT_TRUE(sandbox_.list(WorkspaceId{99}, "", 0, 10).empty());
}

TEST_F(EmailChannelTest, TheSandboxKeepsWhatSeveralThreadsPutAtOnce) {
  constexpr size_t kEach = 40;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (size_t n = 0; n < kEach; ++n) {
        const std::string id = std::to_string(t) + "-" + std::to_string(n);
        sandbox_.put(workspace_, {0, id, "f", "a@x.y", "raw " + id, clock.now()});
        // What was put is there as soon as the call returns.
        EXPECT_FALSE(sandbox_.list(workspace_, "a@x.y", 0, 1).empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> kept;
  for (const SandboxMessage& m : sandbox_.list(workspace_, "", 0, 1'000)) {
    kept.insert(m.message_id);
    EXPECT_EQ(m.raw, "raw " + m.message_id);
  }
  EXPECT_EQ(kept.size(), 6 * kEach);
}

}  // namespace
}  // namespace rapport
