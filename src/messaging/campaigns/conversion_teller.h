// ConversionTeller: tells the log that a message reached its campaign's goal ("Message Converted"),
// once for each message, so that segments, journeys and the timeline know of it.
//
// Carries out the outbox's "conversion" intents, which CampaignStage writes with the first
// conversion of a message and removes when the event is applied. The event has a fixed messageId.
// Thread-safe; calls block.
#pragma once

#include <functional>

#include "messaging/message_reader.h"
#include "messaging/permission/topic_id.h"
#include "stream/dispatcher.h"

namespace rapport {

inline constexpr std::string_view kConversionIntent = "conversion";
inline constexpr std::string_view kMessageConvertedEvent = "Message Converted";

class ConversionTeller final : public IntentHandler {
 public:
  ConversionTeller(const StateStore& state, const MessageReader& messages, const Clock& clock)
      : state_(state), messages_(messages), clock_(clock) {}

  /// What a campaign is about; before the dispatcher starts.
  void set_topic(std::function<TopicId(WorkspaceId, CampaignId)> topic) {
    topic_ = std::move(topic);
  }

  std::vector<NewEvent> execute(const Intent& intent, size_t worker) override;

 private:
  const StateStore& state_;
  const MessageReader& messages_;
  const Clock& clock_;
  std::function<TopicId(WorkspaceId, CampaignId)> topic_;
};

}  // namespace rapport
