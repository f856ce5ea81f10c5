// Event: one fact about one customer, as it stands in the log, and its record format.
//
// The record holds the fields that stages need before they look at the JSON, then the JSON of the
// item as the client sent it. An Event is a set of views into a record (or into whatever the caller
// owns while encoding); it never owns text. Encoding is deterministic. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

enum class EventType : uint8_t {
  kTrack = 1,
  kIdentify = 2,
  kPage = 3,
  kScreen = 4,
  kGroup = 5,
  kAlias = 6,
  kRejected = 64,  // kept with its reason; reaches only the stage that lists rejected events
};

/// "track", …, "rejected".
std::string_view event_type_name(EventType type);
std::optional<EventType> parse_event_type(std::string_view name);

/// Who wrote it. Only the program itself writes kSystem, so ledgers trust nothing else.
enum class EventOrigin : uint8_t { kClient = 1, kImport = 2, kSystem = 3 };

struct Event {
  WorkspaceId workspace;
  EventType type = EventType::kTrack;
  EventOrigin origin = EventOrigin::kClient;
  CustomerId customer;  // set by the program when it knows whom it is about, else 0
  Timestamp timestamp;  // when it happened, corrected for clock skew
  Timestamp received_at;
  std::optional<Timestamp> original_timestamp;  // as the client said
  std::optional<Timestamp> sent_at;
  std::string_view message_id;
  std::string_view name;  // of a track, page or screen; the reason of a rejected one
  std::string_view user_id;
  std::string_view anonymous_id;
  std::string_view
      related_id;         // groupId of a group, previousId of an alias, field of a rejected one
  std::string_view ip;    // of the client, when it is to be kept
  std::string_view body;  // JSON object of the item: properties, traits, context, …
  std::string_view
      shared_context;  // JSON object of the batch, under the item's own context; or empty
};

/// Record for the log.
std::string encode_event(const Event& event);
/// Views into `record`. Throws kCorrupted.
Event decode_event(std::string_view record);

}  // namespace rapport
