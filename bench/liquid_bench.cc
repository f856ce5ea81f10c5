// The template language: a marketing e-mail of 5 KB with a loop, parsed once and rendered for one
// customer after the other; and parsing it.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "liquid/template.h"

namespace rapport::liquid {
namespace {

/// About 5 KB of source: greeting, a table of products, a footer; 40 outputs when rendered.
std::string newsletter() {
  std::string source =
      "<!doctype html><html><body style=\"margin:0;background:#f4f4f4\">"
      "<h1>Hello {{ customer.traits.first_name | default: \"there\" }},</h1>"
      "<p>You have {{ customer.traits.points }} points.</p>"
      "{% if customer.traits.plan == \"gold\" %}<p>Gold delivery is free.</p>{% endif %}<table>";
  source +=
      "{% for product in products %}<tr class=\"{% cycle 'odd', 'even' %}\">"
      "<td><a href=\"https://shop.example/p/{{ product.sku }}\">{{ product.name | upcase }}</a>"
      "</td><td>{{ product.price }} EUR</td>{% if forloop.last %}<td>last</td>{% endif %}</tr>"
      "{% endfor %}</table>";
  while (source.size() < 5'000) {
    source +=
        "<p style=\"font:14px/1.5 Helvetica,Arial,sans-serif;color:#222\">We write to you because "
        "you asked us to. Answer this e-mail and a person reads it.</p>\n";
  }
  return source + "<p>{{ workspace.name }} <a href=\"{{ unsubscribe_url }}\">Leave</a></p></body>";
}

Value data() {
  Array products;
  for (int i = 0; i < 8; ++i) {
    products.push_back(Object{{"sku", fmt::format("sku-{}", i)},
                              {"name", fmt::format("Coffee & cake no. {}", i)},
                              {"price", 12.5 + i}});
  }
  return Object{
      {"customer",
       Object{
           {"traits",
            Object{{"first_name", "Ánh"}, {"points", 1250}, {"plan", "gold"}, {"country", "VN"}}}}},
      {"products", std::move(products)},
      {"workspace", Object{{"name", "Coffee shop"}}},
      {"unsubscribe_url", "https://shop.example/u/abcdefghijklmnopqrstuvwxyz"}};
}

void BM_LiquidRender(benchmark::State& state) {
  const SystemClock clock;
  const Template parsed = Template::parse(newsletter());
  const Value variables = data();
  RenderOptions options;
  options.escape_html = true;
  options.clock = &clock;
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string output = parsed.render(variables, options);
    bytes += output.size();
    benchmark::DoNotOptimize(output.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(BM_LiquidRender);

void BM_LiquidParse(benchmark::State& state) {
  const std::string source = newsletter();
  for (auto _ : state) benchmark::DoNotOptimize(Template::parse(source));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_LiquidParse);

}  // namespace
}  // namespace rapport::liquid
