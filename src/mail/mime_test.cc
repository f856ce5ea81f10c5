#include "mail/mime.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "mail/mime_reader.h"

namespace rapport {
namespace {

MailMessage sample() {
  MailMessage message;
  message.from = {"Cửa hàng Ánh", "hello@shop.example"};
  message.to = {"Nguyễn Văn Ánh", "anh@example.vn"};
  message.subject = "Xin chào, mừng bạn quay lại — ưu đãi 20 % đang chờ bạn ở cửa hàng 🎁 你好世界";
  message.html =
      "<p>Chào <b>Ánh</b>,</p><p><a href=\"https://shop.example/?a=1&amp;b=2\">Xem</a></p>";
  message.message_id = "msg_0000000000abc@shop.example";
  message.date = *parse_timestamp("2026-11-22T07:53:59Z");
  message.headers = {
      {"List-Unsubscribe", "<https://shop.example/t/u/" + std::string(300, 'x') + ">"},
      {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
  return message;
}

void expect_wire_rules(const std::string& mime, size_t max_line) {
  size_t column = 0;
  size_t longest = 0;
  for (size_t i = 0; i < mime.size(); ++i) {
    const auto byte = static_cast<unsigned char>(mime[i]);
    ASSERT_LT(byte, 0x80) << "8-bit at " << i;
    if (mime[i] == '\n') {
      ASSERT_TRUE(i > 0 && mime[i - 1] == '\r') << "bare LF at " << i;
    }
    if (mime[i] == '\r') {
      ASSERT_TRUE(i + 1 < mime.size() && mime[i + 1] == '\n') << "bare CR at " << i;
      longest = std::max(longest, column);
      column = 0;
    } else if (mime[i] != '\n') {
      ++column;
    }
  }
  EXPECT_LE(longest, max_line);
  EXPECT_TRUE(mime.ends_with("\r\n"));
}

TEST(Mime, ReadsBackWhatWasWritten) {
  const MailMessage message = sample();
  const std::string mime = build_mime(message);
  expect_wire_rules(mime, 998);
  EXPECT_EQ(build_mime(message), mime);
  const ParsedMail mail = parse_mail(mime);
  EXPECT_EQ(mail.header("Subject"), message.subject);
  EXPECT_EQ(mail.header("from"), "Cửa hàng Ánh <hello@shop.example>");
  EXPECT_EQ(mail.header("To"), "Nguyễn Văn Ánh <anh@example.vn>");
  EXPECT_EQ(mail.header("Message-ID"), "<msg_0000000000abc@shop.example>");
  EXPECT_EQ(mail.header("Date"), "Sun, 22 Nov 2026 07:53:59 +0000");
  EXPECT_EQ(mail.header("MIME-Version"), "1.0");
  EXPECT_EQ(mail.header("List-Unsubscribe"), message.headers[0].second);
  EXPECT_EQ(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
  EXPECT_EQ(mail.html, message.html + "\n");
  EXPECT_EQ(mail.text, "Chào Ánh,\n\nXem (https://shop.example/?a=1&b=2)\n");
}

TEST(Mime, HeadersFoldAt78) {
  MailMessage message = sample();
  message.headers.clear();
  message.subject =
      "A long plain subject that has to be folded because it does not fit into one line "
      "of seventy-eight characters, twice";
  message.reply_to = Mailbox{"Somebody, \"quoted\" and rather long for one line of a header field",
                             "support.with.a.long.name@a-long-subdomain.shop.example"};
  const std::string mime = build_mime(message);
  expect_wire_rules(mime, 78);
  const ParsedMail mail = parse_mail(mime);
  EXPECT_EQ(mail.header("Subject"), message.subject);
  EXPECT_EQ(parse_mailbox(mail.header("Reply-To")), *message.reply_to);
}

TEST(Mime, EncodedWordsNeverSplitACharacter) {
  for (size_t shift = 0; shift < 8; ++shift) {
    const std::string text =
        std::string(shift, 'a') + "你好世界欢迎回来我们的商店今天有很多优惠等着您🎁🎁🎁🎁🎁🎁🎁🎁🎁🎁";
    const std::string encoded = encode_header_text(text, 9);
    EXPECT_EQ(decode_header_text(encoded), text);
    size_t at = 0;
    while ((at = encoded.find("=?UTF-8?B?", at)) != std::string::npos) {
      const size_t end = encoded.find("?=", at + 10);
      ASSERT_LE(end + 2 - at, 75u);
      const auto bytes = base64_decode(encoded.substr(at + 10, end - at - 10));
      ASSERT_TRUE(bytes);
      EXPECT_TRUE(is_valid_utf8(*bytes));
      at = end;
    }
  }
}

TEST(Mime, HeaderTextRoundTrips) {
  const std::string cases[] = {"plain",
                               "=?UTF-8?B?eA==?= literal",
                               std::string(200, 'w'),
                               "é",
                               "",
                               " leading",
                               "a  b   c",
                               std::string("x ") + std::string(90, 'y')};
  for (const auto& text : cases) {
    std::string unfolded;
    for (const char c : encode_header_text(text, 9)) {
      if (c != '\r' && c != '\n') unfolded += c;
    }
    EXPECT_EQ(decode_header_text(unfolded), text);
  }
}

TEST(Mime, QuotedPrintable) {
  const std::pair<std::string, std::string> cases[] = {
      {"a=b\n", "a=3Db\r\n"},
      {"é", "=C3=A9\r\n"},
      {"trailing \nx\t\n", "trailing=20\r\nx=09\r\n"},
      {".dot\n..\nFrom me\n", "=2Edot\r\n=2E.\r\n=46rom me\r\n"},
      {"a\rb\r\nc", "a\r\nb\r\nc\r\n"},
      {std::string(76, 'x'), std::string(75, 'x') + "=\r\nx\r\n"},
      {"", ""},
  };
  for (const auto& [text, encoded] : cases) EXPECT_EQ(quoted_printable_encode(text), encoded);
}

TEST(Mime, BodiesOfAnyScriptRoundTrip) {
  for (const std::string& body : {std::string("plain\n"), "你好世界" + std::string(500, 'a') + "\n",
                                  std::string("một\n\n.\n..\n hai  \n"), std::string("=\n==\n")}) {
    MailMessage message = sample();
    message.html.clear();
    message.text = body;
    const std::string mime = build_mime(message);
    expect_wire_rules(mime, 998);
    EXPECT_EQ(parse_mail(mime).text, body);
    EXPECT_EQ(parse_mail(mime).html, "");
  }
  MailMessage message = sample();
  message.text.clear();
  message.html.clear();
  for (int i = 0; i < 500; ++i) message.html += "欢迎回来 ";
  EXPECT_EQ(parse_mail(build_mime(message)).html, message.html);
}

TEST(Mime, RefusesInjectionNamingTheField) {
  const auto field_of = [](const MailMessage& message) -> std::string {
    try {
      build_mime(message);
    } catch (const Error& error) {
      return error.fields().empty() ? "" : error.fields()[0].field;
    }
    return "accepted";
  };
  MailMessage message = sample();
  message.subject = "Hi\r\nBcc: x@y.zz";
  EXPECT_EQ(field_of(message), "subject");
  message = sample();
  message.subject = "bad \xff";
  EXPECT_EQ(field_of(message), "subject");
  message = sample();
  message.from.name = "Shop\nX: y";
  EXPECT_EQ(field_of(message), "from");
  message = sample();
  message.to.address = "a@b.co>\r\nX: y";
  EXPECT_EQ(field_of(message), "to");
  message = sample();
  message.message_id = "a b@c";
  EXPECT_EQ(field_of(message), "message_id");
  message = sample();
  message.headers = {{"X-A", "1\r\nX-B: 2"}};
  EXPECT_EQ(field_of(message), "headers.X-A");
  for (const char* name : {"Subject", "X A", "X:", "", "Bcc"}) {
    message.headers = {{name, "1"}};
    EXPECT_EQ(field_of(message), std::string("headers.") + name);
  }
  message = sample();
  message.html.clear();
  EXPECT_EQ(field_of(message), "text");
}

TEST(Mime, HtmlToText) {
  const std::pair<const char*, const char*> cases[] = {
      {"<h1>Hi</h1><p>a &amp; b&nbsp;&#x4F60;&#22909;</p>", "Hi\n\na & b 你好\n"},
      {"<style>p{}</style><script>x<y</script><p>a</p>", "a\n"},
      {"<ul><li>one</li><li>two</li></ul>end", "- one\n- two\n\nend\n"},
      {"<a href='https://x.example'>https://x.example</a>", "https://x.example\n"},
      {"<a href=https://x.example>go</a> now", "go (https://x.example) now\n"},
      {"<a href='javascript:alert(1)'>go</a>", "go\n"},
      {"a<br>b<br/>c", "a\nb\nc\n"},
      {"<!-- x -->a<!-- unclosed", "a\n"},
      {"1 < 2", "1 < 2\n"},
      {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"},
      {"<ol><li>one<li>two</ol>", "1. one\n2. two\n"},
      {"<p title='a>b'>x</p>&nbsp;&eacute;&rarr;", "x\n\né→\n"},
      {"<div style='display: none'>preview</div><img alt='Logo'>x", "Logox\n"},
      {"a\u200b\u200c&zwnj;b&shy;c", "abc\n"},
      {"<a href='https://x.example?a=1&amp;b=2'>go</a>", "go (https://x.example?a=1&b=2)\n"},
      {"", ""},
  };
  for (const auto& [html, text] : cases) EXPECT_EQ(html_to_text(html), text) << html;
}

}  // namespace
}  // namespace rapport
