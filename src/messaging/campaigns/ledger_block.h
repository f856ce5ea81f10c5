// LedgerBlock: up to limits::kLedgerBlock recipients of one campaign run, queued by one log event.
//
// A million recipients are a thousand events of about three kilobytes instead of a million of two
// hundred bytes: customers are sorted and kept as differences. A message's id comes from the offset
// of its event and its place in the block, so a replay gives the same ids. What happens to each
// message later ("Message Sent", …) is an event of its own. Pure; no I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/limits/campaigns.h"
#include "base/time.h"
#include "stream/log_writer.h"

namespace rapport {

class Payload;

/// Which of the variants a recipient gets, or why none.
inline constexpr uint8_t kHourPassedVariant = 252;  // skipped: the local hour was over
inline constexpr uint8_t kUndecidedVariant = 253;   // the experiment's winner, once there is one
inline constexpr uint8_t kControlVariant = 254;     // the campaign's control group
inline constexpr uint8_t kHoldoutVariant = 255;     // the workspace's control group
constexpr bool is_withheld(uint8_t variant) {
  return variant >= kControlVariant;
}

/// "a", "b", … of a variant, "winner", "control", "holdout"; "" of one that was not sent.
std::string variant_name(uint8_t variant);

struct LedgerEntry {
  CustomerId customer;
  uint8_t variant = 0;
  bool operator==(const LedgerEntry&) const = default;
};

struct LedgerBlock {
  WorkspaceId workspace;
  CampaignId campaign;
  uint32_t run = 1;
  Timestamp due_at;
  std::string channel = "email";
  std::vector<LedgerEntry> recipients;  // sorted by customer
};

inline constexpr std::string_view kBlockEvent = "Messages Queued";
inline constexpr std::string_view kCampaignStartedEvent = "Campaign Started";
inline constexpr std::string_view kCampaignCancelledEvent = "Campaign Cancelled";
inline constexpr std::string_view kExperimentDecidedEvent = "Experiment Decided";

/// Recipients as bytes: differences of ids as varints, each with its variant.
std::string encode_recipients(const std::vector<LedgerEntry>& recipients);
/// Throws kCorrupted.
std::vector<LedgerEntry> decode_recipients(std::string_view bytes);

/// `sequence` numbers the blocks of a run: the same block again is a duplicate.
NewEvent make_block_event(const LedgerBlock& block, size_t sequence, Timestamp at);
/// Null when the event is not one.
std::optional<LedgerBlock> read_block_event(WorkspaceId workspace, const Payload& payload);

/// A system event about a campaign; `properties` are members without braces, or empty.
NewEvent make_campaign_event(std::string_view name, WorkspaceId workspace, CampaignId campaign,
                             uint32_t run, std::string_view properties, Timestamp at);

/// Id of the message at `index` of the block whose event has `offset`.
constexpr MessageId block_message_id(Offset offset, size_t index) {
  return MessageId{(uint64_t{1} << 56) + (offset << 12) + index};
}

constexpr bool is_block_message(MessageId id) {
  return id.value >> 56 == 1;
}

/// How much work an event is, in events: a block is as many as its recipients.
size_t ledger_weight(std::string_view event_name, size_t record_bytes);

}  // namespace rapport
