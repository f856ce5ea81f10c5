// A journey's document: who enters, the steps of the walk, and what ends it, as plain typed data.
//
// Read from JSON by `parse_journey` and written back by `to_json` in one canonical form. The parser
// is strict about shape and bounds; what a draft may still lack (a step that a link names, a
// template, shares that make a whole) is found by journey_check.h instead, so half a drawing can be
// kept. docs/journeys.md says what each member means. Pure, thread-safe. Bounded by
// base/limits/journeys.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/journey_id.h"
#include "base/time.h"
#include "segments/condition.h"

namespace rapport {

/// What a journey is for, in the words of the product's five ways to serve customers.
enum class JourneyServes : uint8_t { kCare, kConnect, kCoach, kContribute, kCongratulate };
enum class SegmentMove : uint8_t { kEntered, kLeft };

/// One event of the filter; its properties go along on the walk.
struct EventEntry {
  EventFilter filter;
};
struct SegmentEntry {
  SegmentId segment;
  SegmentMove change = SegmentMove::kEntered;
};
/// By a call of the API.
struct ApiEntry {};
using JourneyEntry = std::variant<EventEntry, SegmentEntry, ApiEntry>;

/// Whether somebody who walked may walk again.
struct EntryAgain {
  enum class Kind : uint8_t {
    kNever,
    kAfterLeaving,  // one walk at a time
    kAfter,         // so long after the last entry, and not while walking
    kKey,           // one walk at a time for each value of an entry property
  };
  Kind kind = Kind::kAfterLeaving;
  Micros after{0};
  ValuePath key;
};

struct SendStep {
  std::string from;         // empty: the workspace's sender
  std::string template_id;  // a kept template, or else the content that follows
  std::string subject;
  std::string html;
  std::string text;
  std::string topic;
  bool transactional = false;
};
/// Until it has lasted `length`, or the wall clock next shows `time` on one of `weekdays`.
struct WaitStep {
  Micros length{0};       // zero: until
  int minute = 0;         // of the day
  unsigned weekdays = 0;  // bit 0 is Monday
  ZoneOf zone = ZoneOf::kCustomer;
};
/// A property of the event that came equals one of the entry.
struct SameTest {
  ValuePath property;
  ValuePath entry;
};
struct AwaitedEvent {
  EventFilter filter;
  std::vector<SameTest> same;
};
using Awaited = std::variant<AwaitedEvent, SegmentEntry>;
struct WaitForStep {
  std::vector<Awaited> any;
  Micros timeout{0};
  std::string on_timeout;  // empty: the end
};
struct BranchCase {
  std::string name;
  Condition when;
  std::string next;
};
struct BranchStep {
  std::vector<BranchCase> cases;  // the first that holds
  std::string otherwise;
};
struct SplitPart {
  std::string name;
  int share = 0;  // hundredths of a percent
  std::string next;
};
struct SplitStep {
  std::vector<SplitPart> parts;
};
/// A value, or where in the entry's properties it stands.
using TraitSource = std::variant<Literal, ValuePath>;
struct SetTraitsStep {
  std::map<std::string, TraitSource> traits;
};
/// Goes to `step` at most `max` times of one walk; after that to `next`.
struct GotoStep {
  std::string step;
  int64_t max = 1;
};
struct ExitStep {
  std::string reason;
};
using StepAction = std::variant<SendStep, WaitStep, WaitForStep, BranchStep, SplitStep,
                                SetTraitsStep, GotoStep, ExitStep>;

struct JourneyStep {
  StepAction action;
  std::string next;  // empty: the end; branch, split and exit have none
};

struct EventExit {
  EventFilter filter;
};
struct ConditionExit {
  Condition condition;
};
using JourneyExit = std::variant<EventExit, ConditionExit>;

struct StepPlace {
  int64_t x = 0;
  int64_t y = 0;
};

struct JourneyDocument {
  std::string name;
  std::optional<JourneyServes> serves;
  JourneyEntry entry;
  EntryAgain again;
  std::optional<Timestamp> starts_at;
  std::optional<Timestamp> ends_at;
  std::string start;  // empty: nothing drawn yet
  std::map<std::string, JourneyStep> steps;
  std::vector<JourneyExit> exits;
  std::map<std::string, StepPlace> layout;  // where the console draws a step
};

/// Reads a document. Throws kInvalidArgument whose field is a path below `field`:
/// "document.steps.mail.next".
JourneyDocument parse_journey(std::string_view json, std::string_view field = "document");
std::string to_json(const JourneyDocument& document);
/// JSON Schema (2020-12) of what parse_journey takes; `condition` and `property_test` are where the
/// schemas of these stand.
std::string journey_schema(std::string_view condition, std::string_view property_test);

/// The words of the JSON: "care", "entered", "wait_for".
std::string_view name_of(JourneyServes serves);
std::string_view name_of(SegmentMove change);
std::string_view type_of(const StepAction& action);
/// "event", "segment" or "api".
std::string_view kind_of(const JourneyEntry& entry);

struct JourneyLink {
  std::string member;  // "next", "cases[0].next"
  std::string to;
};
/// Where a step may lead, empty ends left out, in the order of the document.
std::vector<JourneyLink> links_of(const JourneyStep& step);
/// Segments the document names anywhere, with the step ("" for entry and exits), in order.
std::vector<std::pair<std::string, SegmentId>> segments_of(const JourneyDocument& document);

}  // namespace rapport
