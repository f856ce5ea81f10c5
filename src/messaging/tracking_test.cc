#include "messaging/tracking.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "runtime/random.h"

namespace rapport {
namespace {

SecretKey key_of(unsigned char byte) {
  std::array<unsigned char, SecretKey::kBytes> bytes{};
  bytes.fill(byte);
  return SecretKey(bytes);
}

class TrackingTest : public testing::Test {
 protected:
  /// `html` with tracking, click links shown as [target] and without the pixel.
  std::string tracked(std::string_view html) {
    std::string out = add_tracking(html, links_);
    const std::string pixel = "<img src=\"" + links_.open_pixel() + "\"";
    const size_t at = out.find(pixel);
    EXPECT_NE(at, std::string::npos) << out;
    EXPECT_EQ(out.find(pixel, at + 1), std::string::npos) << out;
    if (at != std::string::npos) out.erase(at, out.find('>', at) - at + 1);
    const std::string click = "https://me.example/t/c/";
    for (size_t link = out.find(click); link != std::string::npos; link = out.find(click)) {
      const size_t end = out.find_first_of("\"'> ", link);
      const auto opened = signer_.open(
          LinkKind::kClick,
          std::string_view(out).substr(link + click.size(), end - link - click.size()));
      EXPECT_TRUE(opened) << out;
      out.replace(link, end - link, "[" + (opened ? opened->url : "?") + "]");
    }
    return out;
  }

  LinkSigner signer_{key_of(7)};
  MessageLinks links_{signer_, "https://me.example", WorkspaceId{3}, MessageId{99}};
};

TEST_F(TrackingTest, LinksComeBackAsTheyWere) {
  for (const auto kind : {LinkKind::kOpen, LinkKind::kClick, LinkKind::kUnsubscribe}) {
    for (const std::string& url : {std::string(), std::string("https://x.y/?a=1&b=2"),
                                   std::string("https://x.y/\0é", 15), std::string(4'000, 'x')}) {
      const std::string token = signer_.sign({kind, WorkspaceId{3}, MessageId{UINT64_MAX}, url});
      const auto link = signer_.open(kind, token);
      ASSERT_TRUE(link);
      EXPECT_EQ(link->workspace.value, 3u);
      EXPECT_EQ(link->message.value, UINT64_MAX);
      EXPECT_EQ(link->url, url);
      EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                std::string::npos);
    }
  }
}

TEST_F(TrackingTest, AlteredLinksAreNone) {
  const std::string token =
      signer_.sign({LinkKind::kClick, WorkspaceId{3}, MessageId{99}, "https://x.y/path"});
  ASSERT_TRUE(signer_.open(LinkKind::kClick, token));
  EXPECT_FALSE(signer_.open(LinkKind::kOpen, token));
  EXPECT_FALSE(signer_.open(LinkKind::kUnsubscribe, token));
  EXPECT_FALSE(LinkSigner(key_of(8)).open(LinkKind::kClick, token));
  const std::string letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. %\n";
  for (size_t at = 0; at < token.size(); ++at) {
    for (const char c : letters) {
      if (c == token[at]) continue;
      std::string altered = token;
      altered[at] = c;
      EXPECT_FALSE(signer_.open(LinkKind::kClick, altered)) << at << c;
    }
    EXPECT_FALSE(signer_.open(LinkKind::kClick, token.substr(0, at)));
    EXPECT_FALSE(signer_.open(LinkKind::kClick, token.substr(at + 1)));
  }
  for (const char* more : {"=", "==", "A", "AA", "AAAA", " ", ".gif"}) {
    EXPECT_FALSE(signer_.open(LinkKind::kClick, token + more)) << more;
  }
  EXPECT_FALSE(signer_.open(LinkKind::kClick, std::string(10'000, 'A')));
  SeededRandom random(2);
  for (int i = 0; i < 5'000; ++i) {
    EXPECT_FALSE(signer_.open(LinkKind::kClick, base64url_encode(random.bytes(random.below(80)))));
  }
}

TEST_F(TrackingTest, RewritesWebLinks) {
  const std::pair<std::string_view, std::string_view> cases[]{
      {R"(<a href="https://x.y">t</a>)", R"(<a href="[https://x.y]">t</a>)"},
      {R"(<a href='http://x.y/a b'>t</a>)", R"(<a href="[http://x.y/a b]">t</a>)"},
      {R"(<a href=https://x.y/z>t</a>)", R"(<a href="[https://x.y/z]">t</a>)"},
      {R"(<a href=https://x.y/z/>t</a>)", R"(<a href="[https://x.y/z/]">t</a>)"},
      {R"(<A HREF="HTTPS://x.y">t</A>)", R"(<A HREF="[HTTPS://x.y]">t</A>)"},
      {R"(<a class="b" title='>' href = "https://x.y" id=i>t</a>)",
       R"(<a class="b" title='>' href = "[https://x.y]" id=i>t</a>)"},
      {R"(<area href="https://x.y"/>)", R"(<area href="[https://x.y]"/>)"},
      {R"(<a href="https://x.y/?a=1&amp;b=2&#38;c=3&#x26;d=&quot;e&#39;&apos;">t</a>)",
       R"(<a href="[https://x.y/?a=1&b=2&c=3&d="e'']">t</a>)"},
      {"<a href=\" https://x.y/a\r\n\tb \">t</a>", R"(<a href="[https://x.y/ab]">t</a>)"},
      {"<a href=\"https://x.y/a&#13;&#10;Set-Cookie:b\">t</a>",
       R"(<a href="[https://x.y/aSet-Cookie:b]">t</a>)"},
      {R"(<a href="https://x.y/&eacute;&bogus;&#233;&#;&#x;">t</a>)",
       R"(<a href="[https://x.y/&eacute;&bogus;&#233;&#;&#x;]">t</a>)"},
      {R"(1 < 2 <a href="https://x.y">t</a> 3 > 2)",
       R"(1 < 2 <a href="[https://x.y]">t</a> 3 > 2)"},
      {R"(<a href="https://1.y">1</a><a href="https://2.y">2</a>)",
       R"(<a href="[https://1.y]">1</a><a href="[https://2.y]">2</a>)"},
      {R"(<a data-href="https://x.y" href="https://z.y">t</a>)",
       R"(<a data-href="https://x.y" href="[https://z.y]">t</a>)"},
  };
  for (const auto& [html, expected] : cases) EXPECT_EQ(tracked(html), expected) << html;
}

TEST_F(TrackingTest, LeavesEverythingElse) {
  for (const std::string_view html : {
           R"(<a href="mailto:a@b.c">t</a>)",
           R"(<a href="tel:+84">t</a>)",
           R"(<a href="#top">t</a>)",
           R"(<a href="/relative?a=1&amp;b">t</a>)",
           R"(<a href="">t</a>)",
           R"(<a href>t</a>)",
           R"(<a name="x">t</a>)",
           R"x(<a href="javascript:alert(1)">t</a>)x",
           R"(<a href="ftp://x.y">t</a>)",
           R"(<a href="httpss://x.y">t</a>)",
           R"(<a href="https:/x.y">t</a>)",
           R"(<link href="https://x.y/style.css">)",
           R"(<img src="https://x.y/i.png" alt="a > b">)",
           R"(<abbr href="https://x.y">t</abbr>)",
           R"(<form action="https://x.y"></form>)",
           R"(<!-- <a href="https://x.y">t</a> -->)",
           R"(<!--[if mso]><a href="https://x.y">t</a><![endif]-->)",
           R"(<!-- never closed <a href="https://x.y">)",
           R"(<!DOCTYPE html><?xml version="1.0"?>)",
           "a < b",
           "<",
           "<a",
           "<a ",
           "<a href",
           "<a href=",
           "<>",
           "< a href='https://x.y'>",
           "",
           R"(text "quoted" & 'more')",
       }) {
    EXPECT_EQ(tracked(html), html);
  }
  const std::string control = "<a href=\"https://x.y/\x01\">t</a>";
  EXPECT_EQ(tracked(control), control);
  const std::string endless = R"(<a href="https://x.y/)" + std::string(5'000, 'p') + R"(">t</a>)";
  EXPECT_EQ(tracked(endless), endless);
}

TEST_F(TrackingTest, MalformedTagsEndSomewhere) {
  for (const std::string_view html :
       {R"(<a href="https://x.y)", R"(<a href='https://x.y>t</a>)", R"(<a =href="https://x.y">t)",
        R"(<a href="https://x.y"href="https://z.y">t)", R"(<a/href="https://x.y"/>t)",
        R"(<a href=https://x.y"b'c>t</a>)", R"(<a href="https://x.y" <b>t</b>)"}) {
    const std::string out = tracked(html);
    EXPECT_NE(out.find("[https://"), std::string::npos) << out;
    EXPECT_EQ(out.find("\"\""), std::string::npos) << out;
  }
  SeededRandom random(5);
  const std::string alphabet = "<>a/ =\"'!-&;#hrefhttps://x.y\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string html;
    for (uint64_t n = random.below(60); n > 0; --n) html += alphabet[random.below(alphabet.size())];
    EXPECT_GE(add_tracking(html, links_).size(), html.size());
  }
}

TEST_F(TrackingTest, OursAreNotWrappedAgain) {
  const std::string ours = "<a href=\"" + links_.unsubscribe() + "\">u</a><a href=\"" +
                           links_.click("https://x.y") + "\">c</a>";
  EXPECT_EQ(tracked(ours),
            "<a href=\"" + links_.unsubscribe() + "\">u</a>" + "<a href=\"[https://x.y]\">c</a>");
  const std::string once = add_tracking(R"(<a href="https://x.y">t</a>)", links_);
  const std::string twice = add_tracking(once, links_);
  EXPECT_EQ(twice.substr(0, once.find("<img")), once.substr(0, once.find("<img")));
  // Another page of the same host is a page like any other.
  EXPECT_EQ(tracked(R"(<a href="https://me.example/shop">t</a>)"),
            R"(<a href="[https://me.example/shop]">t</a>)");
}

TEST_F(TrackingTest, ThePixelStandsAtTheEndOfTheBody) {
  const std::string pixel = "<img src=\"" + links_.open_pixel() + "\"";
  const std::pair<std::string_view, std::string_view> cases[]{
      {"<html><body>t</body></html>", "</body></html>"},
      {"<HTML><BODY>t</BODY ></HTML>", ""},
      {"<HTML><BODY>t</Body></HTML>", "</Body></HTML>"},
      {"<body>a</body><body>b</body>", "</body>"},
      {"t", ""},
  };
  for (const auto& [html, rest] : cases) {
    const std::string out = add_tracking(html, links_);
    const size_t at = out.find(pixel);
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(out.substr(out.find('>', at) + 1), rest) << html;
  }
}

}  // namespace
}  // namespace rapport
