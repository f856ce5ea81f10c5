// The language against the Golden Liquid cases, when they are on this machine.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "liquid/template.h"

namespace rapport::liquid {
namespace {

constexpr size_t kCases = 522;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const Value& member(const Value& object, std::string_view name) {
  static const Value nil;
  const Value* found = object.if_object()->find(name);
  return found ? *found : nil;
}

/// The partials that a case brings.
class CasePartials final : public Partials {
 public:
  explicit CasePartials(const Value& sources) : sources_(sources) {}
  std::optional<Template> find(PartialKind, std::string_view name) const override {
    const Object* all = sources_.if_object();
    const Value* source = all ? all->find(name) : nullptr;
    return source ? std::optional(Template::parse(*source->if_string())) : std::nullopt;
  }

 private:
  const Value& sources_;
};

/// Empty when the case holds, else what happened.
std::string run_case(const Value& one) {
  std::string output;
  const CasePartials partials(member(one, "templates"));
  RenderOptions options;
  options.partials = &partials;
  try {
    const Template parsed = Template::parse(*member(one, "template").if_string());
    output = parsed.render(member(one, "data"), options);
  } catch (const TemplateError& error) {
    return member(one, "invalid").truthy() ? "" : error.public_detail();
  }
  if (member(one, "invalid").truthy()) return "no error, printed \"" + output + "\"";
  if (const Array* any = member(one, "results").if_array()) {
    for (const Value& wanted : *any) {
      if (*wanted.if_string() == output) return "";
    }
    return "printed \"" + output + "\"";
  }
  const std::string& wanted = *member(one, "result").if_string();
  return wanted == output ? "" : "printed \"" + output + "\" instead of \"" + wanted + "\"";
}

TEST(GoldenLiquid, CasesHold) {
  const std::filesystem::path file =
      std::filesystem::path(RAPPORT_SHARED_DATA) / "liquid" / "liquid-cases.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no Golden Liquid cases at " << file;
  const Value document = parse_json_value(read_file(file));
  size_t passed = 0;
  for (const Value& one : *member(document, "tests").if_array()) {
    const std::string problem = run_case(one);
    if (problem.empty()) {
      ++passed;
    } else {
      ADD_FAILURE() << *member(one, "name").if_string() << "\n  "
                    << *member(one, "template").if_string() << "\n  " << problem;
    }
  }
  EXPECT_EQ(passed, kCases);
  RecordProperty("passed", static_cast<int>(passed));
}

}  // namespace
}  // namespace rapport::liquid
