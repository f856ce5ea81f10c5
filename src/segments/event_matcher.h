// Whether one event meets a filter: its name, who wrote it, and every test on its properties.
//
// Prepared once from an EventFilter; immutable, free to share between threads. `relevant` looks at
// name and origin only.
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
  explicit EventMatcher(const EventFilter& filter)
      : names_(filter.names), own_(filter.own), where_(filter.where) {}
  /// `own`: the program itself wrote the event.
  bool relevant(std::string_view name, bool own) const {
    return (own || !own_) && rapport::meets(names_, name);
  }
  const PropertiesMatcher& where() const { return where_; }

 private:
  EventNames names_;
  bool own_ = false;
  PropertiesMatcher where_;
};

}  // namespace rapport
