#include <gtest/gtest.h>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "mail/calendar.h"
#include "mail/inbound_mail.h"
#include "mail/mime.h"
#include "mail/mime_reader.h"

namespace rapport {
namespace {

MailMessage message() {
  MailMessage mail;
  mail.from = {"Shop", "shop@x.y"};
  mail.to = {"", "ann@z.example"};
  mail.subject = "Invitation";
  mail.html = "<p>Hi</p>";
  mail.text = "Hi";
  mail.message_id = "m1@x.y";
  return mail;
}

std::string refused_field(const MailMessage& mail) {
  try {
    build_mime(mail);
  } catch (const Error& error) {
    return error.fields().at(0).field;
  }
  return "";
}

TEST(Attachments, ComeAfterTheTextInAMixedMessage) {
  MailMessage mail = message();
  mail.attachments = {{"Hóa đơn tháng 3 — bản in rất dài, dài hơn một dòng.pdf", "application/pdf",
                       std::string("%PDF\0\r\n.\r\n", 10)},
                      {"plain.txt", "text/plain", "hello"}};
  const std::string mime = build_mime(mail);
  EXPECT_EQ(mime, build_mime(mail));
  EXPECT_NE(mime.find("Content-Type: multipart/mixed;"), std::string::npos);
  EXPECT_NE(mime.find("filename=\"plain.txt\"\r\n"), std::string::npos);
  EXPECT_NE(mime.find(" filename*0*=utf-8''H%C3%B3a%20%C4%91%C6%A1n"), std::string::npos);
  EXPECT_NE(mime.find(base64_encode(mail.attachments[0].content)), std::string::npos);
  for (const std::string_view line : split(mime, '\n')) EXPECT_LE(line.size(), 79u) << line;
  const ParsedMail parsed = parse_mail(mime);
  EXPECT_EQ(parsed.text, "Hi");
  EXPECT_EQ(parsed.html, "<p>Hi</p>\n");
  EXPECT_NE(
      mime.find(
          ";\r\n name=\"attachment.pdf\"\r\nContent-Disposition: attachment;\r\n filename*0*="),
      std::string::npos);
  // Another parser agrees that it is sound.
  EXPECT_FALSE(inbound_problem(mime));
}

TEST(Attachments, AreBoundedAndNamed) {
  const auto with = [](Attachment attachment) {
    MailMessage mail = message();
    mail.attachments = {std::move(attachment)};
    return refused_field(mail);
  };
  EXPECT_EQ(with({"a.pdf", "application/pdf", "x"}), "");
  EXPECT_EQ(with({"", "application/pdf", "x"}), "attachments.filename");
  EXPECT_EQ(with({"../a", "application/pdf", "x"}), "attachments.filename");
  EXPECT_EQ(with({"a\r\nX: y", "application/pdf", "x"}), "attachments.filename");
  EXPECT_EQ(with({std::string(151, 'a'), "application/pdf", "x"}), "attachments.filename");
  for (const char* type :
       {"", "pdf", "a/b\r\nX: y", "a/b/c", "multipart/mixed", "message/rfc822"}) {
    EXPECT_EQ(with({"a", type, "x"}), "attachments.content_type") << type;
  }
  EXPECT_EQ(with({"a", "a/b", std::string(limits::kMaxAttachmentBytes + 1, 'x')}),
            "attachments.content");
  MailMessage many = message();
  many.attachments.assign(limits::kMaxAttachments + 1, {"a", "a/b", "x"});
  EXPECT_EQ(refused_field(many), "attachments");
  many.attachments.assign(3, {"a", "a/b", std::string(limits::kMaxAttachmentBytes, 'x')});
  EXPECT_EQ(refused_field(many), "attachments");
}

CalendarEvent event() {
  CalendarEvent e;
  e.uid = "evt-1@x.y";
  e.created_at = *parse_timestamp("2026-02-01T08:00:00Z");
  e.start = *parse_timestamp("2026-03-01T12:00:00+07:00");
  e.end = *parse_timestamp("2026-03-01T13:30:00+07:00");
  e.summary = "Khai trương; cửa hàng, mới";
  e.description = "Line one\nLine two\r\nEND:VEVENT\r\nX-EVIL:1 " + std::string(300, 'd');
  e.location = "Hà Nội";
  e.organizer = {"Shop \"One\"", "shop@x.y"};
  e.attendee = {"Ann", "ann@z.example"};
  return e;
}

TEST(Calendar, IsARequestOfOneEvent) {
  const std::string text = build_calendar(event());
  for (const char* line :
       {"METHOD:REQUEST\r\n", "UID:evt-1@x.y\r\n", "DTSTAMP:20260201T080000Z\r\n",
        "DTSTART:20260301T050000Z\r\n", "DTEND:20260301T063000Z\r\n", "STATUS:CONFIRMED\r\n",
        "SUMMARY:Khai trương\\; cửa hàng\\, mới\r\n",
        "ORGANIZER;CN=\"Shop One\":mailto:shop@x.y"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_EQ(text.find("\r\nX-EVIL"), std::string::npos);
  size_t ends = 0;
  for (const std::string_view line : split(text, '\n')) {
    EXPECT_LE(line.size(), 76u);
    EXPECT_TRUE(is_valid_utf8(line));
    ends += line == "END:VEVENT\r" ? 1 : 0;
  }
  EXPECT_EQ(ends, 1u);
  CalendarEvent gone = event();
  gone.cancelled = true;
  EXPECT_NE(build_calendar(gone).find("METHOD:CANCEL\r\n"), std::string::npos);
}

TEST(Calendar, TravelsAsAnAlternative) {
  MailMessage mail = message();
  mail.calendar = build_calendar(event());
  const std::string mime = build_mime(mail);
  EXPECT_NE(mime.find("Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"),
            std::string::npos);
  mail.html.clear();
  EXPECT_NE(build_mime(mail).find("multipart/alternative"), std::string::npos);
}

TEST(Calendar, RefusesByField) {
  const auto field_of = [](const CalendarEvent& e) -> std::string {
    try {
      build_calendar(e);
    } catch (const Error& error) {
      return error.fields().at(0).field;
    }
    return "";
  };
  CalendarEvent e = event();
  e.end = e.start - std::chrono::hours(1);
  EXPECT_EQ(field_of(e), "end");
  e = event();
  e.summary = " ";
  EXPECT_EQ(field_of(e), "summary");
  e = event();
  e.attendee.address = "x\r\ny@z";
  EXPECT_EQ(field_of(e), "attendee");
  e = event();
  e.description = std::string(limits::kMaxCalendarBytes, 'x');
  EXPECT_EQ(field_of(e), "description");
}

}  // namespace
}  // namespace rapport
