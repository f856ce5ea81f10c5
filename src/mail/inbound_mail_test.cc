#include "mail/inbound_mail.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits/delivery.h"

namespace rapport {
namespace {

std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
  return out;
}

/// A report as Postfix, Exchange, Gmail and others lay it out.
std::string report(const std::string& status_fields, const std::string& original = "") {
  return crlf(
      "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\n"
      "To: bounce+x@in.shop.example\nSubject: Undelivered Mail Returned to Sender\n"
      "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status;\n"
      "\tboundary=\"9B095B5ADSN=_01\"\n\nThis is a MIME message.\n\n--9B095B5ADSN=_01\n"
      "Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n"
      "I'm sorry to have to inform you that your message could not be delivered.\n\n"
      "--9B095B5ADSN=_01\nContent-Type: message/delivery-status\n\n"
      "Reporting-MTA: dns; mx.example\nX-Postfix-Queue-ID: 4F1\n"
      "Arrival-Date: Wed, 4 Mar 2026 09:00:00 +0100 (CET)\n\n" +
      status_fields + "\n" +
      (original.empty() ? std::string("--9B095B5ADSN=_01\nContent-Type: text/rfc822-headers\n\n"
                                      "Message-ID: <msg_1@shop.example>\nSubject: Spring\n\n")
                        : original) +
      "--9B095B5ADSN=_01--\n");
}

TEST(InboundMail, ReadsDeliveryReportsOfManyServers) {
  struct Case {
    const char* fields;
    ReportAction action;
    const char* recipient;
    const char* status;
    MailFailure failure;
  };
  const Case cases[] = {
      {"Final-Recipient: rfc822; Ann@Example.org\nOriginal-Recipient: rfc822;ann@example.org\n"
       "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mail.example.org\n"
       "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected:\n"
       "    User unknown in virtual mailbox table\n",
       ReportAction::kFailed, "ann@example.org", "5.1.1", MailFailure::kBadMailbox},
      {"Final-Recipient: rfc822; a@gmail.com\nAction: failed\nStatus: 5.2.2\n"
       "Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over "
       "quota.\n",
       ReportAction::kFailed, "a@gmail.com", "5.2.2", MailFailure::kMailboxFull},
      {"Final-Recipient: rfc822;b@outlook.com\nAction: failed\nStatus: 5.5.0\n"
       "Diagnostic-Code: smtp;550 5.5.0 Requested action not taken: mailbox unavailable\n",
       ReportAction::kFailed, "b@outlook.com", "5.5.0", MailFailure::kBadMailbox},
      {"Final-Recipient: rfc822;c@corp.example\nAction: failed\nStatus: 5.7.1\n"
       "Diagnostic-Code: smtp;550 5.7.1 Message rejected as spam by Content Filtering.\n",
       ReportAction::kFailed, "c@corp.example", "5.7.1", MailFailure::kContent},
      {"Final-Recipient: rfc822; d@yahoo.com\nAction: failed\nStatus: 5.0.0\n"
       "Diagnostic-Code: smtp; 554 delivery error: dd This user doesn't have a yahoo.com account: "
       "no such user\n",
       ReportAction::kFailed, "d@yahoo.com", "5.0.0", MailFailure::kBadMailbox},
      {"Final-Recipient: rfc822; e@nowhere.example\nAction: failed\nStatus: 5.4.4\n"
       "Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error\n",
       ReportAction::kFailed, "e@nowhere.example", "5.4.4", MailFailure::kBadDomain},
      {"Final-Recipient: rfc822; f@slow.example\nAction: delayed\nStatus: 4.4.1\n"
       "Will-Retry-Until: Mon, 9 Mar 2026 09:00:00 +0100\n"
       "Diagnostic-Code: X-Postfix; connect to slow.example[192.0.2.1]:25: Connection timed out\n",
       ReportAction::kDelayed, "f@slow.example", "4.4.1", MailFailure::kUnreachable},
      {"Final-Recipient: rfc822; g@ok.example\nAction: delivered\nStatus: 2.0.0\n"
       "Diagnostic-Code: smtp; 250 2.0.0 Ok: queued as 1234\n",
       ReportAction::kDelivered, "g@ok.example", "2.0.0", MailFailure::kNone},
      {"Final-Recipient: rfc822; h@mx.example\nAction: relayed (to mailer without DSN)\n"
       "Status: 2.6.0\n",
       ReportAction::kRelayed, "h@mx.example", "2.6.0", MailFailure::kNone},
      {"Final-Recipient: RFC822; <i@x.example>\nAction: Failed\nStatus: 5.7.26 (unauthenticated)\n"
       "Diagnostic-Code: smtp; 550-5.7.26 This mail is unauthenticated, SPF and DKIM did not "
       "pass\n",
       ReportAction::kFailed, "i@x.example", "5.7.26", MailFailure::kPolicy},
  };
  for (const Case& c : cases) {
    const InboundMail mail = read_inbound_mail(report(c.fields));
    EXPECT_EQ(mail.kind, InboundKind::kReport) << c.recipient;
    ASSERT_EQ(mail.recipients.size(), 1u) << c.recipient;
    EXPECT_EQ(mail.recipients[0].action, c.action) << c.recipient;
    EXPECT_EQ(mail.recipients[0].recipient, c.recipient);
    EXPECT_EQ(mail.recipients[0].status, c.status) << c.recipient;
    EXPECT_EQ(mail_failure_name(mail.recipients[0].failure), mail_failure_name(c.failure))
        << c.recipient;
    EXPECT_EQ(mail.original_message_id, "msg_1@shop.example");
  }
}

TEST(InboundMail, ReadsTheReturnedMessageItself) {
  const InboundMail mail = read_inbound_mail(
      report("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n",
             "--9B095B5ADSN=_01\nContent-Type: message/rfc822\n\nFrom: shop@shop.example\n"
             "Message-ID: <msg_2@shop.example>\n"
             "List-Unsubscribe: <https://me.example/t/u/TOKEN>\n\nhello\n"));
  EXPECT_EQ(mail.original_message_id, "msg_2@shop.example");
  EXPECT_NE(mail.original_headers.find("https://me.example/t/u/TOKEN"), std::string::npos);
}

TEST(InboundMail, ReadsAbuseReports) {
  const InboundMail mail = read_inbound_mail(crlf(
      "From: <abusedesk@isp.example>\nSubject: FW: Spring\nMIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=feedback-report; boundary=\"p7\"\n\n"
      "--p7\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
      "--p7\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
      "User-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Mail-From: <x@shop.example>\n"
      "Original-Rcpt-To: <Ann@isp.example>\n\n"
      "--p7\nContent-Type: message/rfc822\n\nMessage-ID: <msg_3@shop.example>\nSubject: Spring\n\n"
      "hi\n--p7--\n"));
  EXPECT_EQ(mail.kind, InboundKind::kComplaint);
  EXPECT_EQ(mail.feedback_type, "abuse");
  ASSERT_EQ(mail.recipients.size(), 1u);
  EXPECT_EQ(mail.recipients[0].recipient, "ann@isp.example");
  EXPECT_EQ(mail.original_message_id, "msg_3@shop.example");
}

TEST(InboundMail, KnowsBouncesWithoutAReport) {
  const InboundMail qmail = read_inbound_mail(
      crlf("From: MAILER-DAEMON@old.example\nSubject: failure notice\n\n"
           "Hi. This is the qmail-send program at old.example.\n"
           "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
           "<ann@old.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"));
  EXPECT_EQ(qmail.kind, InboundKind::kReport);
  ASSERT_EQ(qmail.recipients.size(), 1u);
  EXPECT_EQ(qmail.recipients[0].status, "5.1.1");
  EXPECT_EQ(qmail.recipients[0].failure, MailFailure::kBadMailbox);
}

TEST(InboundMail, TellsPeopleFromMachines) {
  struct Case {
    const char* headers;
    InboundKind kind;
  };
  const Case cases[] = {
      {"Subject: Re: Spring\n", InboundKind::kReply},
      {"Subject: Re: Spring\nAuto-Submitted: no\n", InboundKind::kReply},
      {"Subject: Away\nAuto-Submitted: auto-replied\n", InboundKind::kAutomatic},
      {"Subject: Out of Office: Spring\n", InboundKind::kAutomatic},
      {"Subject: =?utf-8?B?6Ieq5YqoC+WbnuWkjQ==?=\nX-Autoreply: yes\n", InboundKind::kAutomatic},
      {"Subject: x\nPrecedence: auto_reply\n", InboundKind::kAutomatic},
      {"Subject: Trả lời tự động: Spring\n", InboundKind::kAutomatic},
  };
  for (const Case& c : cases) {
    const InboundMail mail = read_inbound_mail(
        crlf(std::string("From: Ann <Ann@Example.org>\nMessage-ID: <r1@example.org>\n"
                         "In-Reply-To: <msg_4@shop.example>\n"
                         "References: <a@b> <msg_4@shop.example>\n") +
             c.headers +
             "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
             "Cảm ơn, yes please!\n\nOn Wed, Shop wrote:\n> Spring\n> sale\n"));
    EXPECT_EQ(mail.kind, c.kind) << c.headers;
    EXPECT_EQ(mail.from, "ann@example.org");
    EXPECT_EQ(mail.message_id, "r1@example.org");
    EXPECT_EQ(mail.references.front(), "msg_4@shop.example");
    EXPECT_EQ(mail.text, c.kind == InboundKind::kReply ? "Cảm ơn, yes please!" : "");
  }
}

TEST(InboundMail, RefusesWhatIsTooMuch) {
  std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 10'000; ++i) parts += "--b\r\n\r\nx\r\n";
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += "Content-Type: message/rfc822\r\n\r\n";
  std::string deep;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "n" + std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=\"" + name + "\"\r\n\r\n--" + name + "\r\n";
  }
  const std::string headers = "Subject: " + std::string(400'000, 'x') + "\r\n\r\n";
  const std::string large = "Subject: x\r\n\r\n" + std::string(limits::kMaxInboundBytes, 'x');
  for (const std::string* raw :
       std::initializer_list<const std::string*>{&parts, &nested, &deep, &headers, &large}) {
    EXPECT_TRUE(inbound_problem(*raw)) << raw->substr(0, 60);
    EXPECT_THROW(read_inbound_mail(*raw), Error);
  }
  for (const char* raw :
       {"", "\r\n", "x", "Content-Type: multipart/report\r\n\r\n--\r\n",
        "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nAction\r\n:\r\n\r\n--b--"}) {
    EXPECT_NO_THROW(read_inbound_mail(raw)) << raw;
  }
}

}  // namespace
}  // namespace rapport
