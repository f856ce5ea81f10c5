#include <fmt/format.h>

#include "base/limits.h"
#include "base/limits/access.h"
#include "base/limits/content.h"
#include "base/limits/journeys.h"
#include "base/limits/segments.h"
#include "base/limits/templates.h"
#include "journeys/journey.h"

namespace rapport {
namespace {

using Members = std::vector<std::pair<std::string_view, std::string>>;

/// An object of these members alone; the first `required` of them must be there.
std::string object(size_t required, const Members& members) {
  std::string names;
  std::string properties;
  for (size_t i = 0; i < members.size(); ++i) {
    const auto& [name, schema] = members[i];
    if (i < required) names += fmt::format("{}\"{}\"", i ? "," : "", name);
    properties += fmt::format("{}\"{}\":{}", i ? "," : "", name, schema);
  }
  return fmt::format(
      R"({{"type":"object","required":[{}],"additionalProperties":false,"properties":{{{}}}}})",
      names, properties);
}

std::string text(size_t least, size_t most) {
  return fmt::format(R"({{"type":"string","minLength":{},"maxLength":{}}})", least, most);
}
std::string list(const std::string& items, size_t least, size_t most) {
  return fmt::format(R"({{"type":"array","minItems":{},"maxItems":{},"items":{}}})", least, most,
                     items);
}
std::string constant(std::string_view word) {
  return fmt::format(R"({{"const":"{}"}})", word);
}
std::string any_of(const std::vector<std::string>& schemas) {
  std::string out;
  for (const std::string& schema : schemas) out += (out.empty() ? "" : ",") + schema;
  return R"({"anyOf":[)" + out + "]}";
}
std::string by_name(const std::string& values, size_t least, size_t most) {
  return fmt::format(
      R"({{"type":"object","minProperties":{},"maxProperties":{},"additionalProperties":{}}})",
      least, most, values);
}

std::string segment_id() {
  return R"({"type":"string","pattern":"^seg_[0-9a-z]{13}$"})";
}
std::string change() {
  return R"({"type":"string","enum":["entered","left"]})";
}

class Schema {
 public:
  Schema(std::string_view condition, std::string_view property_test)
      : condition_(fmt::format(R"({{"$ref":"{}"}})", condition)),
        where_(list(fmt::format(R"({{"$ref":"{}"}})", property_test), 0,
                    limits::kMaxConditionNodes)) {}

  std::string document() const {
    const std::string place = object(2, {{"x", coordinate()}, {"y", coordinate()}});
    return object(
        2, {{"name", name_},
            {"entry", entry()},
            {"serves", R"({"enum":["care","connect","coach","contribute","congratulate"]})"},
            {"again", any_of({R"({"enum":["never","after_leaving"]})",
                              object(1, {{"after", length_}}), object(1, {{"key", path_}})})},
            {"starts_at", instant_},
            {"ends_at", instant_},
            {"start", link_},
            {"steps", named_steps(any_of(steps()))},
            {"exit_when", list(any_of({object(1, {{"event", event_}, {"where", where_}}),
                                       object(1, {{"condition", condition_}})}),
                               0, limits::kMaxJourneyExits)},
            {"layout", named_steps(place)}});
  }

 private:
  static std::string coordinate() {
    return fmt::format(R"({{"type":"number","minimum":-{0},"maximum":{0}}})", limits::kMaxLayout);
  }
  static std::string step_name() {
    return fmt::format("^[a-z0-9_-]{{1,{}}}$", limits::kMaxStepNameBytes);
  }
  static std::string named_steps(const std::string& values) {
    return fmt::format(R"({{"type":"object","maxProperties":{},"propertyNames":{{"pattern":"{}"}},)"
                       R"("additionalProperties":{}}})",
                       limits::kMaxJourneySteps, step_name(), values);
  }

  std::string entry() const {
    return any_of(
        {object(2, {{"on", constant("event")}, {"event", event_}, {"where", where_}}),
         object(2, {{"on", constant("segment")}, {"segment", segment_id()}, {"change", change()}}),
         object(1, {{"on", constant("api")}})});
  }

  std::vector<std::string> steps() const {
    return {send(),
            wait(),
            wait_for(),
            branch(),
            split_step(),
            set_traits(),
            object(2, {{"type", constant("goto")},
                       {"max", fmt::format(R"({{"type":"integer","minimum":1,"maximum":{}}})",
                                           limits::kMaxGotoTimes)},
                       {"step", link_},
                       {"next", link_}}),
            object(1, {{"type", constant("exit")}, {"reason", name_}})};
  }

  std::string send() const {
    const std::string content = object(1, {{"subject", text(1, limits::kMaxSubjectBytes)},
                                           {"html", text(0, limits::kMaxTemplateBytes)},
                                           {"text", text(0, limits::kMaxTemplateBytes)}});
    return object(1, {{"type", constant("send")},
                      {"from", text(0, limits::kMaxNameBytes)},
                      {"template_id", text(0, 64)},
                      {"content", content},
                      {"topic", text(0, 64)},
                      {"transactional", R"({"type":"boolean"})"},
                      {"next", link_}});
  }

  std::string wait() const {
    const std::string until =
        object(1, {{"time", R"({"type":"string","pattern":"^([01][0-9]|2[0-3]):[0-5][0-9]$"})"},
                   {"weekdays", list(R"({"type":"integer","minimum":1,"maximum":7})", 1, 7)},
                   {"zone", R"({"enum":["customer","workspace"]})"}});
    return any_of({object(2, {{"type", constant("wait")}, {"for", length_}, {"next", link_}}),
                   object(2, {{"type", constant("wait")}, {"until", until}, {"next", link_}})});
  }

  std::string wait_for() const {
    const std::string same =
        list(object(2, {{"property", path_}, {"entry", path_}}), 0, limits::kMaxSameTests);
    const std::string awaited =
        any_of({object(1, {{"event", event_}, {"where", where_}, {"same", same}}),
                object(1, {{"segment", segment_id()}, {"change", change()}})});
    return object(3, {{"type", constant("wait_for")},
                      {"any", list(awaited, 1, limits::kMaxWaitedFor)},
                      {"timeout", length_},
                      {"on_timeout", link_},
                      {"next", link_}});
  }

  std::string branch() const {
    const std::string one = object(2, {{"name", name_}, {"when", condition_}, {"next", link_}});
    return object(2, {{"type", constant("branch")},
                      {"cases", list(one, 0, limits::kMaxBranchCases)},
                      {"else", link_}});
  }

  std::string split_step() const {
    const std::string part =
        object(2, {{"name", name_},
                   {"percent", R"({"type":"number","minimum":0,"maximum":100})"},
                   {"next", link_}});
    return object(2,
                  {{"type", constant("split")}, {"parts", list(part, 0, limits::kMaxSplitParts)}});
  }

  std::string set_traits() const {
    const std::string value =
        any_of({text(0, limits::kMaxConditionTextBytes), R"({"type":"number"})",
                R"({"type":"boolean"})", object(1, {{"entry", path_}})});
    return object(2, {{"type", constant("set_traits")},
                      {"traits", by_name(value, 1, limits::kMaxSetTraits)},
                      {"next", link_}});
  }

  std::string condition_;
  std::string where_;
  std::string name_ = text(1, limits::kMaxNameBytes);
  std::string path_ = text(1, limits::kMaxConditionTextBytes);
  std::string length_ = R"({"type":"string","pattern":"^[0-9]+[smhdw]$"})";
  std::string instant_ = R"({"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$"})";
  std::string link_ = fmt::format(R"({{"type":"string","pattern":"{}"}})", step_name());
  std::string event_ =
      any_of({text(1, limits::kMaxEventNameBytes),
              list(text(1, limits::kMaxEventNameBytes), 1, limits::kMaxConditionValues),
              object(1, {{"prefix", text(1, limits::kMaxEventNameBytes)}})});
};

}  // namespace

std::string journey_schema(std::string_view condition, std::string_view property_test) {
  return Schema(condition, property_test).document();
}

}  // namespace rapport
