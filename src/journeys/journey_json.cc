#include <fmt/format.h>

#include "base/text.h"
#include "journeys/journey.h"

namespace rapport {
namespace {

/// The members of one object, in the order they are put.
class Object {
 public:
  void put(std::string_view key, std::string json) {
    body_ += fmt::format("{}\"{}\":{}", body_.empty() ? "" : ",", key, json);
  }
  void text(std::string_view key, const std::string& value) {
    if (!value.empty()) put(key, json_quote(value));
  }
  /// Members that another object's JSON holds.
  void join(std::string_view object) {
    const std::string_view inner = object.substr(1, object.size() - 2);
    if (!inner.empty()) body_ += fmt::format("{}{}", body_.empty() ? "" : ",", inner);
  }
  std::string done() const { return "{" + body_ + "}"; }

 private:
  std::string body_;
};

template <class Items, class Write>
std::string array(const Items& items, const Write& write) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ",") + write(item);
  return "[" + out + "]";
}

std::string quoted(std::string_view text) {
  return json_quote(text);
}

std::string write(const Literal& literal) {
  // One form for literals: that of conditions.
  static constexpr std::string_view kBefore = R"("op":"eq","value":)";
  ValueTest test;
  test.values.push_back(literal);
  return to_json(test).substr(kBefore.size());
}

/// The short form of a condition on events is a filter: {"event":…,"where":[…]}.
std::string write(const EventFilter& filter) {
  EventCondition condition;
  condition.filter = filter;
  return to_json(Condition{std::move(condition)});
}

void put(Object& out, const SegmentEntry& entry) {
  out.put("segment", quoted(to_public(entry.segment)));
  out.put("change", quoted(name_of(entry.change)));
}

std::string write(const JourneyEntry& entry) {
  Object out;
  out.put("on", quoted(kind_of(entry)));
  if (const auto* event = std::get_if<EventEntry>(&entry)) out.join(write(event->filter));
  if (const auto* segment = std::get_if<SegmentEntry>(&entry)) put(out, *segment);
  return out.done();
}

std::string write(const EntryAgain& again) {
  Object out;
  switch (again.kind) {
    case EntryAgain::Kind::kNever:
      return quoted("never");
    case EntryAgain::Kind::kAfterLeaving:
      return quoted("after_leaving");
    case EntryAgain::Kind::kAfter:
      out.put("after", quoted(format_duration(again.after)));
      break;
    case EntryAgain::Kind::kKey:
      out.put("key", quoted(to_text(again.key)));
      break;
  }
  return out.done();
}

void put(Object& out, const SendStep& step) {
  out.text("from", step.from);
  out.text("template_id", step.template_id);
  if (!step.subject.empty()) {
    Object content;
    content.text("subject", step.subject);
    content.text("html", step.html);
    content.text("text", step.text);
    out.put("content", content.done());
  }
  out.text("topic", step.topic);
  if (step.transactional) out.put("transactional", "true");
}

void put(Object& out, const WaitStep& step) {
  if (step.length.count() > 0) {
    out.put("for", quoted(format_duration(step.length)));
    return;
  }
  Object until;
  until.put("time", fmt::format("\"{:02}:{:02}\"", step.minute / 60, step.minute % 60));
  if (step.weekdays != 0x7f) {
    std::vector<int> days;
    for (int day = 1; day <= 7; ++day) {
      if (step.weekdays >> (day - 1) & 1u) days.push_back(day);
    }
    until.put("weekdays", array(days, [](int day) { return std::to_string(day); }));
  }
  until.put("zone", quoted(step.zone == ZoneOf::kCustomer ? "customer" : "workspace"));
  out.put("until", until.done());
}

std::string write(const Awaited& awaited) {
  Object out;
  if (const auto* change = std::get_if<SegmentEntry>(&awaited)) {
    put(out, *change);
    return out.done();
  }
  const auto& event = std::get<AwaitedEvent>(awaited);
  out.join(write(event.filter));
  if (!event.same.empty()) {
    out.put("same", array(event.same, [](const SameTest& test) {
              return fmt::format(R"({{"property":{},"entry":{}}})", quoted(to_text(test.property)),
                                 quoted(to_text(test.entry)));
            }));
  }
  return out.done();
}

void put(Object& out, const WaitForStep& step) {
  out.put("any", array(step.any, [](const Awaited& awaited) { return write(awaited); }));
  out.put("timeout", quoted(format_duration(step.timeout)));
  out.text("on_timeout", step.on_timeout);
}

void put(Object& out, const BranchStep& step) {
  out.put("cases", array(step.cases, [](const BranchCase& one) {
            Object inner;
            inner.text("name", one.name);
            inner.put("when", to_json(one.when));
            inner.text("next", one.next);
            return inner.done();
          }));
  out.text("else", step.otherwise);
}

void put(Object& out, const SplitStep& step) {
  out.put("parts", array(step.parts, [](const SplitPart& part) {
            Object inner;
            inner.text("name", part.name);
            inner.put("percent", fmt::format("{}", part.share / 100.0));
            inner.text("next", part.next);
            return inner.done();
          }));
}

void put(Object& out, const SetTraitsStep& step) {
  std::string traits;
  for (const auto& [trait, source] : step.traits) {
    const auto* path = std::get_if<ValuePath>(&source);
    traits += fmt::format("{}{}:{}", traits.empty() ? "" : ",", quoted(trait),
                          path ? fmt::format(R"({{"entry":{}}})", quoted(to_text(*path)))
                               : write(std::get<Literal>(source)));
  }
  out.put("traits", "{" + traits + "}");
}

void put(Object& out, const GotoStep& step) {
  out.text("step", step.step);
  out.put("max", std::to_string(step.max));
}

void put(Object& out, const ExitStep& step) {
  out.text("reason", step.reason);
}

std::string write(const JourneyStep& step) {
  Object out;
  out.put("type", quoted(type_of(step.action)));
  std::visit([&](const auto& action) { put(out, action); }, step.action);
  out.text("next", step.next);
  return out.done();
}

std::string write(const JourneyExit& exit) {
  if (const auto* event = std::get_if<EventExit>(&exit)) return write(event->filter);
  return R"({"condition":)" + to_json(std::get<ConditionExit>(exit).condition) + "}";
}

}  // namespace

std::string to_json(const JourneyDocument& document) {
  Object out;
  out.text("name", document.name);
  if (document.serves) out.put("serves", quoted(name_of(*document.serves)));
  out.put("entry", write(document.entry));
  out.put("again", write(document.again));
  if (document.starts_at) out.put("starts_at", quoted(format_timestamp(*document.starts_at)));
  if (document.ends_at) out.put("ends_at", quoted(format_timestamp(*document.ends_at)));
  out.text("start", document.start);
  Object steps;
  for (const auto& [name, step] : document.steps) steps.put(name, write(step));
  out.put("steps", steps.done());
  if (!document.exits.empty()) {
    out.put("exit_when",
            array(document.exits, [](const JourneyExit& exit) { return write(exit); }));
  }
  if (!document.layout.empty()) {
    Object layout;
    for (const auto& [name, place] : document.layout) {
      layout.put(name, fmt::format(R"({{"x":{},"y":{}}})", place.x, place.y));
    }
    out.put("layout", layout.done());
  }
  return out.done();
}

}  // namespace rapport
