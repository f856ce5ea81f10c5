// The filters for the reader's language, zone and country.
#include <gtest/gtest.h>

#include <span>

#include "liquid/phone.h"
#include "liquid/template.h"

namespace rapport::liquid {
namespace {

std::string render(std::string_view source, const std::string& language, std::string_view json) {
  RenderOptions options;
  options.language = language;
  options.time_zone = "Asia/Ho_Chi_Minh";
  options.country = "VN";
  options.currency = "EUR";
  std::string out = Template::parse(source).render(parse_json_value(json), options);
  for (const std::string_view space : {"\u00a0", "\u202f"}) {
    for (size_t at = out.find(space); at != std::string::npos; at = out.find(space)) {
      out.replace(at, space.size(), " ");
    }
  }
  return out;
}

struct Case {
  const char* source;
  const char* language;
  const char* json;
  const char* expected;
};

void expect_cases(std::span<const Case> cases) {
  for (const auto& one : cases) {
    EXPECT_EQ(render(one.source, one.language, one.json), one.expected)
        << one.source << " in " << one.language;
  }
}

TEST(LocalFilters, Money) {
  const Case cases[] = {
      {"{{ 199950 | money }}", "en", "{}", "€1,999.50"},
      {"{{ 199950 | money: 'USD' }}", "vi", "{}", "1.999,50 US$"},
      {"{{ 1999500 | money: 'VND' }}", "vi", "{}", "1.999.500 ₫"},
      {"{{ 199950 | money: 'CNY' }}", "zh-Hans", "{}", "¥1,999.50"},
      {"{{ 199950 | money: 'TWD' }}", "zh-Hant", "{}", "$1,999.50"},
      {"{{ 1999 | money: 'JPY' }}", "en", "{}", "¥1,999"},
      {"{{ 1999 | money: 'KWD' }}", "en", "{}", "KWD 1.999"},
      {"{{ 19.995 | money }}", "en", "{}", "€20.00"},
      {"{{ '19.5' | money: 'usd' }}", "en", "{}", "$19.50"},
      {"{{ -5 | money }}", "en", "{}", "-€0.05"},
      {"{{ x | money }}", "de", R"({"x":{"amount":1234567,"currency":"CHF"}})", "12.345,67 CHF"},
      {"{{ 9223372036854775807 | money }}", "en", "{}", "€92,233,720,368,547,758.07"},
      {"{{ 100 | money: 'EUR', language: 'vi' }}", "en", "{}", "1,00 €"},
      {"{{ '1e99' | money }}{{ '0e999999999' | number }}", "en", "{}", "1e990e999999999"},
      {"{{ 'ten' | money }}{{ nothing | money }}", "en", "{}", "ten"},
      {"{{ 100 | money }}", "xx-nonsense-language", "{}", "€ 1.00"},
      {"{{ 1234567.5 | number }}", "vi", "{}", "1.234.567,5"},
      {"{{ 0.1 | number }} {{ '12' | number }} {{ 'a' | number }}", "en", "{}", "0.1 12 a"},
  };
  expect_cases(cases);
}

TEST(LocalFilters, Dates) {
  // 23:30 on 21 November in UTC is 06:30 on the 22nd in Vietnam.
  const char* at = R"({"t":"2026-11-21T23:30:00Z"})";
  const Case cases[] = {
      {"{{ t | local_date }}", "en", at, "November 22, 2026"},
      {"{{ t | local_date }}", "vi", at, "22 tháng 11, 2026"},
      {"{{ t | local_date }}", "zh-Hans", at, "2026年11月22日"},
      {"{{ t | local_date: 'full' }}", "zh-Hant", at, "2026年11月22日 星期日"},
      {"{{ t | local_date: 'short' }}", "en", at, "11/22/26"},
      {"{{ t | local_date: 'MMMMd' }}", "en", at, "November 22"},
      {"{{ t | local_time }}", "en", at, "6:30 AM"},
      {"{{ t | local_time }}", "vi", at, "06:30"},
      {"{{ t | local_datetime: 'medium' }}", "en", at, "Nov 22, 2026, 6:30 AM"},
      {"{{ t | local_date: 'long', zone: 'UTC' }}", "en", at, "November 21, 2026"},
      {"{{ t | local_date: 'long', zone: 'UTC', language: 'vi' }}", "en", at, "21 tháng 11, 2026"},
      {"{{ 1152098955 | local_date }}", "en", at, "July 5, 2006"},
      {"{{ 'soon' | local_date }}{{ nothing | local_date }}", "en", at, "soon"},
  };
  expect_cases(cases);
}

TEST(LocalFilters, Plurals) {
  const Case cases[] = {
      {"{{ 1 | plural: 'item', 'items' }} {{ 2 | plural: 'item', 'items' }}", "en", "{}",
       "item items"},
      {"{{ 1 | plural: '# item', '# items' }} {{ 1200 | plural: '# item', '# items' }}", "en", "{}",
       "1 item 1,200 items"},
      {"{{ 1 | plural: one: 'one', other: 'other' }}", "vi", "{}", "other"},
      {"{{ 2 | plural: one: '# день', few: '# дня', many: '# дней', other: '# дня' }}", "ru", "{}",
       "2 дня"},
      {"{{ 5 | plural: one: '# день', few: '# дня', many: '# дней', other: '# дня' }}", "ru", "{}",
       "5 дней"},
      {"{{ 1000 | plural: other: '# 项' }}", "zh-Hans", "{}", "1,000 项"},
      {"{{ '3' | plural: 'item', 'items' }}", "en", "{}", "items"},
  };
  expect_cases(cases);
}

TEST(LocalFilters, Phones) {
  const Case cases[] = {
      {"{{ '+84912345678' | phone }}", "en", "{}", "+84 912 345 678"},
      {"{{ '0912 345 678' | phone }}", "en", "{}", "+84 912 345 678"},
      {"{{ '0912345678' | phone: 'e164' }}", "en", "{}", "+84912345678"},
      {"{{ '+84912345678' | phone: 'national' }}", "en", "{}", "0912 345 678"},
      {"{{ '+84912345678' | phone: 'link' }}", "en", "{}", "tel:+84912345678"},
      {"{{ '+1 (212) 555-0123' | phone }}", "en", "{}", "+1 212 555 0123"},
      {"{{ '02079460123' | phone: 'international', country: 'GB' }}", "en", "{}",
       "+44 2079 460 123"},
      {"{{ '008613812345678' | phone }}", "en", "{}", "+86 138 1234 5678"},
      {"{{ '+99532123456' | phone }}", "en", "{}", "+995 321 234 56"},
      {"{{ 'call me' | phone }}{{ '12' | phone }}", "en", "{}", "call me12"},
  };
  expect_cases(cases);
  EXPECT_FALSE(parse_phone("0912345678", ""));
  EXPECT_FALSE(parse_phone("+1234567890123456", ""));
}

TEST(LocalFilters, RefuseWhatTheyCannotDo) {
  for (const char* source : {"{{ 1 | money: 'E' }}", "{{ 1 | money: '€€€' }}", "{{ 1 | plural }}",
                             "{{ 'now' | local_date: '%Y' }}", "{{ 0 | local_date: 'a b' }}",
                             "{{ '+84912345678' | phone: 'loud' }}"}) {
    RenderOptions options;
    options.now = Timestamp{};
    EXPECT_THROW(Template::parse(source).render({}, options), TemplateError) << source;
  }
}

class Lazy final : public Drop {
 public:
  Value member(std::string_view name) const override { return name == "a" ? Value(1) : Value(); }
  Value whole() const override { return Object{{"a", 1}}; }
};

TEST(Drops, CanBeLoopedOverAndWritten) {
  const Value data = Object{{"d", std::shared_ptr<const Drop>(std::make_shared<Lazy>())}};
  const auto parsed = Template::parse(
      "{{ d.a }}{{ d.b }}{% for m in d %}{{ m[0] }}={{ m[1] }}{% endfor %}{{ d | json }}");
  EXPECT_EQ(parsed.render(data), "1a=1{\"a\":1}");
}

}  // namespace
}  // namespace rapport::liquid
