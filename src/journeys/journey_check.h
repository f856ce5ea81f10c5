// What stands between a draft and a journey that can run: every fault of a document, each with the
// step it is at. Pure but for the ports; one call, one answer, in the order of the document.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "journeys/journey.h"

namespace rapport {

/// What else the workspace holds. Thread-safe; may block.
struct JourneyReferences {
  std::function<bool(WorkspaceId, SegmentId)> segment_exists;
  std::function<bool(WorkspaceId, const std::string&)> template_exists;
  std::function<bool(WorkspaceId, const std::string&)> topic_exists;
};

enum class FaultCode : uint8_t {
  kNoStart,           // no first step is named
  kDanglingEdge,      // a link names a step that is not there
  kCycleWithoutWait,  // steps that lead round to themselves without any wait
  kBranchWithoutCases,
  kSplitNotWhole,       // the shares do not add up to 100 percent
  kNameRepeated,        // two cases or parts of one step have the same name
  kSendWithoutContent,  // neither template nor content
  kGotoWithoutStep,
  kTemplateMissing,
  kTopicMissing,
  kSegmentMissing,
  kNoEntryProperties,  // entry properties are asked for, and a segment entry has none
  kAlreadyOver,        // ends_at has passed
  kUnreachableStep,    // warnings from here on
  kWaitBeyondEnd,      // a wait that lasts longer than the journey
  kEndlessCycle,       // steps that lead round, with a wait, and nothing that counts the rounds
};

struct JourneyFault {
  std::string step;    // "" for the whole journey
  std::string member;  // "cases[0].next"; may be empty
  FaultCode code = FaultCode::kNoStart;
  std::string message;  // one sentence
};

/// "dangling_edge"
std::string_view name_of(FaultCode code);
/// Whether the document cannot run with it; what is not is a warning.
bool is_error(FaultCode code);

std::vector<JourneyFault> check_journey(const JourneyDocument& document, WorkspaceId workspace,
                                        Timestamp now, const JourneyReferences& references);
bool has_error(const std::vector<JourneyFault>& faults);

}  // namespace rapport
