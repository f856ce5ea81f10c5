// What short forms stand for in events: messages, lists and topics are told by events like any
// other fact. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "segments/condition.h"

namespace rapport {

inline constexpr std::string_view kListAddedEvent = "List Added";
inline constexpr std::string_view kListRemovedEvent = "List Removed";
inline constexpr std::string_view kListProperty = "list_id";
inline constexpr std::string_view kConsentGivenEvent = "Consent Given";
inline constexpr std::string_view kConsentWithdrawnEvent = "Consent Withdrawn";
inline constexpr std::string_view kTopicProperty = "topic_id";
inline constexpr std::string_view kAllTopicsValue = "all";
inline constexpr std::string_view kChannelProperty = "channel";

/// The event condition that a message condition stands for.
EventCondition expand(const MessageCondition& condition);

/// A state that one event begins and another ends: the latest of them (by time, then arrival)
/// decides. With `each_of`, one such state for every value of that property, and one that stands is
/// enough.
struct Standing {
  std::string begins;
  std::string ends;
  std::vector<PropertyTest> where;
  std::string each_of;
};
Standing standing_of(const ListCondition& condition);
/// Of being subscribed; `subscribed` false is its negation.
Standing standing_of(const TopicCondition& condition);

}  // namespace rapport
