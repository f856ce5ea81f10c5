// Whether one event meets a filter: its name, and every test on its properties.
//
// Prepared once from an EventFilter; immutable, free to share between threads. `relevant` looks at
// the name only and is what an index of events by name may use.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "segments/value_matcher.h"

namespace rapport {

bool meets(const EventNames& names, std::string_view name);

/// Tests on the properties of one event, all of which hold.
class PropertiesMatcher {
 public:
  explicit PropertiesMatcher(const std::vector<PropertyTest>& tests);
  bool meets(const JsonValue& properties, const AskedAt& asked) const;
  /// The first instant at which one of the tests changes; the whole may stay what it is.
  std::optional<Timestamp> next_change(const JsonValue& properties, const AskedAt& asked) const;
  /// Whether any test looks at the moment.
  bool relative() const;

 private:
  std::vector<std::pair<ValuePath, ValueMatcher>> tests_;
};

class EventMatcher {
 public:
  explicit EventMatcher(const EventFilter& filter) : names_(filter.names), where_(filter.where) {}
  bool relevant(std::string_view name) const { return rapport::meets(names_, name); }
  bool meets(std::string_view name, const JsonValue& properties, const AskedAt& asked) const {
    return relevant(name) && where_.meets(properties, asked);
  }
  const PropertiesMatcher& where() const { return where_; }

 private:
  EventNames names_;
  PropertiesMatcher where_;
};

}  // namespace rapport
