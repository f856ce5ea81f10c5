#include "messaging/campaigns/ledger_block.h"

#include <optional>

#include "base/error.h"
#include "base/limits/campaigns.h"
#include "base/text.h"
#include "stream/event.h"
#include "stream/payload.h"

namespace rapport {
namespace {

static_assert(limits::kLedgerBlock <= 4'096, "a block's index has twelve bits of a message id");

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(static_cast<uint8_t>(value) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

[[noreturn]] void fail() {
  throw Error(ErrorCode::kCorrupted, "A block of recipients is damaged");
}

uint64_t take_varint(std::string_view& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (in.empty()) fail();
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail();
}

NewEvent make_system_event(std::string_view name, WorkspaceId workspace, std::string_view id,
                           std::string_view body, Timestamp at) {
  Event event;
  event.workspace = workspace;
  event.type = EventType::kTrack;
  event.origin = EventOrigin::kSystem;
  event.timestamp = event.received_at = at;
  event.message_id = id;
  event.name = name;
  event.body = body;
  return make_new_event(event);
}

}  // namespace

std::string variant_name(uint8_t variant) {
  switch (variant) {
    case kHourPassedVariant:
      return "";
    case kUndecidedVariant:
      return "winner";
    case kControlVariant:
      return "control";
    case kHoldoutVariant:
      return "holdout";
    default:
      return std::string(1, static_cast<char>('a' + variant));
  }
}

std::string encode_recipients(const std::vector<LedgerEntry>& recipients) {
  std::string out;
  out.reserve(recipients.size() * 4);
  uint64_t last = 0;
  for (const LedgerEntry& entry : recipients) {
    put_varint(out, entry.customer.value - last);
    out += static_cast<char>(entry.variant);
    last = entry.customer.value;
  }
  return out;
}

std::vector<LedgerEntry> decode_recipients(std::string_view bytes) {
  std::vector<LedgerEntry> recipients;
  uint64_t last = 0;
  while (!bytes.empty()) {
    last += take_varint(bytes);
    if (bytes.empty()) fail();
    recipients.push_back({CustomerId{last}, static_cast<uint8_t>(bytes.front())});
    bytes.remove_prefix(1);
  }
  return recipients;
}

NewEvent make_block_event(const LedgerBlock& block, size_t sequence, Timestamp at) {
  const std::string campaign = to_public(block.campaign);
  const std::string id =
      campaign + ":" + std::to_string(block.run) + ":block:" + std::to_string(sequence);
  const std::string body =
      "{\"properties\":{\"campaign_id\":\"" + campaign + "\",\"run\":" + std::to_string(block.run) +
      ",\"channel\":" + json_quote(block.channel) + ",\"due_at\":\"" +
      format_timestamp(block.due_at) +
      "\",\"recipients\":" + std::to_string(block.recipients.size()) + "},\"ledger\":\"" +
      base64_encode(encode_recipients(block.recipients)) + "\"}";
  return make_system_event(kBlockEvent, block.workspace, id, body, at);
}

std::optional<LedgerBlock> read_block_event(WorkspaceId workspace, const Payload& payload) {
  const auto campaign = parse_id<CampaignTag>(payload.text("properties.campaign_id").value_or(""));
  const auto run = parse_int(payload.text("properties.run").value_or(""));
  const auto due = parse_timestamp(payload.text("properties.due_at").value_or(""));
  const auto bytes = base64_decode(payload.text("ledger").value_or(""));
  if (!campaign || !run || !due || !bytes) return std::nullopt;
  return LedgerBlock{workspace,
                     *campaign,
                     static_cast<uint32_t>(*run),
                     *due,
                     payload.text("properties.channel").value_or("email"),
                     decode_recipients(*bytes)};
}

NewEvent make_campaign_event(std::string_view name, WorkspaceId workspace, CampaignId campaign,
                             uint32_t run, std::string_view properties, Timestamp at) {
  const std::string id = to_public(campaign) + ":" + std::to_string(run) + ":" + std::string(name);
  const std::string body = "{\"properties\":{\"campaign_id\":\"" + to_public(campaign) +
                           "\",\"run\":" + std::to_string(run) +
                           (properties.empty() ? "" : "," + std::string(properties)) + "}}";
  return make_system_event(name, workspace, id, body, at);
}

size_t ledger_weight(std::string_view event_name, size_t record_bytes) {
  // A recipient takes at least two bytes, four in base64 are three: never less than there are.
  return event_name == kBlockEvent ? 1 + record_bytes / 3 : 1;
}

}  // namespace rapport
