#include "messaging/content/content.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "messaging/content/content_check.h"
#include "messaging/content/line_diff.h"

namespace rapport {
namespace {

TEST(Content, NormalisesLanguages) {
  const std::pair<const char*, const char*> cases[] = {
      {"en", "en"},
      {"EN-us", "en-US"},
      {"zh_hant_tw", "zh-Hant-TW"},
      {"vi_VN.UTF-8", "vi-VN"},
      {" de ", "de"},
      {"es-419", "es-419"},
      {"", ""},
      {"english", ""},
      {"e", ""},
      {"en--US", ""},
      {"en-", ""},
      {"../x", ""},
      {"zh-Hans", "zh-Hans"},
      {"en-toolongsubtag", ""},
  };
  for (const auto& [tag, expected] : cases) EXPECT_EQ(normal_language(tag), expected) << tag;
}

TEST(Content, ChoosesTheVariantOfALanguage) {
  struct Case {
    std::vector<std::string> variants;  // beside the default
    const char* customer;
    const char* chosen;
  };
  const Case cases[] = {
      {{"vi", "zh-Hant"}, "vi", "vi"},
      {{"vi", "zh-Hant"}, "vi-VN", "vi"},
      {{"vi", "zh-Hant"}, "zh-HK", "zh-Hant"},
      {{"vi", "zh-Hant"}, "zh_TW", "zh-Hant"},
      {{"vi", "zh-Hant"}, "zh-CN", ""},
      {{"zh-Hans"}, "zh-HK", ""},
      {{"zh-Hans", "zh"}, "zh-HK", "zh"},
      {{"zh-CN", "zh-TW"}, "zh-HK", "zh-TW"},
      {{"zh-CN", "zh-TW"}, "zh-Hans-SG", "zh-CN"},
      {{"zh-HK", "zh-Hant"}, "zh-HK", "zh-HK"},
      {{"zh-HK", "zh-Hant"}, "zh-TW", "zh-Hant"},
      {{"zh"}, "zh-Hans", "zh"},
      {{"en-GB", "en"}, "en-US", "en"},
      {{"en-GB"}, "en-US", ""},
      {{"vi"}, "", ""},
      {{"vi"}, "nonsense language", ""},
  };
  for (const auto& one : cases) {
    std::vector<ContentVariant> variants;
    for (const auto& language : one.variants) {
      variants.emplace_back();
      variants.back().language = language;
    }
    variants.emplace_back();
    EXPECT_EQ(variants[choose_variant(variants, one.customer)].language, one.chosen)
        << one.customer;
  }
}

std::string refused_field(ContentKind kind, std::string_view name,
                          const ContentDocument& document) {
  try {
    check_content(kind, name, document);
    return "";
  } catch (const Error& error) {
    return error.fields().empty() ? "?" : error.fields()[0].field;
  }
}

TEST(Content, NamesTheFieldThatIsWrong) {
  ContentDocument good;
  good.variants = {{"", "Hi", "<p>x</p>", "", ""}, {"vi", "Chào", "<p>x</p>", "", ""}};
  const auto with = [&](auto change) {
    ContentDocument document = good;
    change(document);
    return refused_field(ContentKind::kTemplate, "n", document);
  };
  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_EQ(refused_field(ContentKind::kTemplate, " ", good), "name");
  EXPECT_EQ(with([](auto& d) { d.channel = "fax"; }), "channel");
  EXPECT_EQ(with([](auto& d) { d.editor = "word"; }), "editor");
  EXPECT_EQ(with([](auto& d) { d.variants.clear(); }), "variants");
  EXPECT_EQ(with([](auto& d) { d.variants.erase(d.variants.begin()); }), "variants");
  EXPECT_EQ(with([](auto& d) { d.variants[1].language = ""; }), "variants[1].language");
  EXPECT_EQ(with([](auto& d) { d.variants[1].language = "VI"; }), "variants[1].language");
  EXPECT_EQ(with([](auto& d) { d.variants[1].subject = ""; }), "variants[1].subject");
  EXPECT_EQ(with([](auto& d) { d.variants[0].html = "{{ x"; }), "variants[0].html");
  EXPECT_EQ(with([](auto& d) { d.variants[0].text = "{% nosuch %}"; }), "variants[0].text");
  EXPECT_EQ(with([](auto& d) { d.variants[0].html = ""; }), "variants[0].html");
  EXPECT_EQ(refused_field(ContentKind::kBlock, "a b", good), "name");
  EXPECT_EQ(refused_field(ContentKind::kBlock, "a", good), "variants[0].subject");
}

TEST(Content, BrandIsChecked) {
  Brand brand;
  EXPECT_NO_THROW(check_brand(brand));
  for (const char* color : {"red", "#12", "#12345g", "#12345", "url(x)", ""}) {
    brand.link_color = color;
    EXPECT_THROW(check_brand(brand), Error) << color;
  }
  brand = {};
  brand.font = "Arial; background: url(x)";
  EXPECT_THROW(check_brand(brand), Error);
  brand = {};
  brand.logo_url = "javascript:alert(1)";
  EXPECT_THROW(check_brand(brand), Error);
}

TEST(LineDiff, IsUnified) {
  struct Case {
    const char* before;
    const char* after;
    const char* diff;
  };
  const Case cases[] = {
      {"a\n", "a\n", ""},
      {"", "a\n", "@@ -0,0 +1,1 @@\n+a\n"},
      {"a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
      {"a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
      {"a", "b",
       "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n",
       "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+x\n"},
      {"x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\n8\nY\n",
       "@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-y\n+Y\n"},
      {"x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
       "@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(unified_diff(one.before, one.after), one.diff) << one.before << "->" << one.after;
  }
  std::string many;
  std::string others;
  for (int i = 0; i < 3'000; ++i) {
    many += std::to_string(i) + "\n";
    others += "x" + std::to_string(i) + "\n";
  }
  EXPECT_TRUE(unified_diff(many, others).starts_with("@@ -1,3000 +1,3000 @@\n-0\n"));
}

std::vector<std::string> codes(const std::string& subject, const std::string& html,
                               const std::string& text = "text") {
  const std::string out = "https://shop.example.org/u";
  ContentVariant source{"", subject, html, text, ""};
  std::vector<std::string> found;
  for (const Finding& f : check_message({source, subject, html, text, out})) {
    found.push_back(f.code);
  }
  return found;
}

TEST(ContentCheck, FindsWhatIsWrong) {
  const std::string way_out = "<a href=\"https://shop.example.org/u\">Unsubscribe</a>";
  using Codes = std::vector<std::string>;
  struct Case {
    std::string subject;
    std::string html;
    Codes expected;
  };
  const Case cases[] = {
      {"Hello", "<p>x</p>" + way_out, {}},
      {"Hello", "<p>x</p>", {"no_unsubscribe"}},
      {"", "<p>x</p>" + way_out, {"empty_subject"}},
      {std::string(71, 'a'), way_out, {"long_subject"}},
      {"Hello {{ customer.traits.name }}", way_out, {"missing_fallback"}},
      {"Hello {{ customer.traits.name | default: 'you' }}", way_out, {}},
      {"Hello {{ customer.email }}{{ workspace.name }}", way_out, {}},
      {"Hi", "<img src='https://a.org/x.png' alt='x'>" + std::string(40, 'x') + way_out, {}},
      {"Hi",
       "<img src='https://a.org/x.png'>" + std::string(40, 'x') + way_out,
       {"image_without_alt"}},
      {"Hi", "<img src='https://a.org/x.png' alt=''>" + way_out, {"mostly_images"}},
      {"Hi", "<a href=''>x</a>" + way_out, {"empty_link"}},
      {"Hi", "<a href='/shop'>x</a>" + way_out, {"relative_link"}},
      {"Hi", "<a href='http://localhost:3000/x'>x</a>" + way_out, {"local_link"}},
      {"Hi", "<a href='https://shop'>x</a>" + way_out, {"broken_link"}},
      {"Hi", "<a href='https://a.org/a b'>x</a>" + way_out, {"broken_link"}},
      {"Hi", "<a href='javascript:alert(1)'>x</a>" + way_out, {"unsafe_link"}},
      {"Hi", "<a href='mailto:a@b.org'>x</a><a href='#top'>y</a>" + way_out, {}},
      {"Hi", "<a href='https://evil.org'>https://bank.org</a>" + way_out, {"misleading_link"}},
      {"Hi", "<script>x</script>" + way_out, {"unsupported_element"}},
      {"Hi", "<p style='color:#999;background:#fff'>x</p>" + way_out, {"low_contrast"}},
      {"Hi", "<p style='color:#777;font-size:30px'>x</p>" + way_out, {}},
      {"Hi", "<td bgcolor='#000000'><p>x</p></td>" + way_out, {}},
      {"Hi", "<div style='background-color:black'><p style='color:#fff'>x</p></div>" + way_out, {}},
      {"BUY NOW EVERYTHING", way_out, {"spam_capitals"}},
      {"Buy!!", way_out, {"spam_marks"}},
      {"You are a winner", way_out, {"spam_words"}},
      {"Hi", std::string(103 * 1024, 'x') + way_out, {"too_large"}},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(codes(one.subject, one.html), one.expected) << one.subject << one.html.substr(0, 99);
  }
  EXPECT_EQ(codes("Hi", way_out, ""), Codes{"no_text_part"});
}

TEST(ContentCheck, ComputesContrast) {
  EXPECT_NEAR(*contrast("#000", "white"), 21.0, 0.01);
  EXPECT_NEAR(*contrast("rgb(119, 119, 119)", "#ffffff"), 4.48, 0.01);
  EXPECT_FALSE(contrast("var(--x)", "#fff"));
  EXPECT_FALSE(contrast("#fff", "transparent"));
}

}  // namespace
}  // namespace rapport
