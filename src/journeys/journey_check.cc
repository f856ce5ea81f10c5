#include "journeys/journey_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace rapport {
namespace {

constexpr std::array<std::string_view, 16> kNames{
    "no_start",         "dangling_edge",    "cycle_without_wait",   "branch_without_cases",
    "split_not_whole",  "name_repeated",    "send_without_content", "goto_without_step",
    "template_missing", "topic_missing",    "segment_missing",      "no_entry_properties",
    "already_over",     "unreachable_step", "wait_beyond_end",      "endless_cycle"};

bool waits(const StepAction& action) {
  return std::holds_alternative<WaitStep>(action) || std::holds_alternative<WaitForStep>(action);
}

class Checker {
 public:
  Checker(const JourneyDocument& document, WorkspaceId workspace, Timestamp now,
          const JourneyReferences& references)
      : document_(document), workspace_(workspace), now_(now), references_(references) {}

  std::vector<JourneyFault> run() {
    whole();
    for (const auto& [name, step] : document_.steps) {
      links(name, step);
      std::visit([&, step_name = name](const auto& action) { look(step_name, action); },
                 step.action);
    }
    unreachable();
    cycles();
    return std::move(faults_);
  }

 private:
  void add(std::string step, std::string member, FaultCode code, std::string message) {
    faults_.push_back({std::move(step), std::move(member), code, std::move(message)});
  }

  bool has(const std::string& step) const { return document_.steps.contains(step); }
  bool bare_entry() const { return std::holds_alternative<SegmentEntry>(document_.entry); }
  void needs_properties(const std::string& step, const std::string& member) {
    if (!bare_entry()) return;
    add(step, member, FaultCode::kNoEntryProperties,
        "An entry by segment brings no properties along.");
  }

  void whole() {
    if (document_.start.empty()) {
      add("", "start", FaultCode::kNoStart, "The journey has no first step.");
    } else if (!has(document_.start)) {
      add("", "start", FaultCode::kDanglingEdge,
          fmt::format("The journey starts with “{}”, which is not there.", document_.start));
    }
    if (document_.again.kind == EntryAgain::Kind::kKey) needs_properties("", "again.key");
    if (document_.ends_at && *document_.ends_at <= now_) {
      add("", "ends_at", FaultCode::kAlreadyOver, "The journey's end has passed.");
    }
    std::set<std::pair<std::string, SegmentId>> told;
    for (const auto& [step, segment] : segments_of(document_)) {
      if (!told.emplace(step, segment).second) continue;
      if (references_.segment_exists(workspace_, segment)) continue;
      add(step, "", FaultCode::kSegmentMissing,
          fmt::format("Segment {} is not there.", to_public(segment)));
    }
  }

  void links(const std::string& name, const JourneyStep& step) {
    for (const JourneyLink& link : links_of(step)) {
      if (has(link.to)) continue;
      add(name, link.member, FaultCode::kDanglingEdge,
          fmt::format("“{}” leads to “{}”, which is not there.", name, link.to));
    }
  }

  void look(const std::string& name, const SendStep& step) {
    if (step.template_id.empty() && step.subject.empty()) {
      add(name, "", FaultCode::kSendWithoutContent,
          fmt::format("“{}” has neither a template nor content of its own.", name));
    }
    if (!step.template_id.empty() && !references_.template_exists(workspace_, step.template_id)) {
      add(name, "template_id", FaultCode::kTemplateMissing,
          fmt::format("Template {} is not there.", step.template_id));
    }
    if (!step.topic.empty() && !references_.topic_exists(workspace_, step.topic)) {
      add(name, "topic", FaultCode::kTopicMissing,
          fmt::format("Topic {} is not there, or is closed.", step.topic));
    }
  }

  void lasts(const std::string& name, const std::string& member, Micros length) {
    if (!document_.ends_at) return;
    const Timestamp from = std::max(document_.starts_at.value_or(now_), now_);
    if (from + length <= *document_.ends_at || *document_.ends_at <= from) return;
    add(name, member, FaultCode::kWaitBeyondEnd,
        fmt::format("“{}” waits {}, longer than the journey has left.", name,
                    format_duration(length)));
  }
  void look(const std::string& name, const WaitStep& step) { lasts(name, "for", step.length); }
  void look(const std::string& name, const WaitForStep& step) {
    lasts(name, "timeout", step.timeout);
    for (size_t i = 0; i < step.any.size(); ++i) {
      const auto* event = std::get_if<AwaitedEvent>(&step.any[i]);
      if (event && !event->same.empty()) needs_properties(name, fmt::format("any[{}].same", i));
    }
  }

  template <class Named>
  void distinct(const std::string& step, std::string_view list, const std::vector<Named>& items) {
    std::set<std::string_view> seen;
    for (size_t i = 0; i < items.size(); ++i) {
      if (seen.insert(items[i].name).second) continue;
      add(step, fmt::format("{}[{}].name", list, i), FaultCode::kNameRepeated,
          fmt::format("“{}” is a name given twice.", items[i].name));
    }
  }
  void look(const std::string& name, const BranchStep& step) {
    if (step.cases.empty()) {
      add(name, "cases", FaultCode::kBranchWithoutCases,
          fmt::format("“{}” has no case to choose.", name));
    }
    distinct(name, "cases", step.cases);
  }
  void look(const std::string& name, const SplitStep& step) {
    int sum = 0;
    for (const SplitPart& part : step.parts) sum += part.share;
    if (sum != 10'000) {
      add(name, "parts", FaultCode::kSplitNotWhole,
          fmt::format("The parts of “{}” make {} percent, not 100.", name, sum / 100.0));
    }
    distinct(name, "parts", step.parts);
  }
  void look(const std::string& name, const SetTraitsStep& step) {
    for (const auto& [trait, source] : step.traits) {
      if (std::holds_alternative<ValuePath>(source)) needs_properties(name, "traits." + trait);
    }
  }
  void look(const std::string& name, const GotoStep& step) {
    if (!step.step.empty()) return;
    add(name, "step", FaultCode::kGotoWithoutStep,
        fmt::format("“{}” names no step to go to.", name));
  }
  void look(const std::string&, const ExitStep&) {}

  void unreachable() {
    if (!has(document_.start)) return;
    std::set<std::string> reached{document_.start};
    std::vector<std::string> open{document_.start};
    while (!open.empty()) {
      const JourneyStep& step = document_.steps.at(open.back());
      open.pop_back();
      for (const JourneyLink& link : links_of(step)) {
        if (has(link.to) && reached.insert(link.to).second) open.push_back(link.to);
      }
    }
    for (const auto& [name, step] : document_.steps) {
      if (reached.contains(name)) continue;
      add(name, "", FaultCode::kUnreachableStep, fmt::format("No way leads to “{}”.", name));
    }
  }

  /// Whether a way leads from `name` back to it, not by a goto, which counts its rounds, and, when
  /// `at_once`, through no step that waits.
  bool leads_round(const std::string& name, bool at_once) const {
    std::set<std::string> reached;
    std::vector<std::string> open{name};
    while (!open.empty()) {
      const JourneyStep& step = document_.steps.at(open.back());
      open.pop_back();
      if (at_once && waits(step.action)) continue;
      const bool counted = std::holds_alternative<GotoStep>(step.action);
      for (const JourneyLink& link : links_of(step)) {
        if (counted && link.member == "step") continue;
        if (link.to == name) return true;
        if (has(link.to) && reached.insert(link.to).second) open.push_back(link.to);
      }
    }
    return false;
  }

  void cycles() {
    for (const auto& [name, step] : document_.steps) {
      if (leads_round(name, true)) {
        add(name, "", FaultCode::kCycleWithoutWait,
            fmt::format("From “{}” a way without any wait leads back to it.", name));
      } else if (waits(step.action) && leads_round(name, false)) {
        add(name, "", FaultCode::kEndlessCycle,
            fmt::format("From “{}” a way leads back to it, without an end.", name));
      }
    }
  }

  const JourneyDocument& document_;
  WorkspaceId workspace_;
  Timestamp now_;
  const JourneyReferences& references_;
  std::vector<JourneyFault> faults_;
};

}  // namespace

std::string_view name_of(FaultCode code) {
  return kNames.at(static_cast<size_t>(code));
}

bool is_error(FaultCode code) {
  return code < FaultCode::kUnreachableStep;
}

std::vector<JourneyFault> check_journey(const JourneyDocument& document, WorkspaceId workspace,
                                        Timestamp now, const JourneyReferences& references) {
  return Checker(document, workspace, now, references).run();
}

bool has_error(const std::vector<JourneyFault>& faults) {
  return std::any_of(faults.begin(), faults.end(),
                     [](const JourneyFault& fault) { return is_error(fault.code); });
}

}  // namespace rapport
