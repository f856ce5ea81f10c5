#include "mail/css_inliner.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "mail/html_document.h"
#include "mail/mime.h"

namespace rapport {
namespace {

struct Case {
  const char* html;
  const char* expected;
};

TEST(CssInliner, WritesRulesIntoElements) {
  const Case cases[] = {
      {"<p>no style sheet</p>", "<p>no style sheet</p>"},
      {"<style>p{color:red}</style><p>a</p><P>b</P>",
       "<style></style><p style=\"color:red\">a</p><P style=\"color:red\">b</P>"},
      {"<style>p{color:red}</style><p style='margin:0'>a</p>",
       "<style></style><p style=\"color:red; margin:0\">a</p>"},
      // Specificity, then order; the same property once.
      {"<style>#a{color:1}.b{color:2}p{color:3;margin:0}</style><p id=a class='b c'>x</p>",
       "<style></style><p style=\"margin:0; color:1\" id=a class='b c'>x</p>"},
      {"<style>p{color:red!important}.b{color:blue}</style><p class=b>x</p>",
       "<style></style><p style=\"color:red!important\" class=b>x</p>"},
      {"<style>td p{a:1}table>p{a:2}div > b{a:3}</style><table><tr><td><p>x</p></td></tr></table>",
       "<style>table>p{a:2}div > b{a:3}</style><table><tr><td><p style=\"a:1\">x</p></td></tr>"
       "</table>"},
      {"<style>a[href^='https:']{a:1}a[target]{b:2}a[title=x]{c:3}</style><a "
       "href='https://x'>x</a>",
       "<style>a[target]{b:2}a[title=x]{c:3}</style><a style=\"a:1\" href='https://x'>x</a>"},
      // What cannot be inlined stays.
      {"<style>a:hover{color:red}@media (max-width:600px){p{color:red}}p{a:1}</style><p>x</p>",
       "<style>a:hover{color:red}@media (max-width:600px){p{color:red}}</style>"
       "<p style=\"a:1\">x</p>"},
      {"<style>p,p:hover{a:1}</style><p>x</p>",
       "<style>p,p:hover{a:1}</style><p style=\"a:1\">x</p>"},
      {"<style data-inline=false>p{a:1}</style><p>x</p>",
       "<style data-inline=false>p{a:1}</style><p>x</p>"},
      {"<style media=print>p{a:1}</style><p>x</p>", "<style media=print>p{a:1}</style><p>x</p>"},
      {"<style>/* p{} */ p{font-family:\"A B\",c;background:url(x;y)}</style><p>x</p>",
       "<style>/* p{} */ </style><p style=\"font-family:&quot;A B&quot;,c; "
       "background:url(x;y)\">x</p>"},
      {"<style>p{a:1</style><p>x</p>", "<style></style><p style=\"a:1\">x</p>"},
      {"<style></style><p>x</p>", "<style></style><p>x</p>"},
      {"<style>{}}{;</style><p>x</p>", "<style>{}}{;</style><p>x</p>"},
      // Template code keeps its place and its quotes.
      {"<style>p{color:{{ c | default: \"red\" }}}</style>{% if x %}<p {{ y }}>a</p>{% endif %}",
       "<style></style>{% if x %}<p style=\"color:{{ c | default: \"red\" }}\" {{ y }}>a</p>"
       "{% endif %}"},
      {"<style>td{a:1}</style><table>{% for r in rows %}<tr><td>{{ r }}</td></tr>{% endfor %}"
       "</table>",
       "<style></style><table>{% for r in rows %}<tr><td style=\"a:1\">{{ r }}</td></tr>"
       "{% endfor %}</table>"},
      {"<style>a{a:1}</style><a href=\"{{ u | append: \">\" }}\">x</a>",
       "<style></style><a style=\"a:1\" href=\"{{ u | append: \">\" }}\">x</a>"},
  };
  for (const auto& one : cases) EXPECT_EQ(inline_css(one.html), one.expected) << one.html;
}

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(CssInliner, EndsOnHostileInput) {
  const std::string deep =
      "<style>" + repeat("div ", 15) + ".x{a:1}</style>" + repeat("<div>", 390);
  EXPECT_EQ(inline_css(deep), deep);
  const std::string much = "<style>" + repeat("p{a:1}", 5'000) + "</style>" + repeat("<p>", 5'000);
  EXPECT_EQ(inline_css(much), much);
  const std::string open = "<style>b{a:1}</style>" + repeat("<b>", 100'000);
  EXPECT_EQ(inline_css(open), open);
}

TEST(HtmlDocument, RefusesWhatWouldGrow) {
  for (const std::string& html :
       {repeat("<div>", 100'000), repeat("<b><i>", 300) + repeat("<p>x", 100'000),
        repeat("<span x=1>", 150) + repeat("<p>x", 100'000)}) {
    EXPECT_THROW(HtmlDocument{html}, Error) << html.substr(0, 30);
    EXPECT_THROW(html_to_text(html), Error);
  }
  EXPECT_EQ(html_to_text(repeat("<p>x</p>", 10'000)).size(), 3u * 10'000 - 1);
  EXPECT_EQ(html_to_text(repeat("<div>", 300) + "x"), "x\n");
}

TEST(HtmlDocument, MasksTemplateCode) {
  EXPECT_EQ(mask_template_code("a{{ b }}c{% d %}{e}"), "axxxxxxxcxxxxxxx{e}");
  EXPECT_EQ(mask_template_code("{{ open"), "{{ open");
}

}  // namespace
}  // namespace rapport
