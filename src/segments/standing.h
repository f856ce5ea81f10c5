// What short forms stand for in events: messages, lists and topics are told by events that the
// program itself writes; a client's event of the same name tells nothing. Pure, thread-safe.
#pragma once

#include <map>
#include <optional>
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
/// Of a message: the recipient refused its topic, or without one all of them.
inline constexpr std::string_view kUnsubscribedEvent = "Unsubscribed";
inline constexpr std::string_view kTopicProperty = "topic_id";
inline constexpr std::string_view kAllTopicsValue = "all";
inline constexpr std::string_view kChannelProperty = "channel";

/// The event condition that a message condition stands for.
EventCondition expand(const MessageCondition& condition);

/// A state that one event begins and another ends: the latest of them (by time, then arrival)
/// decides.
struct Standing {
  std::string begins;
  std::string ends;
  std::vector<PropertyTest> where;
};
Standing standing_of(const ListCondition& condition);

/// Events that say one kind of thing about a topic.
struct TopicTrack {
  EventFilter filter;
  bool about_all = false;  // about all topics of the channel
  bool given = false;      // agreed; else refused
};
/// In a fixed order. With a channel the filters ask for it; else it is the events'
/// kChannelProperty.
std::vector<TopicTrack> topic_tracks(const TopicCondition& condition);

/// How definitions of the first reading (segment_program.h) saw a topic: the events that say yes,
/// and those that say no; the latest decides, of each channel by itself.
std::vector<EventFilter> topic_filters_of_reading_1(const TopicCondition& condition);

/// The channels on one of which the topic must be allowed; empty: any that events tell of.
std::vector<std::string> topic_channels(const TopicCondition& condition);
/// Whether somebody who said nothing gets it.
bool allowed_unasked(const TopicCondition& condition);

/// What one customer said about a topic, event by event in the order of their time, then arrival.
/// The rule is the send gate's: what they said of the topic counts, unless they refused all topics
/// later; what they never said is the topic's kind.
class TopicLedger {
 public:
  explicit TopicLedger(const TopicCondition& condition) : condition_(condition) {}
  /// `channel` is of no matter when the condition names one.
  void add(std::string_view channel, const TopicTrack& said);
  /// Whether messages about it are allowed: the condition's value is that it is as `subscribed`.
  bool allowed() const;

 private:
  struct Said {
    std::optional<bool> own;     // the latest of the topic
    bool all_refused = false;    // the latest of all topics
    bool all_after_own = false;  // and whether it came after that of the topic
  };
  bool allowed(const Said& said) const;

  const TopicCondition& condition_;
  std::map<std::string, Said, std::less<>> channels_;
};

}  // namespace rapport
