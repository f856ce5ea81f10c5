// MessageReader: the message ledger and campaign figures, read back. Thread-safe; calls block.
#pragma once

#include <optional>
#include <span>
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
  uint32_t run = 0;      // of the campaign
  uint8_t variant = 0;   // see ledger_block.h
  int64_t attempts = 0;  // that failed
  std::string reason;    // of the last failure, deferral, skip or bounce
  Timestamp queued_at;
  Timestamp planned_at;  // when it was to go
  bool waiting = false;  // to be sent
  std::vector<MessageStepRecord> history;

  bool transactional() const { return campaign.value == 0; }
};

/// What a single message brought along: data for its template, and a template of its own.
struct MessageData {
  std::string data;     // JSON object, or empty
  std::string content;  // JSON object, or empty
};

struct CampaignCounts {
  int64_t queued = 0, sent = 0, failed = 0, skipped = 0, opened = 0, clicked = 0, unsubscribed = 0,
          delivered = 0, bounced = 0, complained = 0, replied = 0;
  std::optional<Timestamp> last_at;  // when the last message ended
};

/// What a message came to, whatever came after: one that was clicked was sent as well. Each counts
/// exactly the recipients that a campaign's figure of that name counts.
struct MessageOutcome {
  int64_t any = 0;   // has one of these marks; 0: every message
  int64_t none = 0;  // and none of these
  bool converted = false;
};

struct MessageFilter {
  std::optional<CampaignId> campaign;
  std::optional<CustomerId> customer;
  std::optional<MessageStep> status;
  std::string reason;         // begins with this; empty: any
  bool whole_reason = false;  // is this
  std::optional<MessageOutcome> outcome;
  std::optional<uint8_t> variant;
  std::optional<int64_t> run;
  std::string channel;              // empty: any
  std::string link;                 // a person followed this address; empty: any
  std::optional<bool> of_campaign;  // or asked for one by one
  std::optional<Timestamp> from;    // queued at or after
  std::optional<Timestamp> until;   // queued before
};

/// Place in a list: after this message, which was queued then.
struct MessagePlace {
  MessageId message;
  Timestamp queued_at;
};

struct MessageSlice {
  std::vector<Message> items;
  std::optional<MessagePlace> next;  // null: the end
};

class MessageReader {
 public:
  explicit MessageReader(const StateStore& state) : state_(state) {}

  /// Messages of a customer that are due, without their history; for the send gate.
  static std::vector<Message> list_waiting(Connection& state, WorkspaceId workspace,
                                           CustomerId customer, Timestamp now, size_t limit);

  std::optional<Message> find(WorkspaceId workspace, MessageId id) const;
  /// Without its history.
  std::optional<Message> find_brief(WorkspaceId workspace, MessageId id) const;
  MessageData data(MessageId id) const;
  /// Single messages that wait and name the template, oldest first.
  std::vector<Message> waiting_with_template(WorkspaceId workspace, std::string_view template_id,
                                             size_t limit) const;
  /// Whether another message of the run was sent to the address.
  bool address_taken(const Message& message, std::string_view address) const;
  /// Variant chosen by a campaign's experiment, if any.
  std::optional<size_t> winner(WorkspaceId workspace, CampaignId campaign) const;
  /// Recipients of a campaign whom it was sent to and who did not open it.
  std::vector<CustomerId> not_opened(WorkspaceId workspace, CampaignId campaign) const;
  /// Oldest first, those with an id above `after`.
  MessageSlice list(WorkspaceId workspace, const MessageFilter& filter, MessageId after,
                    size_t limit) const;
  /// Newest first, those before the place; of a campaign in the order of their ids.
  MessageSlice list_newest(WorkspaceId workspace, const MessageFilter& filter,
                           std::optional<MessagePlace> before, size_t limit) const;
  CampaignCounts counts(WorkspaceId workspace, CampaignId campaign) const;
  /// Recipients of a campaign's control groups.
  int64_t withheld(WorkspaceId workspace, CampaignId campaign) const;
  /// Sums over all campaigns of a workspace.
  CampaignCounts totals(WorkspaceId workspace) const;
  /// See is_suppressed.
  bool suppressed(const Message& message) const;

 private:
  const StateStore& state_;
};

/// "sent", "opened", "machine_opened", "waiting", "converted", …: the names of the figures.
std::span<const std::string_view> message_outcomes();
/// Null when it is not one of them.
std::optional<MessageOutcome> parse_outcome(std::string_view name);

/// "queued" …; null when it is not a status.
std::optional<MessageStep> parse_step_name(std::string_view name);

}  // namespace rapport
