#include "journeys/journey.h"

#include <fmt/format.h>

#include <array>

#include "segments/segment_references.h"

namespace rapport {
namespace {

constexpr std::array<std::string_view, 5> kServes{"care", "connect", "coach", "contribute",
                                                  "congratulate"};
constexpr std::array<std::string_view, 8> kTypes{"send",  "wait",       "wait_for", "branch",
                                                 "split", "set_traits", "goto",     "exit"};
static_assert(std::variant_size_v<StepAction> == kTypes.size());

using NamedSegments = std::vector<std::pair<std::string, SegmentId>>;

void add(NamedSegments& out, const std::string& step, const Condition& condition) {
  for (const SegmentId id : named_segments(condition)) out.emplace_back(step, id);
}

}  // namespace

std::string_view name_of(JourneyServes serves) {
  return kServes.at(static_cast<size_t>(serves));
}

std::string_view name_of(SegmentMove change) {
  return change == SegmentMove::kEntered ? "entered" : "left";
}

std::string_view type_of(const StepAction& action) {
  return kTypes.at(action.index());
}

std::string_view kind_of(const JourneyEntry& entry) {
  static constexpr std::array<std::string_view, 3> kKinds{"event", "segment", "api"};
  static_assert(std::variant_size_v<JourneyEntry> == kKinds.size());
  return kKinds.at(entry.index());
}

std::vector<JourneyLink> links_of(const JourneyStep& step) {
  std::vector<JourneyLink> out;
  const auto link = [&](std::string member, const std::string& to) {
    if (!to.empty()) out.push_back({std::move(member), to});
  };
  if (const auto* branch = std::get_if<BranchStep>(&step.action)) {
    for (size_t i = 0; i < branch->cases.size(); ++i) {
      link(fmt::format("cases[{}].next", i), branch->cases[i].next);
    }
    link("else", branch->otherwise);
  } else if (const auto* split = std::get_if<SplitStep>(&step.action)) {
    for (size_t i = 0; i < split->parts.size(); ++i) {
      link(fmt::format("parts[{}].next", i), split->parts[i].next);
    }
  } else if (const auto* repeat = std::get_if<GotoStep>(&step.action)) {
    link("step", repeat->step);
  } else if (const auto* wait = std::get_if<WaitForStep>(&step.action)) {
    link("on_timeout", wait->on_timeout);
  }
  link("next", step.next);
  return out;
}

NamedSegments segments_of(const JourneyDocument& document) {
  NamedSegments out;
  if (const auto* entry = std::get_if<SegmentEntry>(&document.entry)) {
    out.emplace_back("", entry->segment);
  }
  for (const JourneyExit& exit : document.exits) {
    if (const auto* when = std::get_if<ConditionExit>(&exit)) add(out, "", when->condition);
  }
  for (const auto& [name, step] : document.steps) {
    if (const auto* branch = std::get_if<BranchStep>(&step.action)) {
      for (const BranchCase& one : branch->cases) add(out, name, one.when);
    } else if (const auto* wait = std::get_if<WaitForStep>(&step.action)) {
      for (const Awaited& awaited : wait->any) {
        const auto* change = std::get_if<SegmentEntry>(&awaited);
        if (change) out.emplace_back(name, change->segment);
      }
    }
  }
  return out;
}

}  // namespace rapport
