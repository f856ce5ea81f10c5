// A receiver that fails at every step of the protocol, in every way: what the client makes of it,
// and that nothing is lost or sent twice by it.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "mail/smtp_client.h"

namespace rapport {
namespace {

enum class Way { kDrop, kHang, k421, k450, k550, kNonsense, kEndless, kHuge };
constexpr Way kWays[] = {Way::kDrop, Way::kHang,     Way::k421,     Way::k450,
                         Way::k550,  Way::kNonsense, Way::kEndless, Way::kHuge};

/// Fails at `step` on its first connection, and serves well on all later ones.
class FailingServer {
 public:
  FailingServer(SmtpPhase step, Way way, bool pipelining)
      : step_(step), way_(way), pipelining_(pipelining) {
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
  ~FailingServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  uint16_t port() const { return port_; }
  /// Messages taken whole.
  int received() const { return received_; }

 private:
  void run() {
    for (int number = 0; !stopping_; ++number) {
      peer_ = accept(listener_, nullptr, nullptr);
      if (peer_ < 0) return;
      input_.clear();
      talk(number == 0);
      close(peer_);
    }
  }

  void talk(bool failing) {
    if (!answer(SmtpPhase::kGreeting, failing, "220 hi")) return;
    while (const auto line = read_line()) {
      const std::string verb = to_lower_ascii(line->substr(0, 4));
      bool going = true;
      if (verb == "ehlo") {
        going =
            answer(SmtpPhase::kHello, failing, pipelining_ ? "250-hi\r\n250 PIPELINING" : "250 hi");
      } else if (verb == "helo") {
        going = answer(SmtpPhase::kHello, failing, "250 hi");
      } else if (verb == "mail") {
        going = answer(SmtpPhase::kMail, failing, "250 2.1.0 ok");
      } else if (verb == "rcpt") {
        going = answer(SmtpPhase::kRecipient, failing, "250 2.1.5 ok");
      } else if (verb == "data") {
        going = answer(SmtpPhase::kData, failing, "354 go");
        if (going && (step_ != SmtpPhase::kData || !failing)) going = take_message(failing);
      } else {
        say("250 ok");
      }
      if (!going) return;
    }
  }

  bool take_message(bool failing) {
    bool empty = true;
    while (const auto line = read_line()) {
      if (*line != ".") {
        empty = false;
        continue;
      }
      // A lone dot is how a client gets out of a DATA that came too far.
      if (empty) return say("554 5.5.1 no valid recipients");
      ++received_;
      return answer(SmtpPhase::kDot, failing, "250 2.0.0 taken");
    }
    return false;
  }

  bool answer(SmtpPhase step, bool failing, const std::string& good) {
    if (!failing || step != step_) return say(good);
    switch (way_) {
      case Way::kDrop:
        return false;
      case Way::kHang:
        read_line();  // until the client gives up
        return false;
      case Way::k421:
        say("421 4.3.2 closing");
        return false;
      case Way::k450:
        return say("450 4.2.1 busy");
      case Way::k550:
        return say("550 5.7.1 no");
      case Way::kNonsense:
        return say("\x01\x02 what?");
      case Way::kEndless:
        while (say("250-and so on")) {
        }
        return false;
      case Way::kHuge:
        return say("250 " + std::string(1 << 20, 'x'));
    }
    return false;
  }

  bool say(const std::string& text) {
    const std::string line = text + "\r\n";
    return send(peer_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
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

  const SmtpPhase step_;
  const Way way_;
  const bool pipelining_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> received_{0};
  int listener_ = -1;
  int peer_ = -1;
  uint16_t port_ = 0;
  std::string input_;
  std::thread thread_;
};

const std::string kMime = "Subject: x\r\n\r\n.\r\nhello\r\n";

class SmtpFailures : public testing::TestWithParam<bool> {};

TEST_P(SmtpFailures, EveryStepInEveryWay) {
  for (const SmtpPhase step : {SmtpPhase::kGreeting, SmtpPhase::kHello, SmtpPhase::kMail,
                               SmtpPhase::kRecipient, SmtpPhase::kData, SmtpPhase::kDot}) {
    for (const Way way : kWays) {
      const std::string what =
          std::string(smtp_phase_name(step)) + " way " + std::to_string(static_cast<int>(way));
      FailingServer server(step, way, GetParam());
      SmtpConfig config;
      config.host = "127.0.0.1";
      config.port = server.port();
      config.connect_timeout = config.command_timeout = std::chrono::milliseconds(150);
      config.deadline = std::chrono::milliseconds(300);
      SmtpClient client(config);
      const SmtpOutcome outcome = client.send("a@b.co", "c@d.ee", kMime);
      EXPECT_FALSE(outcome.accepted()) << what;
      EXPECT_FALSE(outcome.text.empty()) << what;
      if (way == Way::k421 || way == Way::k450) {
        EXPECT_EQ(outcome.status, SmtpStatus::kTransient) << what << outcome.text;
        EXPECT_EQ(outcome.phase, step) << what;
      } else if (way == Way::k550 && step != SmtpPhase::kHello) {
        EXPECT_EQ(outcome.status, SmtpStatus::kPermanent) << what << outcome.text;
        EXPECT_EQ(outcome.phase, step) << what;
      } else if (way != Way::k550) {
        EXPECT_EQ(outcome.status, SmtpStatus::kConnection) << what << outcome.text;
      }
      EXPECT_EQ(outcome.is_provider_trouble(),
                outcome.status == SmtpStatus::kConnection || step < SmtpPhase::kMail)
          << what;
      // Nothing went out before the dot, and one message at most with it.
      EXPECT_EQ(server.received(), step == SmtpPhase::kDot ? 1 : 0) << what;
      // The next try gets through.
      const SmtpOutcome again = client.send("a@b.co", "c@d.ee", kMime);
      EXPECT_TRUE(again.accepted() || way == Way::k450 || way == Way::k550)
          << what << ": " << again.text;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPipelining, SmtpFailures, testing::Bool());

}  // namespace
}  // namespace rapport
