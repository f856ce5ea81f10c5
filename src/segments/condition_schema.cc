#include <fmt/format.h>

#include "base/limits.h"
#include "base/limits/segments.h"
#include "segments/condition.h"

namespace rapport {

std::string condition_schema(std::string_view reference) {
  const std::string self = fmt::format(R"({{"$ref":"{}"}})", reference);
  const std::string test =
      R"("op":{"type":"string","enum":["eq","ne","in","not_in","gt","gte","lt","lte","exists","not_exists","contains","not_contains"]},)"
      R"("value":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"},{"type":"array","minItems":1,"items":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]}}]})";
  const std::string count =
      fmt::format(R"({{"type":"integer","minimum":0,"maximum":{}}})", limits::kMaxConditionCount);
  const auto object = [](std::string_view required, const std::string& properties) {
    return fmt::format(
        R"({{"type":"object","required":[{}],"additionalProperties":false,"properties":{{{}}}}})",
        required, properties);
  };
  const std::string counts = fmt::format(
      R"({{"type":"object","minProperties":1,"additionalProperties":false,"properties":{{"eq":{0},"ne":{0},"gt":{0},"gte":{0},"lt":{0},"lte":{0}}}}})",
      count);
  const std::string where =
      fmt::format(R"({{"type":"array","items":{}}})",
                  object(R"("property","op")", R"("property":{"type":"string"},)" + test));
  const std::string all = fmt::format(R"("all":{{"type":"array","items":{}}})", self);
  const std::string any = fmt::format(R"("any":{{"type":"array","minItems":1,"items":{}}})", self);
  const std::string event =
      fmt::format(R"("event":{{"type":"string","minLength":1,"maxLength":{}}},"count":{},)"
                  R"("within":{{"type":"string","pattern":"^[0-9]+[smhdw]$"}},"where":{})",
                  limits::kMaxEventNameBytes, counts, where);
  return fmt::format(
      R"({{"description":"A tree of tests on traits and events.","oneOf":[{},{},{},{},{}]}})",
      object(R"("all")", all), object(R"("any")", any), object(R"("not")", R"("not":)" + self),
      object(R"("trait","op")", R"("trait":{"type":"string"},)" + test),
      object(R"("event")", event));
}

}  // namespace rapport
