// The condition tree of a segment: what it asks, as plain typed data, apart from how it is
// answered.
//
// A Condition is an immutable value, read from JSON by `parse_condition` and written back by
// `to_json` in one canonical form; whoever evaluates it (condition_sql.h over the Warehouse,
// history_evaluator.h over one customer's history, or a stage that follows events one by one) reads
// the same tree and gives the same answer. What one test, window or step means is shared code:
// value_matcher.h, event_window.h, sequence_matcher.h, calendar.h. The meaning of every operator,
// with the type rules, is docs/segments.md; in short:
//   - The type of the condition's value decides. A number also meets text that is wholly a JSON
//     number ("42"), a boolean also the texts "true" and "false"; text meets only text.
//   - Text compares by bytes unless folded. When the condition's text is a date or time, stored
//     text that is one too compares as an instant; gt, gte, lt, lte and between then ignore other
//     text.
//   - Null, missing, and a path that leads nowhere are the same: absent. Absent meets no positive
//     operator; each negative operator is exactly the negation of its positive form.
//   - A trait is the one in force at the asked moment; an event counts when it happened in its
//     window. No `count` means at least once; a count that zero meets includes customers without
//     such an event.
// Pure, thread-safe. Bounded by limits::kMaxCondition….
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
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
  kBetween,  // both ends included
  kExists,
  kNotExists,
  kContains,
  kNotContains,
  kStartsWith,
  kEndsWith,
  kMatches,  // RE2, found anywhere
  kIncludes,
  kIncludesAny,
  kIncludesAll,
  kBefore,
  kAfter,
  kWithinLast,
  kNotWithinLast,
  kWithinNext,
  kAnniversaryWithinNext,
  kAnniversaryWithinLast,
  kInPeriod,
};

/// Whose wall clock a calendar follows.
enum class ZoneOf : uint8_t { kWorkspace, kCustomer };

enum class PeriodUnit : uint8_t { kDay, kWeek, kMonth, kQuarter, kYear };

/// A calendar period beside the moment's: -1 is the last one, 0 this one, 1 the next. Weeks begin
/// on Monday.
struct Period {
  int offset = 0;
  PeriodUnit unit = PeriodUnit::kDay;
};

/// Operator and operands of one test. What is filled follows from `op`:
///   values  one; in, not_in, includes_any, includes_all: one or more; between: two; exists,
///           not_exists, within_…, anniversary_…, in_period: none. matches: a pattern that RE2
///           takes; before, after: texts that parse_timestamp takes.
///   length  of within_last, not_within_last, within_next
///   days    of anniversary_within_…: so many days, today being the first
///   period  of in_period
///   zone    of anniversary_within_… and in_period
struct ValueTest {
  ValueOp op = ValueOp::kEq;
  std::vector<Literal> values;
  bool case_insensitive = false;
  bool accent_insensitive = false;
  Micros length{0};
  int days = 0;
  Period period;
  ZoneOf zone = ZoneOf::kWorkspace;
};

/// Comparison of a number that was counted or computed.
enum class CountOp : uint8_t { kEq, kNe, kGt, kGte, kLt, kLte, kBetween };

struct CountTest {
  CountOp op = CountOp::kGte;
  int64_t value = 1;
  int64_t upper = 0;  // between: value to upper, both included
};

struct NumberTest {
  CountOp op = CountOp::kGte;
  double value = 0;
  double upper = 0;
};

struct PropertyTest {
  ValuePath property;
  ValueTest test;
};

/// Which part of time counts; bounds are event_window.h's.
struct Window {
  enum class Kind : uint8_t {
    kEver,
    kWithin,      // (moment - near, moment]
    kOlderThan,   // up to and including moment - near
    kBetween,     // [from, to)
    kBetweenAgo,  // (moment - far, moment - near]
    kInPeriod,    // the whole period, as far as it has come
  };
  Kind kind = Kind::kEver;
  Micros near{0};
  Micros far{0};
  Timestamp from{};
  Timestamp to{};
  Period period;
  ZoneOf zone = ZoneOf::kWorkspace;
};

struct EventNames {
  bool prefix = false;             // the one name is how names begin
  std::vector<std::string> names;  // one or more, none twice
};

/// Events of these names that meet every test of `where`.
struct EventFilter {
  EventNames names;
  std::vector<PropertyTest> where;
  bool own = false;  // only those that the program itself wrote; of short forms, never of JSON
};

enum class Aggregate : uint8_t { kSum, kAvg, kMin, kMax, kDistinct };

/// A number computed from one property of the events; all of `tests` hold. Sum of nothing is 0 and
/// distinct of nothing too; avg, min and max of nothing are absent.
struct AggregateTest {
  Aggregate aggregate = Aggregate::kSum;
  ValuePath property;
  std::vector<NumberTest> tests;  // one or more
};

/// The first or last of the events (by time, then arrival) lies in `window` and meets `where`.
struct OccurrenceTest {
  bool last = false;
  Window window;
  std::vector<PropertyTest> where;
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
/// The events of `filter` in `window`, counted, computed or picked. `occurrence` stands alone;
/// `count` and `aggregates` all hold; with neither, at least once.
struct EventCondition {
  EventFilter filter;
  Window window;
  std::vector<CountTest> count;
  std::vector<AggregateTest> aggregates;
  std::optional<OccurrenceTest> occurrence;
};
/// Some event of `filter` in `window` was followed by no event of `absent` for `within`; known from
/// the moment that time has passed. An `absent` event exactly at its end still counts.
struct AbsenceCondition {
  EventFilter filter;
  Window window;
  EventFilter absent;
  Micros within{0};
};
/// One event of a sequence: later than the step before by time, then arrival; by no more than
/// `max_gap`; with no event of `without` strictly between.
struct SequenceStep {
  EventFilter filter;
  std::optional<Micros> max_gap;
  std::optional<EventFilter> without;
};
/// All steps happened in order, every one in `window`.
struct SequenceCondition {
  std::vector<SequenceStep> steps;  // two or more
  Window window;
};
enum class MessageFactKind : uint8_t { kSent, kDelivered, kOpened, kClicked, kConverted, kBounced };
/// Short form of an EventCondition; `expand` (message_events.h) gives it.
struct MessageCondition {
  MessageFactKind fact = MessageFactKind::kSent;
  std::string campaign;  // public ids and names; empty: any
  std::string journey;
  std::string channel;
  std::string topic;
  Window window;
  std::vector<CountTest> count;
};
/// Member of another segment, whose condition counts as if it stood here. `resolved` is that
/// condition once resolve_segments (segment_references.h) has put it in; evaluators need it.
struct SegmentCondition {
  SegmentId segment;
  std::shared_ptr<const Condition> resolved;
};
/// On a list: the latest of its "List Added" and "List Removed" events is the former.
struct ListCondition {
  ListId list;
};
/// What somebody who never said a word about a topic gets of it.
enum class TopicKind : uint8_t { kOptIn, kOptOut, kAlways };
/// Whether messages about a topic may go to the customer by consent: agreed, or not refused. `kind`
/// and `channels` (the topic's; empty: not known) are put in by resolve_segments
/// (segment_references.h); without a kind it is one that is agreed to.
struct TopicCondition {
  std::string topic;
  std::string channel;  // empty: some channel of the topic
  bool subscribed = true;
  std::optional<TopicKind> kind;
  std::vector<std::string> channels;
};
struct GeoPoint {
  double lat = 0;  // degrees, -90 to 90
  double lon = 0;  // degrees, -180 to 180
};
/// The location in a trait lies within `km` of `center`, or inside `polygon` when that is not
/// empty (three or more corners; the smaller side of the line they make).
struct GeoCondition {
  ValuePath location;
  GeoPoint center;
  double km = 0;
  std::vector<GeoPoint> polygon;
};
/// The customer's bucket under `salt`, a stable number from 0 up to 100 percent, lies in
/// [from, to), in hundredths of a percent.
struct BucketCondition {
  std::string salt;
  int from = 0;
  int to = 10'000;
};

struct Condition {
  std::variant<AllOf, AnyOf, Negation, TraitCondition, EventCondition, AbsenceCondition,
               SequenceCondition, MessageCondition, SegmentCondition, ListCondition, TopicCondition,
               GeoCondition, BucketCondition>
      node;
};

/// Reads a condition. Throws kInvalidArgument whose field is a path below `field`:
/// "condition.all[1].trait".
Condition parse_condition(std::string_view json, std::string_view field = "condition");

/// Canonical JSON: keys in a fixed order, no spaces, durations in their largest whole unit up to
/// days.
std::string to_json(const Condition& condition);
/// The members of a test without braces: `"op":"eq","value":1`. parse_value_test reads it back.
std::string to_json(const ValueTest& test);
/// Reads an object of op, value and options; throws as parse_condition.
ValueTest parse_value_test(std::string_view json, std::string_view field = "test");

/// JSON Schema (2020-12) of what `parse_condition` takes; `self` is where the schema will stand, as
/// the tree holds itself, and `property_test` where property_test_schema() will.
std::string condition_schema(std::string_view self, std::string_view property_test);
/// Of one test of `where`.
std::string property_test_schema();

/// Whether `count` meets every test; an empty list means at least one.
bool meets_count(const std::vector<CountTest>& tests, int64_t count);

/// Whether a customer without any trait or event might meet it.
bool holds_for_nothing(const Condition& condition);

/// True for ne, not_in, not_exists, not_contains and not_within_last.
bool is_negative(ValueOp op);
/// The positive form of a negative operator; a positive one as it is.
ValueOp positive_form(ValueOp op);
/// Whether the answer of a stored value can change while time passes.
bool is_relative(ValueOp op);

/// The names the JSON uses: "eq", "gte", "last_month", "sum", "opened".
std::string_view name_of(ValueOp op);
std::string_view name_of(CountOp op);
std::string_view name_of(Aggregate aggregate);
std::string_view name_of(MessageFactKind fact);
std::string name_of(Period period);

/// "address.city", with escapes where a name holds a dot or a backslash.
std::string to_text(const ValuePath& path);
/// "90d", "36h", "15m", "20s": the largest whole unit up to days.
std::string format_duration(Micros length);

}  // namespace rapport
