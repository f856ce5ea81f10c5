#include "segments/event_matcher.h"

#include <algorithm>

namespace rapport {

bool meets(const EventNames& names, std::string_view name) {
  if (names.prefix) return name.starts_with(names.names.front());
  return std::find(names.names.begin(), names.names.end(), name) != names.names.end();
}

PropertiesMatcher::PropertiesMatcher(const std::vector<PropertyTest>& tests) {
  for (const PropertyTest& test : tests) {
    tests_.emplace_back(test.property, ValueMatcher(test.test));
  }
}

bool PropertiesMatcher::meets(const JsonValue& properties, const AskedAt& asked) const {
  return std::all_of(tests_.begin(), tests_.end(), [&](const auto& test) {
    return test.second.meets(follow(properties, test.first, 0), asked);
  });
}

std::optional<Timestamp> PropertiesMatcher::next_change(const JsonValue& properties,
                                                        const AskedAt& asked) const {
  std::optional<Timestamp> first;
  for (const auto& [path, matcher] : tests_) {
    const auto at = matcher.next_change(follow(properties, path, 0), asked);
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

bool PropertiesMatcher::relative() const {
  return std::any_of(tests_.begin(), tests_.end(),
                     [](const auto& test) { return is_relative(test.second.test().op); });
}

}  // namespace rapport
