#include "liquid/template.h"
#include "base/limits/templates.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

namespace rapport::liquid {
namespace {

std::string render(std::string_view source, std::string_view json = "{}",
                   const RenderOptions& options = {}) {
  return Template::parse(source).render(parse_json_value(json), options);
}

std::string render_html(std::string_view source, std::string_view json = "{}") {
  RenderOptions options;
  options.escape_html = true;
  return render(source, json, options);
}

struct Case {
  const char* source;
  const char* json;
  const char* expected;
};

TEST(Template, Renders) {
  const Case cases[] = {
      {"Xin chào {{ customer.traits.first_name | default: \"bạn\" }}!", "{}", "Xin chào bạn!"},
      {"{{ customer.traits.first_name | default: \"there\" }}",
       R"({"customer":{"traits":{"first_name":"Ánh"}}})", "Ánh"},
      {"{{ a.b[0][\"c d\"] | upcase | append: '!' }}", R"({"a":{"b":[{"c d":"x"}]}})", "X!"},
      {"{{ a[-1] }}{{ a.first }}{{ a.size }}", R"({"a":[1,2,3]})", "313"},
      {"{% for i in (1..3) reversed %}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}",
       "{}", "3,2,1"},
      {"{% for p in o %}{{ p[0] }}={{ p[1] }};{% endfor %}", R"({"o":{"b":1,"a":2}})", "b=1;a=2;"},
      {"{% for i in a %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif "
       "%}{{ i }}{% endfor %}",
       R"({"a":[1,2,3,4,5]})", "13"},
      {"{% case t %}{% when 'gold', 'silver' %}A{% when nil %}B{% else %}C{% endcase %}",
       R"({"t":"silver"})", "A"},
      {"{{ 'now' | date: '%Y' }}", "{}", "now"},
      {"{{ '2026-11-22T07:05:09Z' | date: '%A %-d %B %Y, %l:%M %p %j %s' }}", "{}",
       "Sunday 22 November 2026,  7:05 AM 326 1795331109"},
      {"{{ 'March 14, 2016' | date: '%b %d, %y' }}", "{}", "Mar 14, 16"},
      {"{{ 1152098955 | date: '%m/%d/%Y %H:%M:%S %z' }}", "{}", "07/05/2006 11:29:15 +0000"},
      {"{{ 'not a date' | date: '%Y' }}", "{}", "not a date"},
      {"{{ '2021-01-03' | date: '%G-W%V-%u %U %W' }}", "{}", "2020-W53-7 01 00"},
      {"{{ 'nguyễn văn ánh' | upcase }} {{ 'ĐẶNG ƯỚC' | downcase }} {{ 'ánh' | capitalize }}", "{}",
       "NGUYỄN VĂN ÁNH đặng ước Ánh"},
      {"{{ '你好世界' | slice: 1, 2 }} {{ '你好世界' | truncate: 3, '…' }} {{ '你好' | size }}",
       "{}", "好世 你好… 2"},
      {"{{ 9223372036854775807 | plus: 1 }}", "{}", "9.223372036854776e+18"},
      {"{{ o | json }}", R"({"o":{"a":[1,"x\"y",null,1.5]}})", R"({"a":[1,"x\"y",null,1.5]})"},
      {"{{ a | sort: 'n' | map: 'n' | join: ',' }}", R"({"a":[{"n":3},{"n":1},{},{"n":2}]})",
       "1,2,3,"},
      {"{{ a | uniq | join: ',' }}", R"({"a":[1,"1",2,1,"1"]})", "1,1,2"},
      {"{% liquid\n assign x = 2\n if x > 1\n echo x\n endif\n%}", "{}", "2"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render(one.source, one.json), one.expected) << one.source;
  }
}

TEST(Template, ComputesDecimals) {
  EXPECT_EQ(render("{{ 10.1 | plus: 2.2 }}"), "12.3");
  EXPECT_EQ(render("{{ 0.1 | times: 3 }}"), "0.3");
  EXPECT_EQ(render("{{ 1.005 | round: 2 }}"), "1.01");
  EXPECT_EQ(render("{{ 2.5 | round }} {{ -2.5 | round }} {{ 1234 | round: -2 }}"), "3 -3 1200");
  EXPECT_EQ(render("{{ -7 | divided_by: 2 }} {{ -7 | modulo: 3 }}"), "-4 2");
  EXPECT_EQ(render("{{ x | times: x }}", R"({"x":1e300})"), "Infinity");
  EXPECT_EQ(render("{{ 19.99 | times: 3 | plus: 4.5 }}"), "64.47");
}

TEST(Template, EscapesHtml) {
  const Case cases[] = {
      {"<b>{{ x }}</b>", R"({"x":"<script>&'\""})", "<b>&lt;script&gt;&amp;&#39;&quot;</b>"},
      {"{{ x | raw }}", R"({"x":"<i>"})", "<i>"},
      {"{{ x | escape }}", R"({"x":"<i>"})", "&lt;i&gt;"},
      {"{{ x | raw | append: '<b>' }}", R"({"x":"<i>"})", "&lt;i&gt;&lt;b&gt;"},
      {"{{ x | newline_to_br }}", R"({"x":"<i>\nb"})", "&lt;i&gt;<br />\nb"},
      {"{% capture c %}<p>{{ x }}</p>{% endcapture %}{{ c }}", R"({"x":"<i>"})",
       "<p>&lt;i&gt;</p>"},
      {"{% assign c = x | raw %}{{ c }}{{ x }}", R"({"x":"<i>"})", "<i>&lt;i&gt;"},
      {"{{ a }}", R"({"a":["<",">"]})", "&lt;&gt;"},
      {"{{ o }}", R"({"o":{"<":1}})", "{&quot;&lt;&quot;=&gt;1}"},
      {"{% cycle '<', '>' %}{% echo x %}", R"({"x":"&"})", "&lt;&amp;"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render_html(one.source, one.json), one.expected) << one.source;
  }
  EXPECT_EQ(render("{{ x }}", R"({"x":"<i>"})"), "<i>");
}

struct ErrorCase {
  const char* source;
  size_t line;
  size_t column;
  ErrorCode code;
};

TEST(Template, ErrorsNameThePlace) {
  constexpr auto kSyntax = ErrorCode::kInvalidArgument;
  constexpr auto kRender = ErrorCode::kUnprocessable;
  const ErrorCase cases[] = {
      {"a\nb {{ x", 2, 3, kSyntax},
      {"{% if x %}\n{% endfor %}", 2, 1, kSyntax},
      {"{% if x %}", 1, 1, kSyntax},
      {"{% endif %}", 1, 1, kSyntax},
      {"{{ x | nosuch }}", 1, 8, kSyntax},
      {"\n\n{{ x | append }}", 3, 8, kSyntax},
      {"{{ x | upcase: 1 }}", 1, 8, kSyntax},
      {"{{ 'abc }}", 1, 4, kSyntax},
      {"{% nosuch %}", 1, 1, kSyntax},
      {"{% assign = 1 %}", 1, 11, kSyntax},
      {"{% for x of y %}{% endfor %}", 1, 10, kSyntax},
      {"{{ a b }}", 1, 6, kSyntax},
      {"{{ a $ }}", 1, 6, kSyntax},
      {"{% raw %}", 1, 1, kSyntax},
      {"{% comment %}", 1, 1, kSyntax},
      {"{% liquid\n if x\n%}", 2, 2, kSyntax},
      {"x\n {{ 1 | divided_by: 0 }}", 2, 9, kRender},
      {"{% if 1 < 'a' %}{% endif %}", 1, 9, kRender},
  };
  for (const auto& one : cases) {
    try {
      render(one.source);
      ADD_FAILURE() << one.source;
    } catch (const TemplateError& error) {
      EXPECT_EQ(error.code(), one.code) << one.source;
      EXPECT_EQ(error.line(), one.line) << one.source << error.public_detail();
      EXPECT_EQ(error.column(), one.column) << one.source << error.public_detail();
      const std::string place =
          "line " + std::to_string(one.line) + ", column " + std::to_string(one.column) + ": ";
      EXPECT_EQ(error.public_detail(), place + error.message());
    }
  }
}

void expect_stopped(const std::string& source, const RenderOptions& options = {}) {
  try {
    const std::string output = Template::parse(source).render({}, options);
    ADD_FAILURE() << source.substr(0, 100) << " gave " << output.size() << " bytes";
  } catch (const TemplateError&) {
  }
}

TEST(Template, HostileTemplatesEnd) {
  const std::string bombs[] = {
      "{% for i in (1..1000000000) %}{% endfor %}",
      "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
      "{% for i in (1..100000) %}0123456789abcdef{% endfor %}",
      "{% assign a = 'aaaaaaaa' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor "
      "%}",
      "{% assign a = 'a,a,a' | split: ',' %}{% for i in (1..100) %}{% assign a = a | concat: a "
      "%}{% "
      "endfor %}",
      "{% capture a %}{% for i in (1..9999) %}0123456789{% endfor %}{% endcapture %}"
      "{% assign b = a | replace: '', a %}",
      "{% capture a %}{% for i in (1..9999) %}0123456789{% endfor %}{% endcapture %}"
      "{% assign b = (1..99999) | join: a %}",
      "{{ (1..99999999999) | reverse }}",
      "{% for i in (1..99999) %}{% assign a = (1..9999) | sort %}{% endfor %}",
      "{% capture a %}{% for i in (1..60000) %}0123456789{% endfor %}{% endcapture %}"
      "{% for i in (1..99999) %}{% if a == b or a contains 'x' %}{% endif %}{% endfor %}",
      "{% tablerow i in (1..9223372036854775807) %}{% endtablerow %}",
      "{% for i in (-9223372036854775807..9223372036854775807) %}{% endfor %}",
  };
  for (const auto& bomb : bombs) expect_stopped(bomb);
  RenderOptions small;
  small.max_output_bytes = 10;
  expect_stopped("01234567890", small);
  EXPECT_EQ(Template::parse("0123456789").render({}, small), "0123456789");
  small = {};
  small.max_steps = 50;
  expect_stopped("{% for i in (1..100) %}{{ i }}{% endfor %}", small);
}

class MapPartials final : public Partials {
 public:
  explicit MapPartials(std::map<std::string, std::string> sources) : sources_(std::move(sources)) {}
  std::optional<Template> find(PartialKind kind, std::string_view name) const override {
    const std::string prefix = kind == PartialKind::kLayout ? "layout:" : "";
    const auto found = sources_.find(prefix + std::string(name));
    return found == sources_.end() ? std::nullopt : std::optional(Template::parse(found->second));
  }

 private:
  std::map<std::string, std::string> sources_;
};

const MapPartials& partials() {
  static const MapPartials all({
      {"who", "[{{ who }}{{ x }}{{ name }}]"},
      {"set", "{% assign x = 'changed' %}"},
      {"row", "{{ forloop.index }}/{{ forloop.length }}:{{ row }};"},
      {"shop/card", "({{ card.n }})"},
      {"stop", "a{% break %}b"},
      {"count", "{% increment c %}"},
      {"nested", "{% render 'who', who: 'n' %}"},
      {"includes", "{% include 'who' %}"},
      {"loop", "{% render 'loop' %}"},
      {"twice", "{% render 'twice' %}{% render 'twice' %}"},
      {"fails", "ok\n {{ 1 | divided_by: 0 }}"},
      {"broken", "a\nb {% nosuch %}"},
      {"html", "<i>{{ x }}</i>"},
      {"layout:page", "<html>{{ title }}{{ content_for_layout }}</html>"},
      {"layout:outer", "{% layout 'page' %}<main>{{ content_for_layout }}</main>"},
      {"layout:self", "{% layout 'self' %}"},
  });
  return all;
}

TEST(Partials, AreRendered) {
  const Case cases[] = {
      {"{% render 'who' %}", R"({"x":1,"name":"N"})", "[1N]"},
      {"{% assign x = 2 %}{% render 'who' %}", R"({"x":1})", "[1]"},
      {"{% assign x = 2 %}{% include 'who' %}", R"({"x":1})", "[2]"},
      {"{% render 'who' with 5 %}{% render 'who' with 5 as x %}", "{}", "[5][5]"},
      {"{% render 'who', who: 'a', x: 1 %}{{ who }}{{ x }}", "{}", "[a1]"},
      {"{% render 'set' %}{{ x }}{% include 'set' %}{{ x }}", "{}", "changed"},
      {"{% render 'row' for a %}", R"({"a":["x","y"]})", "1/2:x;2/2:y;"},
      {"{% render 'row' for (1..2) as row %}", "{}", "1/2:1;2/2:2;"},
      {"{% render 'row' for a %}", R"({"a":[]})", ""},
      {"{% render 'row' for nothing %}", "{}", "/:;"},
      {"{% render 'shop/card' for a %}", R"({"a":[{"n":1},{"n":2}]})", "(1)(2)"},
      {"{% include 'shop/card' for a %}", R"({"a":[{"n":1},{"n":2}]})", "(1)(2)"},
      {"{% include 'row' with a as row %}", R"({"a":["x","y"]})", "/:x;/:y;"},
      {"{% for i in (1..3) %}{{ i }}{% render 'stop' %}{% endfor %}", "{}", "1a2a3a"},
      {"{% for i in (1..3) %}{{ i }}{% include 'stop' %}{% endfor %}", "{}", "1a"},
      {"{% increment c %}{% render 'count' %}{% include 'count' %}", "{}", "001"},
      {"{% assign n = 'who' %}{% include n %}", R"({"x":1})", "[1]"},
      {"{% render 'nested' %}", "{}", "[n]"},
      {"{% layout 'page' %}body{% assign title = 't' %}", "{}", "<html>tbody</html>"},
      {"{% layout 'outer' %}body", "{}", "<html><main>body</main></html>"},
      {"{% layout 'page' %}{% layout none %}body", "{}", "body"},
  };
  RenderOptions options;
  options.partials = &partials();
  for (const auto& one : cases) {
    EXPECT_EQ(render(one.source, one.json, options), one.expected) << one.source;
  }
  options.layout = "page";
  EXPECT_EQ(render("body", "{}", options), "<html>body</html>");
  EXPECT_EQ(render("{% layout none %}body", "{}", options), "body");
  options.escape_html = true;
  EXPECT_EQ(render("<b>{{ x }}</b>{% render 'html' %}", R"({"x":"<","title":">"})", options),
            "<html>&gt;<b>&lt;</b><i>&lt;</i></html>");
}

struct PartialErrorCase {
  const char* source;
  const char* partial;
  size_t line;
  size_t column;
};

TEST(Partials, ErrorsNameThePlace) {
  const PartialErrorCase cases[] = {
      {"x\n{% render 'absent' %}", "", 2, 1},    {"{% include 7 %}", "", 1, 1},
      {"{% include nothing %}", "", 1, 1},       {"{% layout 'absent' %}", "", 1, 1},
      {"{% render 'fails' %}", "fails", 2, 9},   {"{% include 'fails' %}", "fails", 2, 9},
      {"{% render 'broken' %}", "broken", 2, 3}, {"{% render 'includes' %}", "includes", 1, 1},
      {"{% render name %}", "", 1, 11},          {"{% render 'who' nonsense %}", "", 1, 17},
      {"{% layout name %}", "", 1, 11},          {"{% render %}", "", 1, 11},
  };
  RenderOptions options;
  options.partials = &partials();
  for (const auto& one : cases) {
    try {
      render(one.source, "{}", options);
      ADD_FAILURE() << one.source;
    } catch (const TemplateError& error) {
      EXPECT_EQ(error.partial(), one.partial) << one.source << error.public_detail();
      EXPECT_EQ(error.line(), one.line) << one.source << error.public_detail();
      EXPECT_EQ(error.column(), one.column) << one.source << error.public_detail();
    }
  }
}

TEST(Partials, AreBounded) {
  RenderOptions options;
  options.partials = &partials();
  for (const char* bomb :
       {"{% render 'loop' %}", "{% render 'twice' %}", "{% layout 'self' %}",
        "{% render 'row' for (1..1000000000) %}", "{% include 'who' %}{% include 'loop' %}"}) {
    expect_stopped(bomb, options);
  }
  expect_stopped("{% render 'who' %}");
}

/// Moves on by a millisecond every time it is looked at.
class TickingClock final : public Clock {
 public:
  Timestamp now() const override { return {}; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(ticks_++));
  }

 private:
  mutable int ticks_ = 0;
};

TEST(Template, TimeIsBounded) {
  const TickingClock clock;
  RenderOptions options;
  options.clock = &clock;
  EXPECT_EQ(render("{% for i in (1..9) %}{{ i }}{% endfor %}", "{}", options), "123456789");
  const std::string slow = "{% for i in (1..90000) %}{% if i == 0 %}x{% endif %}{% endfor %}";
  EXPECT_EQ(render(slow), "");
  expect_stopped(slow, options);
}

TEST(Template, TellsWhatItUses) {
  const Template parsed = Template::parse(
      "{% layout 'page' %}{{ a.b }}\n{{ c | default: 'x' | upcase }}{% if x %}\n"
      "{% render 'one' %}{% include 'two' %}{% include n %}{% echo d %}{{ a[0] }}{{ 'text' }}"
      "{% endif %}{% liquid\n echo e\n render 'three' %}");
  const auto& uses = parsed.uses();
  using Name = TemplateUses::PartialName;
  const std::vector<Name> wanted = {{PartialKind::kLayout, "page"},
                                    {PartialKind::kBlock, "one"},
                                    {PartialKind::kBlock, "two"},
                                    {PartialKind::kBlock, "three"}};
  EXPECT_EQ(uses.partials, wanted);
  ASSERT_EQ(uses.outputs.size(), 4u);
  EXPECT_EQ(uses.outputs[0].path, "a.b");
  EXPECT_FALSE(uses.outputs[0].has_default);
  EXPECT_EQ(uses.outputs[1].path, "c");
  EXPECT_TRUE(uses.outputs[1].has_default);
  EXPECT_EQ(uses.outputs[1].line, 2u);
  EXPECT_EQ(uses.outputs[2].path, "d");
  EXPECT_EQ(uses.outputs[2].line, 3u);
  EXPECT_EQ(uses.outputs[3].path, "e");
}

std::string repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Template, NestingIsBounded) {
  const size_t depth = limits::kMaxTemplateDepth;
  EXPECT_EQ(render(repeat("{% if true %}", depth) + "x" + repeat("{% endif %}", depth)), "x");
  expect_stopped(repeat("{% if true %}", depth + 1) + repeat("{% endif %}", depth + 1));
  expect_stopped("{{ " + repeat("a[", 100'000) + "0" + repeat("]", 100'000) + " }}");
  expect_stopped("{{ " + repeat("(", 100'000) + " }}");
  expect_stopped("{% " + repeat("liquid ", 100'000) + " %}");
  EXPECT_EQ(render("{% if true" + repeat(" and true", 50'000) + " %}x{% endif %}"), "x");
  EXPECT_EQ(render("{{ 1" + repeat(" | plus: 1", 50'000) + " }}"), "50001");
  expect_stopped(std::string(limits::kMaxTemplateBytes + 1, 'x'));
}

TEST(Template, NowComesFromTheOptions) {
  RenderOptions options;
  options.now = parse_timestamp("2026-11-22T07:53:59Z");
  EXPECT_EQ(render("{{ 'now' | date: '%F' }} {{ 'today' | date: '%T' }}", "{}", options),
            "2026-11-22 07:53:59");
}

TEST(Template, IsSharedBetweenThreads) {
  const Template shared =
      Template::parse("{% for i in (1..50) %}{{ i | times: n }},{% endfor %}{% increment c %}");
  const std::string expected = shared.render(Object{{"n", 3}});
  std::vector<std::thread> threads;
  std::vector<std::string> results(4);
  for (auto& result : results) {
    threads.emplace_back([copy = shared, &result] {
      for (int i = 0; i < 20; ++i) result = copy.render(Object{{"n", 3}});
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Template, OutlivesItsSource) {
  auto source = std::make_unique<std::string>("{% for item in list %}{{ item.name }}{% endfor %}");
  const Template kept = Template::parse(*source);
  source.reset();
  EXPECT_EQ(kept.render(parse_json_value(R"({"list":[{"name":"a"},{"name":"b"}]})")), "ab");
}

}  // namespace
}  // namespace rapport::liquid
