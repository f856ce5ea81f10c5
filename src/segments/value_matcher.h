// What one test says of one stored value: the meaning of every operator, used by each evaluator.
//
// A ValueMatcher is prepared once from a ValueTest (regular expression compiled, texts folded,
// times read) and asked often. Immutable, so free to copy and to share between threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "segments/asked_at.h"
#include "segments/calendar.h"
#include "segments/json_value.h"

namespace re2 {
class RE2;
}

namespace rapport {

class ValueMatcher {
 public:
  explicit ValueMatcher(ValueTest test);

  const ValueTest& test() const { return test_; }
  bool meets(const JsonValue& value, const AskedAt& asked) const;
  /// The first instant after `asked.at` at which the answer for this value is another though the
  /// value stays; null when it never is.
  std::optional<Timestamp> next_change(const JsonValue& value, const AskedAt& asked) const;

 private:
  /// A value of the test, read once in every way it may be compared.
  struct Prepared {
    Literal literal;
    std::string text;  // folded
    bool is_text = false;
    std::optional<Timestamp> instant;
  };

  std::string folded(std::string_view text) const;
  bool equals(const simdjson::dom::element& element, const Prepared& value) const;
  bool equals_any(const simdjson::dom::element& element) const;
  bool contains(const simdjson::dom::element& element) const;
  bool includes(const simdjson::dom::element& element) const;
  bool text_test(const simdjson::dom::element& element) const;
  bool ordered(const simdjson::dom::element& element) const;
  bool positive(const simdjson::dom::element& element, const AskedAt& asked) const;
  bool relative(const simdjson::dom::element& element, const AskedAt& asked) const;
  std::optional<TimeRange> holds_during(const simdjson::dom::element& element,
                                        const AskedAt& asked) const;

  ValueTest test_;
  ValueOp op_;  // the positive form
  std::vector<Prepared> values_;
  std::shared_ptr<const re2::RE2> pattern_;
};

/// The day a text names by itself, "2026-02-25", in whichever zone; null for anything else.
std::optional<LocalDay> plain_day(std::string_view text);

}  // namespace rapport
