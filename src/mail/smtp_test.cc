#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "base/error.h"
#include "mail/mime.h"
#include "mail/smtp_client.h"
#include "mail/smtp_sink.h"

namespace rapport {
namespace {

SmtpConfig config_for(uint16_t port) {
  SmtpConfig config;
  config.host = "127.0.0.1";
  config.port = port;
  config.connect_timeout = std::chrono::seconds(5);
  config.deadline = std::chrono::seconds(10);
  return config;
}

/// Collects what a sink receives.
struct Mailbag {
  std::mutex mutex;
  std::vector<ReceivedMail> mails;
  SmtpSink::OnMail handler() {
    return [this](ReceivedMail mail) {
      const std::lock_guard lock(mutex);
      mails.push_back(std::move(mail));
      return std::string();
    };
  }
};

const std::string kDotty = "Subject: dots\r\n\r\n.\r\n..\r\n.a\r\nx.\r\n...\r\n\r\n.\r\n";

TEST(Smtp, DeliversByteForByteOverOneConnection) {
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  SmtpClient client(config_for(sink.port()));
  std::vector<std::string> sent = {kDotty, "A: b\r\n\r\n",
                                   "A: b\r\n\r\n" + std::string(900, 'x') + "\r\n"};
  std::string large = "A: b\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) large += ".line " + std::to_string(i) + "\r\n";
  sent.push_back(large);
  for (const auto& mime : sent) {
    const SmtpOutcome outcome = client.send("from@shop.example", "to@example.vn", mime);
    EXPECT_EQ(outcome.status, SmtpStatus::kAccepted) << outcome.text;
    EXPECT_EQ(outcome.reply_code, 250);
    EXPECT_EQ(outcome.enhanced_code, "2.0.0");
  }
  ASSERT_EQ(bag.mails.size(), sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_TRUE(bag.mails[i].data == sent[i]) << i;
    EXPECT_EQ(bag.mails[i].envelope_from, "from@shop.example");
    EXPECT_EQ(bag.mails[i].recipients, std::vector<std::string>{"to@example.vn"});
    EXPECT_EQ(bag.mails[i].connection, 1u);
  }
  EXPECT_EQ(client.connections_opened(), 1);
  EXPECT_EQ(sink.connections(), 1u);
  EXPECT_EQ(sink.messages(), sent.size());
}

struct ReplyCase {
  const char* reply;
  SmtpStatus status;
  int code;
  const char* enhanced;
};

const ReplyCase kReplies[] = {
    {"450 4.2.1 mailbox busy", SmtpStatus::kTransient, 450, "4.2.1"},
    {"452 too many", SmtpStatus::kTransient, 452, ""},
    {"550 5.1.1 no such user", SmtpStatus::kPermanent, 550, "5.1.1"},
    {"552-5.2.2 mailbox\r\n552 5.2.2 full", SmtpStatus::kPermanent, 552, "5.2.2"},
    {"530 5.7.0 sign in first", SmtpStatus::kConnection, 530, "5.7.0"},
};

TEST(Smtp, RepliesToRecipientsAndData) {
  for (const auto& one : kReplies) {
    for (const bool at_recipient : {true, false}) {
      int calls = 0;
      const auto answer = [&] { return std::string(calls++ == 0 ? one.reply : ""); };
      SmtpSink sink(
          0, [&](ReceivedMail) { return at_recipient ? std::string() : answer(); },
          [&](const std::string&) { return at_recipient ? answer() : std::string(); });
      SmtpClient client(config_for(sink.port()));
      const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kDotty);
      EXPECT_EQ(outcome.status, one.status) << one.reply << outcome.text;
      EXPECT_EQ(outcome.reply_code, one.code);
      EXPECT_EQ(outcome.enhanced_code, one.enhanced);
      // The next message goes through, whatever became of the connection.
      EXPECT_TRUE(client.send("a@b.co", "c@d.ee", kDotty).accepted());
    }
  }
}

TEST(Smtp, ReconnectsAfterADrop) {
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  SmtpClient client(config_for(sink.port()));
  EXPECT_TRUE(client.send("a@b.co", "c@d.ee", kDotty).accepted());
  sink.drop_connections();
  SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kDotty);
  if (outcome.status == SmtpStatus::kConnection) outcome = client.send("a@b.co", "c@d.ee", kDotty);
  EXPECT_TRUE(outcome.accepted()) << outcome.text;
  EXPECT_EQ(client.connections_opened(), 2);
  EXPECT_EQ(bag.mails.size(), 2u);
}

/// A listener that plays one scripted connection: answers each received line with the next reply,
/// then closes.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> replies) : replies_(std::move(replies)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  uint16_t port() const { return port_; }

 private:
  void run() {
    const int peer = accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::string input;
    for (size_t i = 0; i < replies_.size(); ++i) {
      const std::string reply = replies_[i] + "\r\n";
      if (send(peer, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
      if (i + 1 < replies_.size() && !read_line(peer, input)) break;
    }
    // Drain before closing, so that the close does not turn into a reset that loses our reply.
    shutdown(peer, SHUT_WR);
    char rest[4096];
    while (recv(peer, rest, sizeof rest, 0) > 0) {
    }
    close(peer);
  }

  static bool read_line(int peer, std::string& input) {
    size_t end = 0;
    while ((end = input.find("\r\n")) == std::string::npos) {
      char buffer[4096];
      const ssize_t n = recv(peer, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      input.append(buffer, static_cast<size_t>(n));
    }
    input.erase(0, end + 2);
    return true;
  }

  std::vector<std::string> replies_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::thread thread_;
};

TEST(Smtp, ServersThatFail) {
  const std::tuple<std::vector<std::string>, SmtpStatus, int> cases[] = {
      {{"421 4.3.2 come back later"}, SmtpStatus::kTransient, 421},
      {{"554 5.7.1 go away"}, SmtpStatus::kPermanent, 554},
      {{"not smtp at all"}, SmtpStatus::kConnection, 0},
      {{"220 hi", "250 hi"}, SmtpStatus::kConnection, 0},
      {{"220 hi", "250 hi", "250 ok", "250 ok", "354 go"}, SmtpStatus::kConnection, 0},
      {{"220 hi", "500 what", "250 hi", "250 ok", "550 no"}, SmtpStatus::kPermanent, 550},
      {{"220 hi", "500 what", "250 hi"}, SmtpStatus::kConnection, 0},
      {{"220 hi", "250 hi", "451 4.7.1 greylisted"}, SmtpStatus::kTransient, 451},
  };
  for (const auto& [replies, status, code] : cases) {
    ScriptedServer server(replies);
    SmtpClient client(config_for(server.port()));
    const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kDotty);
    EXPECT_EQ(outcome.status, status) << replies.back() << ": " << outcome.text;
    EXPECT_EQ(outcome.reply_code, code) << replies.back();
    EXPECT_FALSE(outcome.text.empty());
  }
}

TEST(Smtp, NobodyListens) {
  uint16_t port = 0;
  {
    port = SmtpSink(0, [](ReceivedMail) { return std::string(); }).port();
  }
  SmtpClient client(config_for(port));
  const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kDotty);
  EXPECT_EQ(outcome.status, SmtpStatus::kConnection);
  EXPECT_EQ(outcome.reply_code, 0);
}

TEST(Smtp, StartTlsIsNeverSkipped) {
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  SmtpConfig config = config_for(sink.port());
  config.security = SmtpSecurity::kStartTls;
  config.username = "shop";
  config.password = "hunter2-secret";
  SmtpClient client(config);
  const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kDotty);
  EXPECT_EQ(outcome.status, SmtpStatus::kConnection);
  EXPECT_EQ(outcome.text.find("hunter2"), std::string::npos);
  EXPECT_TRUE(bag.mails.empty());
}

TEST(Smtp, RefusesWhatItMustNotSend) {
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  SmtpClient client(config_for(sink.port()));
  const std::string good = "c@d.ee";
  EXPECT_EQ(client.send("a@b.co>\r\nRCPT TO:<x@y.zz", good, kDotty).status, SmtpStatus::kPermanent);
  EXPECT_EQ(client.send("a@b.co", "c@d.ee>\r\nDATA", kDotty).status, SmtpStatus::kPermanent);
  EXPECT_EQ(client.send("a@b.co", good, "").status, SmtpStatus::kPermanent);
  EXPECT_EQ(client.send("a@b.co", good, "A: b\n\nx\n").status, SmtpStatus::kPermanent);
  EXPECT_EQ(client.send("a@b.co", good, "A: b\r\n\r\n\n.\n").status, SmtpStatus::kPermanent);
  EXPECT_EQ(sink.connections(), 0u);
}

TEST(Smtp, RefusesConfigurationsNamingTheField) {
  const auto field_of = [](SmtpConfig config) -> std::string {
    try {
      SmtpClient client(std::move(config));
    } catch (const Error& error) {
      return error.fields().at(0).field;
    }
    return "";
  };
  SmtpConfig config = config_for(25);
  config.host = "evil/?x@y";
  EXPECT_EQ(field_of(config), "host");
  config = config_for(0);
  EXPECT_EQ(field_of(config), "port");
  config = config_for(25);
  config.helo_name = "a b";
  EXPECT_EQ(field_of(config), "helo_name");
  config = config_for(25);
  config.password = "a\r\nb";
  EXPECT_EQ(field_of(config), "password");
}

TEST(SmtpSink, TakesManyConnectionsAtOnce) {
  constexpr int kClients = 8;
  constexpr int kMessages = 25;
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      SmtpClient client(config_for(sink.port()));
      for (int k = 0; k < kMessages; ++k) {
        EXPECT_TRUE(client.send("a@b.co", "c@d.ee", kDotty).accepted());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bag.mails.size(), static_cast<size_t>(kClients * kMessages));
  EXPECT_EQ(sink.connections(), static_cast<uint64_t>(kClients));
  for (const auto& mail : bag.mails) EXPECT_TRUE(mail.data == kDotty);
}

/// Sends everything at once and returns everything that comes back.
std::string converse(uint16_t port, const std::string& input) {
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(send(peer, input.data(), input.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(input.size()));
  shutdown(peer, SHUT_WR);
  std::string output;
  char buffer[4096];
  while (true) {
    const ssize_t n = recv(peer, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    output.append(buffer, static_cast<size_t>(n));
  }
  close(peer);
  return output;
}

std::string codes_of(const std::string& replies) {
  std::string codes;
  for (size_t at = 0; at < replies.size();) {
    const size_t end = std::min(replies.find("\r\n", at), replies.size());
    if (end - at > 3 && replies[at + 3] == ' ') codes += replies.substr(at, 3) + " ";
    at = end + 2;
  }
  return codes;
}

TEST(SmtpSink, AnswersPipelinedCommandsInOrder) {
  Mailbag bag;
  SmtpSink sink(0, bag.handler());
  const std::string one =
      "MAIL FROM:<a@b.co> SIZE=10\r\nRCPT TO:<c@d.ee>\r\nRCPT TO:<e@f.gg>\r\nDATA\r\n";
  EXPECT_EQ(codes_of(converse(sink.port(), "EHLO x\r\n" + one + "..x\r\n.\r\n" + one +
                                               "y\r\n.\r\nNOOP\r\nQUIT\r\n")),
            "220 250 250 250 250 354 250 250 250 250 354 250 250 221 ");
  ASSERT_EQ(bag.mails.size(), 2u);
  EXPECT_EQ(bag.mails[0].data, ".x\r\n");
  EXPECT_EQ(bag.mails[1].data, "y\r\n");
  EXPECT_EQ(bag.mails[1].recipients.size(), 2u);
  EXPECT_EQ(codes_of(converse(sink.port(),
                              "DATA\r\nRCPT TO:<a@b.co>\r\nMAIL x\r\nFOO\r\nHELO y\r\n"
                              "MAIL FROM:<>\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\nRSET\r\n")),
            "220 503 503 501 500 250 250 503 501 250 ");
  // A lone LF ends no command and no message.
  EXPECT_EQ(codes_of(converse(sink.port(), "NOOP\nQUIT\r\n")), "220 500 ");
  EXPECT_EQ(codes_of(converse(sink.port(), std::string(10'000, 'x'))), "220 ");
}

TEST(SmtpSink, RefusesATakenPort) {
  SmtpSink sink(0, [](ReceivedMail) { return std::string(); });
  EXPECT_THROW(SmtpSink(sink.port(), [](ReceivedMail) { return std::string(); }), Error);
}

}  // namespace
}  // namespace rapport
