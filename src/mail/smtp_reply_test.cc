#include "mail/smtp_reply.h"

#include <gtest/gtest.h>

#include "mail/smtp_client.h"

namespace rapport {
namespace {

TEST(SmtpReply, LinesAreReadWithinBounds) {
  struct Case {
    std::string line;
    int code;
    bool last;
    const char* text;
  };
  const Case cases[] = {
      {"250 2.0.0 ok", 250, true, "2.0.0 ok"},
      {"250-PIPELINING", 250, false, "PIPELINING"},
      {"354", 354, true, ""},
      {"550 a\x01\x7F\tb", 550, true, "a   b"},
      {"450 \xFF\xFE", 450, true, "??"},
  };
  for (const Case& c : cases) {
    const auto reply = parse_smtp_reply_line(c.line);
    ASSERT_TRUE(reply) << c.line;
    EXPECT_EQ(reply->code, c.code);
    EXPECT_EQ(reply->last, c.last);
    EXPECT_EQ(reply->text, c.text);
  }
  for (const char* line :
       {"", "25", "abc", "2x0 ok", "250+ok", "999 x", "150 x", "HTTP/1.1 200 OK"}) {
    EXPECT_FALSE(parse_smtp_reply_line(line)) << line;
  }
  EXPECT_LE(parse_smtp_reply_line("250 " + std::string(100'000, 'x'))->text.size(), 300u);
}

TEST(SmtpReply, FailuresAreClassified) {
  struct Case {
    int code;
    const char* enhanced;
    const char* text;
    MailFailure failure;
    char counts;  // h: hard, s: soft
  };
  const Case cases[] = {
      {250, "2.0.0", "ok", MailFailure::kNone, ' '},
      {550, "5.1.1", "User unknown", MailFailure::kBadMailbox, 'h'},
      {550, "", "no such user here", MailFailure::kBadMailbox, 'h'},
      {551, "", "not local", MailFailure::kBadMailbox, 'h'},
      {550, "5.1.2", "bad host", MailFailure::kBadDomain, 'h'},
      {550, "5.4.4", "Domain not found", MailFailure::kBadDomain, 'h'},
      {552, "5.2.2", "full", MailFailure::kMailboxFull, 's'},
      {452, "", "insufficient storage", MailFailure::kMailboxFull, 's'},
      {552, "5.3.4", "too big", MailFailure::kSize, ' '},
      {554, "5.7.1", "blocked using zen.spamhaus.org", MailFailure::kContent, ' '},
      {554, "5.7.1", "Client host blocked by blocklist", MailFailure::kPolicy, ' '},
      {550, "5.7.26", "SPF fail", MailFailure::kPolicy, ' '},
      {550, "5.7.1", "Relay access denied", MailFailure::kPolicy, ' '},
      {550, "5.7.1", "Recipient rejected: user unknown", MailFailure::kBadMailbox, 'h'},
      {550, "5.6.0", "conversion", MailFailure::kContent, ' '},
      {421, "4.7.28", "unusual rate", MailFailure::kRate, ' '},
      {450, "4.2.0", "Greylisted", MailFailure::kRate, ' '},
      {451, "4.3.0", "try later", MailFailure::kUnreachable, 's'},
      {535, "5.7.8", "bad credentials", MailFailure::kSignIn, ' '},
      {0, "5.1.10", "", MailFailure::kBadDomain, 'h'},
      {0, "", "", MailFailure::kOther, 's'},
      {554, "", "transaction failed", MailFailure::kPolicy, ' '},
  };
  for (const Case& c : cases) {
    const MailFailure failure = classify_failure(c.code, c.enhanced, c.text);
    EXPECT_EQ(mail_failure_name(failure), mail_failure_name(c.failure)) << c.text;
    EXPECT_EQ(is_hard_failure(failure), c.counts == 'h') << c.text;
    EXPECT_EQ(is_soft_failure(failure), c.counts == 's') << c.text;
  }
}

/// What a receiver makes of it: lines up to the lone dot, one dot off each that begins with one.
std::string unstuffed(std::string_view wire) {
  std::string out;
  while (!wire.empty()) {
    const size_t end = wire.find("\r\n");
    std::string_view line = wire.substr(0, end);
    wire.remove_prefix(end + 2);
    if (line == ".") {
      EXPECT_TRUE(wire.empty());
      return out;
    }
    if (line.starts_with('.')) line.remove_prefix(1);
    out += line;
    out += "\r\n";
  }
  ADD_FAILURE() << "no end";
  return out;
}

TEST(DotStuffing, ComesBackWhateverTheLinesAre) {
  // Every text of up to five pieces, over the pieces that matter.
  const std::string pieces[] = {".", "\r\n", "a", "..", "\r\n.\r\n"};
  for (size_t n = 0; n < 5 * 5 * 5 * 5 * 5; ++n) {
    std::string text;
    for (size_t rest = n, i = 0; i < 5; ++i, rest /= 5) text += pieces[rest % 5];
    const std::string ended = text.ends_with("\r\n") ? text : text + "\r\n";
    EXPECT_EQ(unstuffed(dot_stuffed(text)), ended) << n;
  }
}

}  // namespace
}  // namespace rapport
