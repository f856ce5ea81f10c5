// FeedbackService: what receivers and providers say of a message, recorded as its next step.
//
// Everything is in the log before the caller answers. A step that happens once (delivered, bounced,
// complained) has a fixed id, so hearing of it twice records it once. News of a message that is not
// in the ledger is dropped. Thread-safe; calls block.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "messaging/delivery/return_path.h"
#include "messaging/message_reader.h"
#include "runtime/clock.h"
#include "stream/log_writer.h"

namespace rapport {

struct Feedback {
  ReturnedMessage message;
  MessageStep step = MessageStep::kBounced;
  std::string reason;
  std::string bounce;      // "hard", "soft", or ""
  std::string occurrence;  // of steps that may happen again
};

class FeedbackService {
 public:
  FeedbackService(const MessageReader& messages, LogWriter& writer, const Clock& clock)
      : messages_(messages), writer_(writer), clock_(clock) {}

  /// What a campaign is about; before news comes.
  void set_topic(std::function<TopicId(WorkspaceId, CampaignId)> topic) {
    topic_ = std::move(topic);
  }
  /// False when there is no such message.
  bool record(const Feedback& feedback);
  /// A message of the workspace by its Message-ID ("msg_…@domain"), if it went to `recipient`.
  std::optional<ReturnedMessage> find(WorkspaceId workspace, std::string_view message_id,
                                      std::string_view recipient) const;

 private:
  const MessageReader& messages_;
  LogWriter& writer_;
  const Clock& clock_;
  std::function<TopicId(WorkspaceId, CampaignId)> topic_;
};

}  // namespace rapport
