// The engine's own events in the log: what a segment asks, how far it is computed, who entered and
// left, what time it is.
//
// All are system events with a fixed messageId, so that trying one twice records it once; a client
// can send an event of the same name, it moves nothing. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "segments/segment_references.h"
#include "segments/segment_state.h"
#include "stream/log_writer.h"

namespace rapport {

inline constexpr std::string_view kSegmentDefinedEvent = "Segment Defined";
inline constexpr std::string_view kSegmentRemovedEvent = "Segment Removed";
inline constexpr std::string_view kSegmentFilledEvent = "Segment Filled";
inline constexpr std::string_view kSegmentReadyEvent = "Segment Ready";
inline constexpr std::string_view kSegmentEnteredEvent = "Segment Entered";
inline constexpr std::string_view kSegmentLeftEvent = "Segment Left";
/// Of no workspace: it belongs to the installation, and no module keeps it.
inline constexpr std::string_view kTimeReachedEvent = "Time Reached";

/// What a segment asks from the event's offset on.
struct SegmentDefinition {
  WorkspaceId workspace;
  SegmentId segment;
  uint32_t version = 0;
  std::string condition_json;
  /// Conditions of the segments it refers to, directly or not.
  std::vector<std::pair<SegmentId, std::string>> referenced;
  std::string time_zone;  // the workspace's
  uint32_t reading = 1;   // kSegmentReading (segment_program.h) of who defined it
  /// What topics that it asks for were; those that are not there left out.
  std::vector<std::pair<std::string, TopicFacts>> topics;
};

/// Customers above `after` up to `through` have the memberships of `slots` computed.
struct SegmentFill {
  WorkspaceId workspace;
  std::vector<PartId> slots;
  CustomerId after;
  CustomerId through;
};

/// Why a membership changed.
enum class ChangeCause : uint8_t { kEvent = 1, kTrait, kTime, kMerge, kBackfill, kEdit };
std::string_view change_cause_name(ChangeCause cause);

struct SegmentChange {
  uint64_t id = 0;  // its row in the ledger
  WorkspaceId workspace;
  CustomerId customer;
  SegmentId segment;
  bool entered = false;
  Timestamp at;
  ChangeCause cause = ChangeCause::kEvent;
  Offset offset = 0;   // of the event at which the projection saw it
  std::string detail;  // the event's messageId, the trait's name
};

NewEvent make_segment_defined(const SegmentDefinition& definition, Timestamp now);
NewEvent make_segment_removed(WorkspaceId workspace, SegmentId segment, Timestamp now);
NewEvent make_segment_filled(const SegmentFill& fill, Timestamp now);
NewEvent make_segment_ready(WorkspaceId workspace, std::span<const PartId> slots, Timestamp now);
NewEvent make_segment_change(const SegmentChange& change, std::string_view segment_name,
                             Timestamp now);
NewEvent make_time_reached(Timestamp now);

/// What `read_segment_defined` reads.
std::string segment_definition_json(const SegmentDefinition& definition);
/// From the JSON of the event's properties; null when it is not one.
std::optional<SegmentDefinition> read_segment_defined(WorkspaceId workspace, std::string_view json);
std::optional<SegmentFill> read_segment_filled(WorkspaceId workspace, std::string_view json);

}  // namespace rapport
