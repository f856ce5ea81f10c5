#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/limits.h"
#include "base/limits/access.h"
#include "base/limits/content.h"
#include "base/limits/journeys.h"
#include "base/limits/segments.h"
#include "base/limits/templates.h"
#include "base/text.h"
#include "journeys/journey.h"
#include "segments/condition_reader.h"

namespace rapport {
namespace {

using namespace condition_reader;

constexpr std::string_view kStepTypes =
    "send, wait, wait_for, branch, split, set_traits, goto, exit";

std::string member(const std::string& path, std::string_view key) {
  return fmt::format("{}.{}", path, key);
}

/// The items of an array of one or more, up to `most`, each with its path.
template <class Read>
void each(const dom::element& element, const std::string& path, size_t most, const Read& read) {
  size_t index = 0;
  for (const dom::element item : as_array(element, path)) {
    const std::string item_path = fmt::format("{}[{}]", path, index++);
    if (index > most) fail(item_path, fmt::format("is beyond {}", most));
    read(item, item_path);
  }
}

std::string label(const dom::element& element, const std::string& path) {
  std::string out = name(element, path, limits::kMaxNameBytes);
  if (!is_valid_utf8(out)) fail(path, "must be UTF-8");
  if (std::any_of(out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    fail(path, "must not hold control characters");
  }
  return out;
}

/// Names of steps stand in paths, in figures and in keys: they are kept plain.
void check_step_name(std::string_view step, const std::string& path) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (step.empty() || step.size() > limits::kMaxStepNameBytes ||
      !std::all_of(step.begin(), step.end(), plain)) {
    fail(path, fmt::format("must be the name of a step: a to z, 0 to 9, _ and -, up to {} of them",
                           limits::kMaxStepNameBytes));
  }
}

std::string link(const dom::object& object, std::string_view key, const std::string& path) {
  const auto found = find(object, key, path);
  if (!found) return {};
  std::string to = text(*found, member(path, key), limits::kMaxNameBytes);
  check_step_name(to, member(path, key));
  return to;
}

std::string optional_text(const dom::object& object, std::string_view key, const std::string& path,
                          size_t most) {
  const auto found = find(object, key, path);
  return found ? text(*found, member(path, key), most) : std::string();
}

Micros bounded_duration(const dom::object& object, std::string_view key, const std::string& path) {
  const Micros length = duration(require(object, key, path), member(path, key));
  if (length > limits::kMaxJourneyWait) {
    fail(member(path, key),
         fmt::format("is longer than {}", format_duration(Micros(limits::kMaxJourneyWait))));
  }
  return length;
}

Literal literal(const dom::element& element, const std::string& path) {
  switch (element.type()) {
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::INT64:
      return int64_t(element);
    case dom::element_type::UINT64:
      return static_cast<double>(uint64_t(element));
    case dom::element_type::DOUBLE:
      return double(element);
    case dom::element_type::STRING:
      return text(element, path, limits::kMaxConditionTextBytes);
    default:
      fail(path, "must be text, a number, a boolean, or an object like {\"entry\":\"total\"}");
  }
}

EventFilter filter(const dom::object& object, const std::string& path) {
  Usage usage{path, 0, 0};
  EventNames names = event_names(usage, object, path);
  return {std::move(names), where(usage, object, path)};
}

Condition condition(const dom::element& element, const std::string& path) {
  return parse_condition(simdjson::minify(element), path);
}

SegmentEntry segment_change(const dom::object& object, const std::string& path) {
  SegmentEntry out;
  const std::string field = member(path, "segment");
  const auto id = parse_id<SegmentTag>(text(require(object, "segment", path), field, 64));
  if (!id) fail(field, "must be an id that begins with seg_");
  out.segment = *id;
  const std::string change = optional_text(object, "change", path, 16);
  if (change == "left") {
    out.change = SegmentMove::kLeft;
  } else if (find(object, "change", path) && change != "entered") {
    fail(member(path, "change"), "must be entered or left");
  }
  return out;
}

JourneyEntry entry(const dom::element& element, const std::string& path) {
  const dom::object object = as_object(element, path, "an object like {\"on\":\"event\"}");
  const std::string on = text(require(object, "on", path), member(path, "on"), 32);
  if (on == "event") {
    allow_keys(object, path, {"on", "event", "where"});
    return EventEntry{filter(object, path)};
  }
  if (on == "segment") {
    allow_keys(object, path, {"on", "segment", "change"});
    return segment_change(object, path);
  }
  if (on != "api") fail(member(path, "on"), "must be one of event, segment, api");
  allow_keys(object, path, {"on"});
  return ApiEntry{};
}

EntryAgain again(const dom::element& element, const std::string& path) {
  EntryAgain out;
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    const std::string word = element.is_string() ? text(element, path, 32) : std::string();
    if (word == "after_leaving") return out;
    if (word != "never") {
      fail(path, "must be never, after_leaving, {\"after\":\"30d\"} or {\"key\":\"order_id\"}");
    }
    out.kind = EntryAgain::Kind::kNever;
    return out;
  }
  if (find(object, "after", path)) {
    allow_keys(object, path, {"after"});
    out.kind = EntryAgain::Kind::kAfter;
    out.after = bounded_duration(object, "after", path);
    return out;
  }
  allow_keys(object, path, {"key"});
  out.kind = EntryAgain::Kind::kKey;
  out.key = value_path(require(object, "key", path), member(path, "key"));
  return out;
}

SendStep send(const dom::object& object, const std::string& path) {
  allow_keys(object, path,
             {"type", "next", "from", "template_id", "content", "topic", "transactional"});
  SendStep out;
  out.from = optional_text(object, "from", path, limits::kMaxNameBytes);
  out.template_id = optional_text(object, "template_id", path, 64);
  out.topic = optional_text(object, "topic", path, 64);
  if (const auto marked = find(object, "transactional", path)) {
    out.transactional = flag(*marked, member(path, "transactional"));
  }
  const auto content = find(object, "content", path);
  if (!content) return out;
  const std::string field = member(path, "content");
  if (!out.template_id.empty()) fail(field, "stands in place of template_id, not beside it");
  const dom::object inner = as_object(*content, field, "an object like {\"subject\":\"Hello\"}");
  allow_keys(inner, field, {"subject", "html", "text"});
  out.subject =
      name(require(inner, "subject", field), member(field, "subject"), limits::kMaxSubjectBytes);
  out.html = optional_text(inner, "html", field, limits::kMaxTemplateBytes);
  out.text = optional_text(inner, "text", field, limits::kMaxTemplateBytes);
  if (out.html.empty() && out.text.empty()) fail(field, "must hold html or text");
  return out;
}

int minute_of_day(const dom::element& element, const std::string& path) {
  const std::string written = text(element, path, 16);
  const auto digit = [&](size_t at) { return written[at] >= '0' && written[at] <= '9'; };
  if (written.size() == 5 && written[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hour = (written[0] - '0') * 10 + (written[1] - '0');
    const int minute = (written[3] - '0') * 10 + (written[4] - '0');
    if (hour < 24 && minute < 60) return hour * 60 + minute;
  }
  fail(path, "must be a time of day, like 09:00");
}

WaitStep wait(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "next", "for", "until"});
  WaitStep out;
  const auto until = find(object, "until", path);
  if (find(object, "for", path).has_value() == until.has_value()) {
    fail(path, "must hold either for or until");
  }
  if (!until) {
    out.length = bounded_duration(object, "for", path);
    return out;
  }
  const std::string field = member(path, "until");
  const dom::object inner = as_object(*until, field, "an object like {\"time\":\"09:00\"}");
  allow_keys(inner, field, {"time", "weekdays", "zone"});
  out.minute = minute_of_day(require(inner, "time", field), member(field, "time"));
  if (find(inner, "zone", field)) out.zone = condition_reader::zone(inner, field);
  out.weekdays = 0x7f;
  if (const auto days = find(inner, "weekdays", field)) {
    out.weekdays = 0;
    each(*days, member(field, "weekdays"), 7, [&](const dom::element& e, const std::string& at) {
      int64_t day = 0;
      if (e.get(day) != simdjson::SUCCESS || day < 1 || day > 7) {
        fail(at, "must be a whole number from 1, Monday, to 7");
      }
      const unsigned bit = 1u << (day - 1);
      if (out.weekdays & bit) fail(at, "is given twice");
      out.weekdays |= bit;
    });
    if (out.weekdays == 0) fail(member(field, "weekdays"), "must hold at least one");
  }
  return out;
}

AwaitedEvent awaited_event(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"event", "where", "same"});
  AwaitedEvent out{filter(object, path), {}};
  if (const auto same = find(object, "same", path)) {
    each(*same, member(path, "same"), limits::kMaxSameTests,
         [&](const dom::element& e, const std::string& at) {
           const dom::object test =
               as_object(e, at, "an object like {\"property\":\"id\",\"entry\":\"id\"}");
           allow_keys(test, at, {"property", "entry"});
           out.same.push_back({value_path(require(test, "property", at), member(at, "property")),
                               value_path(require(test, "entry", at), member(at, "entry"))});
         });
  }
  return out;
}

WaitForStep wait_for(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "next", "any", "timeout", "on_timeout"});
  WaitForStep out;
  each(require(object, "any", path), member(path, "any"), limits::kMaxWaitedFor,
       [&](const dom::element& e, const std::string& at) {
         const dom::object inner = as_object(e, at, "an object with event or segment");
         if (find(inner, "event", at)) {
           out.any.emplace_back(awaited_event(inner, at));
           return;
         }
         if (!find(inner, "segment", at)) fail(at, "must hold event or segment");
         allow_keys(inner, at, {"segment", "change"});
         out.any.emplace_back(segment_change(inner, at));
       });
  if (out.any.empty()) fail(member(path, "any"), "must hold at least one");
  out.timeout = bounded_duration(object, "timeout", path);
  out.on_timeout = link(object, "on_timeout", path);
  return out;
}

BranchStep branch(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "cases", "else"});
  BranchStep out;
  each(require(object, "cases", path), member(path, "cases"), limits::kMaxBranchCases,
       [&](const dom::element& e, const std::string& at) {
         const dom::object one = as_object(e, at, "an object with name, when and next");
         allow_keys(one, at, {"name", "when", "next"});
         out.cases.push_back({label(require(one, "name", at), member(at, "name")),
                              condition(require(one, "when", at), member(at, "when")),
                              link(one, "next", at)});
       });
  out.otherwise = link(object, "else", path);
  return out;
}

SplitStep split_step(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "parts"});
  SplitStep out;
  each(require(object, "parts", path), member(path, "parts"), limits::kMaxSplitParts,
       [&](const dom::element& e, const std::string& at) {
         const dom::object one = as_object(e, at, "an object with name, percent and next");
         allow_keys(one, at, {"name", "percent", "next"});
         const std::string field = member(at, "percent");
         const double hundredths = number(require(one, "percent", at), field, 0, 100) * 100;
         const double whole = std::round(hundredths);
         if (std::abs(hundredths - whole) > 1e-6) fail(field, "has more than two decimals");
         out.parts.push_back({label(require(one, "name", at), member(at, "name")),
                              static_cast<int>(whole), link(one, "next", at)});
       });
  return out;
}

SetTraitsStep set_traits(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "next", "traits"});
  SetTraitsStep out;
  const std::string field = member(path, "traits");
  for (const auto& [key, value] : as_object(require(object, "traits", path), field, "an object")) {
    const std::string at = member(field, utf8_prefix(key, 64));
    if (key.empty() || key.size() > limits::kMaxTraitNameBytes) {
      fail(at, fmt::format("must have a name of 1 to {} bytes", limits::kMaxTraitNameBytes));
    }
    if (out.traits.size() == limits::kMaxSetTraits) {
      fail(at, fmt::format("is beyond {} traits", limits::kMaxSetTraits));
    }
    TraitSource source;
    dom::object inner;
    if (value.get(inner) == simdjson::SUCCESS) {
      allow_keys(inner, at, {"entry"});
      source = value_path(require(inner, "entry", at), member(at, "entry"));
    } else {
      source = literal(value, at);
    }
    if (!out.traits.emplace(std::string(key), std::move(source)).second) {
      fail(at, "is given twice");
    }
  }
  if (out.traits.empty()) fail(field, "must name at least one trait");
  return out;
}

GotoStep repeat(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "next", "step", "max"});
  GotoStep out;
  out.step = link(object, "step", path);
  const auto most = require(object, "max", path);
  if (most.get(out.max) != simdjson::SUCCESS || out.max < 1 || out.max > limits::kMaxGotoTimes) {
    fail(member(path, "max"),
         fmt::format("must be a whole number from 1 to {}", limits::kMaxGotoTimes));
  }
  return out;
}

ExitStep exit_step(const dom::object& object, const std::string& path) {
  allow_keys(object, path, {"type", "reason"});
  const auto reason = find(object, "reason", path);
  return {reason ? label(*reason, member(path, "reason")) : std::string()};
}

JourneyStep step(const dom::element& element, const std::string& path) {
  const dom::object object = as_object(element, path, "an object with a type");
  const std::string type = text(require(object, "type", path), member(path, "type"), 64);
  JourneyStep out;
  if (type == "send") {
    out.action = send(object, path);
  } else if (type == "wait") {
    out.action = wait(object, path);
  } else if (type == "wait_for") {
    out.action = wait_for(object, path);
  } else if (type == "branch") {
    out.action = branch(object, path);
  } else if (type == "split") {
    out.action = split_step(object, path);
  } else if (type == "set_traits") {
    out.action = set_traits(object, path);
  } else if (type == "goto") {
    out.action = repeat(object, path);
  } else if (type == "exit") {
    out.action = exit_step(object, path);
  } else {
    fail(member(path, "type"), fmt::format("must be one of {}", kStepTypes));
  }
  out.next = link(object, "next", path);
  return out;
}

JourneyExit journey_exit(const dom::element& element, const std::string& path) {
  const dom::object object = as_object(element, path, "an object with event or condition");
  if (const auto when = find(object, "condition", path)) {
    allow_keys(object, path, {"condition"});
    return ConditionExit{condition(*when, member(path, "condition"))};
  }
  if (!find(object, "event", path)) fail(path, "must hold event or condition");
  allow_keys(object, path, {"event", "where"});
  return EventExit{filter(object, path)};
}

std::map<std::string, StepPlace> layout(const dom::element& element, const std::string& path) {
  std::map<std::string, StepPlace> out;
  for (const auto& [key, value] : as_object(element, path, "an object")) {
    const std::string at = member(path, utf8_prefix(key, 64));
    check_step_name(key, at);
    if (out.size() == limits::kMaxJourneySteps) fail(at, "is one place too many");
    const dom::object place = as_object(value, at, "an object like {\"x\":0,\"y\":0}");
    allow_keys(place, at, {"x", "y"});
    const auto coordinate = [&](std::string_view axis) {
      constexpr double kMost = static_cast<double>(limits::kMaxLayout);
      return std::llround(number(require(place, axis, at), member(at, axis), -kMost, kMost));
    };
    if (!out.emplace(std::string(key), StepPlace{coordinate("x"), coordinate("y")}).second) {
      fail(at, "is given twice");
    }
  }
  return out;
}

std::optional<JourneyServes> serves(const dom::object& object, const std::string& path) {
  const auto found = find(object, "serves", path);
  if (!found) return std::nullopt;
  const std::string word = text(*found, member(path, "serves"), 32);
  for (int i = 0; i <= static_cast<int>(JourneyServes::kCongratulate); ++i) {
    if (name_of(static_cast<JourneyServes>(i)) == word) return static_cast<JourneyServes>(i);
  }
  fail(member(path, "serves"), "must be one of care, connect, coach, contribute, congratulate");
}

void read_steps(JourneyDocument& out, const dom::element& element, const std::string& path) {
  for (const auto& [key, value] : as_object(element, path, "an object of steps by name")) {
    const std::string at = member(path, utf8_prefix(key, 64));
    check_step_name(key, at);
    if (out.steps.size() == limits::kMaxJourneySteps) {
      fail(at, fmt::format("is beyond {} steps", limits::kMaxJourneySteps));
    }
    if (!out.steps.emplace(std::string(key), step(value, at)).second) fail(at, "is given twice");
  }
}

JourneyDocument read(const dom::element& element, const std::string& path) {
  const dom::object object = as_object(element, path, "an object");
  allow_keys(object, path,
             {"name", "serves", "entry", "again", "starts_at", "ends_at", "start", "steps",
              "exit_when", "layout"});
  JourneyDocument out;
  out.name = label(require(object, "name", path), member(path, "name"));
  out.serves = serves(object, path);
  out.entry = entry(require(object, "entry", path), member(path, "entry"));
  if (const auto e = find(object, "again", path)) out.again = again(*e, member(path, "again"));
  if (const auto e = find(object, "starts_at", path)) {
    out.starts_at = instant(*e, member(path, "starts_at"));
  }
  if (const auto e = find(object, "ends_at", path)) {
    out.ends_at = instant(*e, member(path, "ends_at"));
    if (out.starts_at && *out.ends_at <= *out.starts_at) {
      fail(member(path, "ends_at"), "must be later than starts_at");
    }
  }
  out.start = link(object, "start", path);
  if (const auto e = find(object, "steps", path)) read_steps(out, *e, member(path, "steps"));
  if (const auto e = find(object, "exit_when", path)) {
    each(*e, member(path, "exit_when"), limits::kMaxJourneyExits,
         [&](const dom::element& one, const std::string& at) {
           out.exits.push_back(journey_exit(one, at));
         });
  }
  if (const auto e = find(object, "layout", path)) out.layout = layout(*e, member(path, "layout"));
  return out;
}

/// Above a condition stand steps, a step, its cases and a case; its own parser names what is too
/// deep in it.
constexpr size_t kMaxDepth = 2 * limits::kMaxConditionDepth + 48;

}  // namespace

JourneyDocument parse_journey(std::string_view json, std::string_view field) {
  const std::string root(field);
  if (json.size() > limits::kMaxJourneyBytes) {
    fail(root, fmt::format("is longer than {} bytes", limits::kMaxJourneyBytes));
  }
  dom::parser parser;
  if (parser.allocate(std::max<size_t>(json.size(), 64), kMaxDepth) != simdjson::SUCCESS) {
    throw Error(ErrorCode::kInternal, "The journey could not be read.");
  }
  const auto parsed = parser.parse(simdjson::padded_string(json));
  if (parsed.error() == simdjson::DEPTH_ERROR) fail(root, "is nested too deep");
  if (parsed.error() != simdjson::SUCCESS) fail(root, "is not valid JSON");
  return read(parsed.value_unsafe(), root);
}

}  // namespace rapport
