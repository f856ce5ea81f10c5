// MessageReader: the message ledger and campaign figures, read back. Thread-safe; calls block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "messaging/message.h"
#include "storage/state_store.h"

namespace rapport {

struct MessageStepRecord {
  MessageStep step;
  Timestamp at;
  std::string detail;
};

struct Message {
  MessageId id;
  WorkspaceId workspace;
  CampaignId campaign;
  CustomerId customer;
  std::string channel;
  std::string address;
  std::string subject;
  MessageStep status = MessageStep::kQueued;
  std::vector<MessageStepRecord> history;
};

struct CampaignCounts {
  int64_t queued = 0, sent = 0, failed = 0, skipped = 0, opened = 0, clicked = 0, unsubscribed = 0,
          delivered = 0, bounced = 0, complained = 0, replied = 0;
  std::optional<Timestamp> last_at;  // when the last message ended
};

struct MessageFilter {
  std::optional<CampaignId> campaign;
  std::optional<CustomerId> customer;
  std::optional<MessageStep> status;
};

struct MessageSlice {
  std::vector<Message> items;
  std::optional<MessageId> next;  // null: the end
};

class MessageReader {
 public:
  explicit MessageReader(const StateStore& state) : state_(state) {}

  std::optional<Message> find(WorkspaceId workspace, MessageId id) const;
  /// Oldest first, those with an id above `after`.
  MessageSlice list(WorkspaceId workspace, const MessageFilter& filter, MessageId after,
                    size_t limit) const;
  CampaignCounts counts(WorkspaceId workspace, CampaignId campaign) const;
  /// Sums over all campaigns of a workspace.
  CampaignCounts totals(WorkspaceId workspace) const;
  /// See is_suppressed.
  bool suppressed(const Message& message) const;

 private:
  const StateStore& state_;
};

/// "queued" …; null when it is not a status.
std::optional<MessageStep> parse_step_name(std::string_view name);

}  // namespace rapport
