// The condition tree of a segment: what it asks, as plain typed data, apart from how it is
// answered.
//
// A Condition is an immutable value, read from JSON by `parse_condition` and written back by
// `to_json` in one canonical form; whoever evaluates it (condition_sql.h over the Warehouse, or an
// evaluator that follows events one by one) reads the same tree and gives the same answer. The
// meaning of every operator, with the type rules, is docs/segments.md; in short:
//   - The type of the condition's value decides. A number also meets text that is wholly a JSON
//   number
//     ("42"), a boolean also the texts "true" and "false"; text meets only text.
//   - Text compares by bytes, case matters. When the condition's text is a date or time, stored
//   text
//     that is one too compares as an instant; gt, gte, lt and lte then ignore other text.
//   - Null, missing, and a path that leads nowhere are the same: absent. Absent meets no positive
//     operator, so ne, not_in, not_contains and not_exists are true for it: each is exactly the
//     negation of its positive form.
//   - A trait is the one in force at the asked moment; an event counts when it happened in
//     (moment - within, moment]. No `count` means at least once; a count that zero meets includes
//     customers without such an event.
// Pure, thread-safe. Bounded by limits::kMaxCondition….
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"

namespace rapport {

/// Where a value stands: the name of a trait or property, then keys of nested objects or indexes of
/// arrays. Written "address.city"; `\.` and `\\` are a dot and a backslash inside a name.
struct ValuePath {
  std::vector<std::string> segments;  // never empty
};

/// What a condition compares with. Integers beyond 64 bits are doubles.
using Literal = std::variant<bool, int64_t, double, std::string>;

enum class ValueOp : uint8_t {
  kEq,
  kNe,
  kIn,
  kNotIn,
  kGt,
  kGte,
  kLt,
  kLte,
  kExists,
  kNotExists,
  kContains,
  kNotContains,
};

/// Operator and values of one test; `values` holds one, except in/not_in (one or more) and
/// exists/not_exists (none). Ordering operators have a number or text.
struct ValueTest {
  ValueOp op = ValueOp::kEq;
  std::vector<Literal> values;
};

enum class CountOp : uint8_t { kEq, kNe, kGt, kGte, kLt, kLte };

struct CountTest {
  CountOp op = CountOp::kGte;
  int64_t value = 1;
};

struct PropertyTest {
  ValuePath property;
  ValueTest test;
};

struct Condition;

/// Every child holds; with no child, everyone.
struct AllOf {
  std::vector<Condition> children;
};
/// At least one child holds.
struct AnyOf {
  std::vector<Condition> children;
};
struct Negation {
  std::shared_ptr<const Condition> child;  // never null
};
struct TraitCondition {
  ValuePath trait;
  ValueTest test;
};
/// How often an event of this name happened, of those that meet every test of `where`.
struct EventCondition {
  std::string event;
  std::vector<CountTest> count;  // all hold; empty: at least once
  std::optional<Micros> within;  // up to the asked moment; absent: ever
  std::vector<PropertyTest> where;
};

struct Condition {
  std::variant<AllOf, AnyOf, Negation, TraitCondition, EventCondition> node;
};

/// Reads a condition. Throws kInvalidArgument whose field is a path below `field`:
/// "condition.all[1].trait".
Condition parse_condition(std::string_view json, std::string_view field = "condition");

/// Canonical JSON: keys in a fixed order, no spaces, durations in their largest whole unit up to
/// days.
std::string to_json(const Condition& condition);

/// JSON Schema (2020-12) of what `parse_condition` takes; `reference` is where the schema will
/// stand, as the tree holds itself.
std::string condition_schema(std::string_view reference);

/// Whether `count` meets every test; an empty list means at least one.
bool meets_count(const std::vector<CountTest>& tests, int64_t count);

/// Whether a customer without any trait or event meets it.
bool holds_for_nothing(const Condition& condition);

/// True for ne, not_in, not_exists and not_contains.
bool is_negative(ValueOp op);
/// The positive form of a negative operator; a positive one as it is.
ValueOp positive_form(ValueOp op);

/// "address.city", with escapes where a name holds a dot or a backslash.
std::string to_text(const ValuePath& path);

}  // namespace rapport
