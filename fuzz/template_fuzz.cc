// Any bytes as a template: parse, and what parses is rendered in both modes within small limits, as
// itself and as the content block and layout of others, which may call it again.
// Nothing but TemplateError may come out, and the output must keep to its limit.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "liquid/template.h"

using namespace rapport::liquid;

namespace {

/// Every name is the template being tried, or one that calls it in each of the ways.
class SamePartials final : public Partials {
 public:
  explicit SamePartials(const Template& tried) : tried_(tried) {}
  std::optional<Template> find(PartialKind kind, std::string_view name) const override {
    static const Template caller = Template::parse(
        "{% render 'a' %}{% include 'a' with s %}{% render 'a' for list as s, n: 1 %}");
    static const Template layout = Template::parse("<{{ content_for_layout }}>{% render 'c' %}");
    if (kind == PartialKind::kLayout) return layout;
    return name == "c" ? caller : tried_;
  }

 private:
  const Template& tried_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const Value data = parse_json_value(
      R"({"a":{"b":[1,2.5,"x",null,true,{"c":"<d>"}]},"s":"Ánh & Bình","n":7,"list":["b","a","C"],
          "rows":[{"k":2,"t":"x"},{"k":1},{"t":"y"}],"date":"2026-11-22T07:53:59Z"})");
  RenderOptions options;
  options.max_output_bytes = 64 * 1024;
  options.max_loop_iterations = 1'000;
  options.max_steps = 50'000;
  try {
    const Template parsed =
        Template::parse(std::string_view(reinterpret_cast<const char*>(bytes), size));
    const SamePartials partials(parsed);
    options.partials = &partials;
    for (const bool escape : {false, true}) {
      options.escape_html = escape;
      options.layout = escape ? "l" : "";
      try {
        if (parsed.render(data, options).size() > options.max_output_bytes) std::abort();
      } catch (const TemplateError&) {
      }
    }
  } catch (const TemplateError&) {
  }
  return 0;
}
