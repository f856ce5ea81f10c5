#include "mail/mime_reader.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "mail/mime.h"

namespace rapport {
namespace {

TEST(MimeReader, DecodesHeaders) {
  const std::pair<const char*, const char*> cases[] = {
      {"plain text", "plain text"},
      {"=?utf-8?Q?Caf=C3=A9_noir?=", "Café noir"},
      {"=?ISO-8859-1?Q?a?=\r\n =?ISO-8859-1?Q?b=E9?= c", "abé c"},
      {"=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"},
      {"=?UTF-8?B?4L!x?= broken", "=?UTF-8?B?4L!x?= broken"},
      {"=?UTF-8?X?a?=", "=?UTF-8?X?a?="},
      {"=?UTF-8?B?/w==?=", "\xEF\xBF\xBD"},
      // A character split over two words, as some senders do.
      {"=?UTF-8?B?5L0=?= =?UTF-8?B?oA==?=", "你"},
      {"=?", "=?"},
      {"a =?utf-8*en?q?b?= c", "a b c"},
  };
  for (const auto& [text, decoded] : cases) EXPECT_EQ(decode_header_text(text), decoded) << text;
}

TEST(MimeReader, ReadsOthersMessages) {
  const std::string mixed =
      "Subject: Folded\n and unfolded\nContent-Type: multipart/mixed; boundary=outer\n\npreamble\n"
      "--outer\nContent-Type: multipart/alternative;\n boundary=\"in ner\"\n\n"
      "--in ner\nContent-Type: text/plain; charset=iso-8859-1\n"
      "Content-Transfer-Encoding: Quoted-Printable\n\ncaf=E9 =\njoined\n\n"
      "--in ner\nContent-Type: TEXT/HTML\nContent-Transfer-Encoding: base64\n\nPGI+\naGk8L2I+\n"
      "--in ner--\n--outer\nContent-Type: application/pdf\n\nxx\n--outer--\nepilogue";
  const ParsedMail mail = parse_mail(mixed);
  EXPECT_EQ(mail.header("subject"), "Folded and unfolded");
  EXPECT_EQ(mail.text, "café joined\n");
  EXPECT_EQ(mail.html, "<b>hi</b>");
}

TEST(MimeReader, SurvivesAnything) {
  MailMessage message;
  message.from = {"A", "a@b.co"};
  message.to = {"B", "b@c.de"};
  message.subject = "é";
  message.html = "<p>x é</p>";
  message.message_id = "a@b";
  const std::string whole = build_mime(message);
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    EXPECT_TRUE(is_valid_utf8(parse_mail(whole.substr(0, cut)).text));
    std::string changed = whole;
    if (cut < changed.size()) changed[cut] = static_cast<char>(0x80 | cut);
    for (const auto& [name, value] : parse_mail(changed).headers) {
      EXPECT_TRUE(is_valid_utf8(name) && is_valid_utf8(value));
    }
  }
  std::string nested = "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 10'000; ++i) nested += "--b\nContent-Type: multipart/mixed; boundary=b\n\n";
  EXPECT_EQ(parse_mail(nested).text, "");
  EXPECT_TRUE(parse_mail("").headers.empty());
}

}  // namespace
}  // namespace rapport
