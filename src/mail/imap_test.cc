// Against a server that answers as Dovecot does, in the test's process.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/imap_client.h"

namespace rapport {
namespace {

class ImapServer {
 public:
  ImapServer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 4), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ImapServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  ImapConfig config() const {
    ImapConfig config;
    config.host = "127.0.0.1";
    config.port = port_;
    config.security = SmtpSecurity::kNone;
    config.username = "bounces@shop.example";
    config.password = "a \"quoted\\ secret";
    return config;
  }

  // Changed only between polls.
  std::map<int, std::string> messages;
  int validity = 7;
  std::string lie;  // in place of the next FETCH's answer
  std::vector<std::string> commands;

 private:
  void run() {
    while (true) {
      peer_ = accept(listener_, nullptr, nullptr);
      if (peer_ < 0) return;
      input_.clear();
      say("* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE AUTH=PLAIN] Dovecot "
          "(Debian) ready.");
      while (const auto line = read_line()) {
        const size_t space = line->find(' ');
        if (space == std::string::npos) break;
        commands.push_back(line->substr(space + 1));
        if (!answer(line->substr(0, space), commands.back())) break;
      }
      close(peer_);
    }
  }

  bool answer(const std::string& tag, const std::string& command) {
    if (command.starts_with("LOGIN ")) {
      const bool good = command == R"(LOGIN "bounces@shop.example" "a \"quoted\\ secret")";
      say(tag + (good ? " OK [CAPABILITY IMAP4rev1 UIDPLUS] Logged in"
                      : " NO [AUTHENTICATIONFAILED] Authentication failed."));
    } else if (command.starts_with("EXAMINE")) {
      say("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)");
      say("* " + std::to_string(messages.size()) + " EXISTS");
      say("* OK [UIDVALIDITY " + std::to_string(validity) + "] UIDs valid");
      say(tag + " OK [READ-ONLY] Examine completed (0.001 + 0.000 secs).");
    } else if (command.starts_with("UID SEARCH")) {
      const size_t at = command.find("UID SEARCH UID ");
      const int from = at == 0 ? std::stoi(command.substr(15)) : 0;
      std::string found = "* SEARCH";
      for (const auto& [uid, text] : messages) {
        if (uid >= from || uid == messages.rbegin()->first) found += " " + std::to_string(uid);
      }
      say(found);
      say(tag + " OK Search completed (0.001 + 0.000 secs).");
    } else if (command.starts_with("UID FETCH")) {
      const int uid = std::stoi(command.substr(10));
      const std::string& text = messages.at(uid);
      if (!lie.empty()) {
        say(lie);
        lie.clear();
        return false;
      }
      if (command.find("SIZE") != std::string::npos) {
        say("* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " +
            std::to_string(text.size()) + ")");
      } else {
        say("* 1 FETCH (UID " + std::to_string(uid) + " BODY[] {" + std::to_string(text.size()) +
            "}\r\n" + text + ")");
      }
      say(tag + " OK Fetch completed (0.001 + 0.000 secs).");
    } else {
      say("* BYE Logging out");
      say(tag + " OK Logout completed (0.001 + 0.000 secs).");
      return false;
    }
    return true;
  }

  void say(const std::string& line) {
    const std::string bytes = line + "\r\n";
    (void)!send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  std::optional<std::string> read_line() {
    size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos) {
      char buffer[4096];
      const ssize_t n = recv(peer_, buffer, sizeof buffer, 0);
      if (n <= 0) return std::nullopt;
      input_.append(buffer, static_cast<size_t>(n));
    }
    std::string line = input_.substr(0, end);
    input_.erase(0, end + 2);
    return line;
  }

  int listener_ = -1;
  int peer_ = -1;
  uint16_t port_ = 0;
  std::string input_;
  std::thread thread_;
};

TEST(Imap, ReadsWhatIsNewAndOnlyOnce) {
  ImapServer server;
  server.messages = {{3, "Subject: old\r\n\r\nx\r\n"}};
  ImapPosition position;
  std::vector<std::string> got;
  const auto use = [&](const std::string& raw) { got.push_back(raw); };
  // The first look only finds out where to begin.
  EXPECT_EQ(poll_imap(server.config(), position, use), std::nullopt);
  EXPECT_EQ(position, (ImapPosition{7, 3}));
  EXPECT_EQ(poll_imap(server.config(), position, use), std::nullopt);
  EXPECT_TRUE(got.empty());
  server.messages[4] = "Subject: a\r\n\r\n) r1 OK fake\r\n{5}\r\n";
  server.messages[9] = std::string("Subject: b\r\n\r\n\0\xFF\r\n", 18);
  EXPECT_EQ(poll_imap(server.config(), position, use), std::nullopt);
  EXPECT_EQ(got, (std::vector<std::string>{server.messages[4], server.messages[9]}));
  EXPECT_EQ(position, (ImapPosition{7, 9}));
  // Numbered anew: nothing is read twice.
  server.validity = 8;
  EXPECT_EQ(poll_imap(server.config(), position, use), std::nullopt);
  EXPECT_EQ(position, (ImapPosition{8, 9}));
  EXPECT_EQ(got.size(), 2u);
  for (const std::string& command : server.commands) {
    EXPECT_EQ(command.find("STORE"), std::string::npos);
    EXPECT_EQ(command.find("SELECT"), std::string::npos);
  }
}

TEST(Imap, GoesOnWhereItFailed) {
  ImapServer server;
  server.messages = {{1, "A: 1\r\n\r\n"}, {2, "A: 2\r\n\r\n"}};
  ImapPosition position{7, 0};
  int calls = 0;
  EXPECT_THROW((void)poll_imap(server.config(), position,
                               [&](const std::string&) {
                                 if (++calls == 2) throw std::runtime_error("disk");
                               }),
               std::runtime_error);
  EXPECT_EQ(position.last_uid, 1);
  EXPECT_EQ(poll_imap(server.config(), position, [&](const std::string&) { ++calls; }),
            std::nullopt);
  EXPECT_EQ(position.last_uid, 2);
  EXPECT_EQ(calls, 3);
}

TEST(Imap, BoundsWhatAServerSays) {
  for (const std::string& lie :
       {std::string("* 1 FETCH (BODY[] {999999999}"), std::string("* 1 FETCH {5}\r\nab"),
        std::string(2 * limits::kMaxImapLineBytes, 'x')}) {
    ImapServer server;
    server.messages = {{1, "A: 1\r\n\r\n"}};
    server.lie = lie;
    ImapPosition position{7, 0};
    EXPECT_TRUE(poll_imap(server.config(), position, [](const std::string&) {}));
    EXPECT_EQ(position.last_uid, 0);
  }
  ImapServer server;
  ImapConfig config = server.config();
  config.password = "wrong";
  ImapPosition position;
  const auto reason = poll_imap(config, position, [](const std::string&) {});
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->find("wrong"), std::string::npos);
  config.password = "a\r\nb";
  EXPECT_TRUE(poll_imap(config, position, [](const std::string&) {}));
}

}  // namespace
}  // namespace rapport
