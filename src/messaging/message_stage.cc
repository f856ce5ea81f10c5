#include "messaging/message_stage.h"

#include <algorithm>
#include <array>

#include "base/limits/campaigns.h"
#include "base/limits/messaging.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "mail/address.h"
#include "messaging/campaigns/ledger_block.h"
#include "messaging/message_schema.h"

namespace rapport {
namespace {

constexpr std::string_view kAddMessage =
    "INSERT INTO messages (id, workspace, campaign, customer, channel, address, status, steps, "
    "run, variant, lane, due_at, planned_at, queued_at, reason) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14)";
constexpr std::string_view kSurvivor =
    "SELECT coalesce(merged_into, id) FROM customers WHERE id = $1 AND workspace = $2";
constexpr std::string_view kInRun =
    "SELECT 1 FROM messages WHERE workspace = $1 AND customer = $2 AND campaign = $3 AND run = $4";
constexpr std::string_view kAddressTaken =
    "SELECT 1 FROM messages WHERE campaign = $1 AND run = 0 AND address = $2 AND address <> ''";
constexpr std::string_view kFindMessage =
    "SELECT campaign, customer, address, status, steps, run, variant, lane, due_at, attempts, "
    "reason, subject FROM messages WHERE id = $1 AND workspace = $2";
constexpr std::string_view kMoveMessage =
    "UPDATE messages SET status = $2, steps = $3, lane = $4, due_at = $5, attempts = $6, "
    "reason = $7, address = $8, subject = $9 WHERE id = $1";
constexpr std::string_view kAddData =
    "INSERT INTO message_data (message, data, content) VALUES ($1, $2, $3)";
constexpr std::string_view kDropData = "DELETE FROM message_data WHERE message = $1";
constexpr std::string_view kIsCancelled =
    "SELECT 1 FROM cancelled_campaigns WHERE workspace = $1 AND campaign = $2";
constexpr std::string_view kCancel =
    "INSERT INTO cancelled_campaigns (workspace, campaign) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view kAddKey =
    "INSERT INTO idempotency_keys (workspace, key, digest, at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (workspace, key) DO NOTHING";
constexpr std::string_view kForgetKeys = "DELETE FROM idempotency_keys WHERE at < $1";
constexpr std::string_view kHasClicked =
    "SELECT 1 FROM message_history WHERE message = $1 AND step = $2 AND detail = $3";
constexpr std::string_view kAddClick =
    "INSERT INTO campaign_links (workspace, campaign, url, people, clicks, machine_clicks) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, campaign, url) DO UPDATE SET "
    "people = people + excluded.people, clicks = clicks + excluded.clicks, "
    "machine_clicks = machine_clicks + excluded.machine_clicks";
constexpr std::string_view kSetWinner =
    "INSERT INTO campaign_winners (workspace, campaign, variant, decided_at, reason) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
constexpr std::string_view kCountWaiting =
    "SELECT run, variant, count(*) FROM messages WHERE workspace = $1 AND campaign = $2 "
    "AND lane IS NOT NULL GROUP BY run, variant";
constexpr std::string_view kEndWaiting =
    "UPDATE messages SET status = $3, steps = steps | $4, lane = NULL, reason = $5 "
    "WHERE workspace = $1 AND campaign = $2 AND lane IS NOT NULL";
constexpr std::string_view kAddHistory =
    "INSERT INTO message_history (message, log_offset, step, at, detail) VALUES ($1, $2, $3, $4, "
    "$5)";
constexpr std::string_view kFollowMerge =
    "UPDATE messages SET customer = $3 WHERE workspace = $1 AND customer = $2";
// The wish not to be written to gives way to every other reason, never the other way round.
constexpr std::string_view kSuppress =
    "INSERT INTO suppressions (workspace, channel, address, reason, at, log_offset) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, channel, address) DO UPDATE SET "
    "reason = excluded.reason, at = excluded.at, log_offset = excluded.log_offset "
    "WHERE suppressions.reason = 'unsubscribed' AND excluded.reason <> 'unsubscribed'";
constexpr std::string_view kForgetSoftBounces =
    "DELETE FROM soft_bounces WHERE workspace = $1 AND channel = $2 AND address = $3 AND at < $4";
constexpr std::string_view kAddSoftBounce =
    "INSERT INTO soft_bounces (workspace, channel, address, log_offset, at) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kCountSoftBounces =
    "SELECT count(*) FROM soft_bounces WHERE workspace = $1 AND channel = $2 AND address = $3";
constexpr std::string_view kIsSuppressed =
    "SELECT 1 FROM suppressions WHERE workspace = $1 AND channel = $2 AND address = $3";
constexpr std::string_view kAddCounts =
    "INSERT INTO campaign_counts (workspace, campaign, queued, sent, failed, skipped, opened, "
    "clicked, unsubscribed, delivered, bounced, complained, replied, last_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
    "ON CONFLICT (workspace, campaign) DO UPDATE SET queued = queued + excluded.queued, "
    "sent = sent + excluded.sent, failed = failed + excluded.failed, "
    "skipped = skipped + excluded.skipped, opened = opened + excluded.opened, "
    "clicked = clicked + excluded.clicked, unsubscribed = unsubscribed + excluded.unsubscribed, "
    "delivered = delivered + excluded.delivered, bounced = bounced + excluded.bounced, "
    "complained = complained + excluded.complained, replied = replied + excluded.replied, "
    "last_at = max(last_at, excluded.last_at)";

constexpr std::string_view kCancelledReason = "cancelled";

constexpr int64_t bit(MessageStep step) {
  return int64_t{1} << static_cast<int>(step);
}

bool ends_sending(MessageStep step) {
  return step == MessageStep::kSent || step == MessageStep::kFailed ||
         step == MessageStep::kSkipped;
}

}  // namespace

struct MessageStage::Row {
  CampaignId campaign;
  CustomerId customer;
  std::string address;
  MessageStep status;
  int64_t steps;
  uint32_t run;
  uint8_t variant;
  std::optional<int64_t> lane;
  Timestamp due_at;
  int64_t attempts;
  std::string reason;
  std::string subject;
};

std::span<const Migration> MessageStage::migrations() const {
  return message_migrations();
}

bool is_suppressed(Connection& state, WorkspaceId workspace, std::string_view channel,
                   std::string_view address) {
  const auto found = [](Statement&) { return true; };
  return state.find(kIsSuppressed, found, workspace, channel, to_lower_ascii(address)).has_value();
}

void MessageStage::apply(StagedEvent& event, StageBatch& batch) {
  for (const CustomerId loser : event.merged) {
    batch.state.run(kFollowMerge, event.event.workspace, loser, event.customer);
  }
  if (event.event.origin != EventOrigin::kSystem) return;
  if (event.event.name == kBlockEvent) return queue_block(event, batch);
  if (event.event.name == kCampaignCancelledEvent) return cancel(event, batch);
  if (event.event.name == kExperimentDecidedEvent) return decide(event, batch);
  const auto step = parse_step_event(event.event.name);
  if (!step || *step == MessageStep::kWithheld) return;
  if (*step == MessageStep::kQueued) {
    queue(event, batch);
  } else {
    move(event, batch, *step);
  }
}

void MessageStage::queue_block(const StagedEvent& event, StageBatch& batch) {
  const WorkspaceId workspace = event.event.workspace;
  const auto block = read_block_event(workspace, *event.payload);
  if (!block) return;
  const auto found = [](Statement&) { return true; };
  const bool cancelled =
      batch.state.find(kIsCancelled, found, workspace, block->campaign).has_value();
  const Timestamp at = event.event.timestamp;
  for (size_t i = 0; i < block->recipients.size(); ++i) {
    const LedgerEntry& entry = block->recipients[i];
    const auto survivor = batch.state.find(
        kSurvivor, [](Statement& row) { return CustomerId{row.id(0)}; }, entry.customer, workspace);
    std::string_view reason;
    if (!survivor) {
      reason = "customer_gone";
    } else if (batch.state.find(kInRun, found, workspace, *survivor, block->campaign, block->run)) {
      reason = "duplicate_customer";
    } else if (cancelled) {
      reason = kCancelledReason;
    } else if (entry.variant == kHourPassedVariant) {
      reason = "hour_passed";
    }
    MessageStep status = MessageStep::kQueued;
    if (is_withheld(entry.variant)) status = MessageStep::kWithheld;
    if (!reason.empty()) status = MessageStep::kSkipped;
    std::optional<int64_t> lane;
    if (status == MessageStep::kQueued) lane = entry.variant == kUndecidedVariant ? 1 : 0;
    batch.state.run(kAddMessage, block_message_id(event.offset, i), workspace, block->campaign,
                    survivor.value_or(entry.customer), block->channel, "",
                    static_cast<int64_t>(status), bit(MessageStep::kQueued) | bit(status),
                    block->run, int64_t{entry.variant}, lane, block->due_at, at, reason);
    const Figures::Key key{workspace, block->campaign, block->run, entry.variant};
    const auto tally = [&](MessageStep step) {
      count(workspace, block->campaign, step, at);
      figures_.add(key, static_cast<Figure>(step), at);
    };
    if (status != MessageStep::kWithheld) tally(MessageStep::kQueued);
    if (status != MessageStep::kQueued) tally(status);
  }
}

// What waits ends here; what is in flight says itself how it ended.
void MessageStage::cancel(const StagedEvent& event, StageBatch& batch) {
  const auto campaign =
      parse_id<CampaignTag>(event.payload->text("properties.campaign_id").value_or(""));
  if (!campaign) return;
  const WorkspaceId workspace = event.event.workspace;
  batch.state.run(kCancel, workspace, *campaign);
  batch.state.each(
      kCountWaiting,
      [&](Statement& row) {
        const Figures::Key key{workspace, *campaign, static_cast<uint32_t>(row.integer(0)),
                               static_cast<uint8_t>(row.integer(1))};
        figures_.add(key, static_cast<Figure>(MessageStep::kSkipped), event.event.timestamp,
                     row.integer(2));
        count(workspace, *campaign, MessageStep::kSkipped, event.event.timestamp, row.integer(2));
      },
      workspace, *campaign);
  batch.state.run(kEndWaiting, workspace, *campaign, static_cast<int64_t>(MessageStep::kSkipped),
                  bit(MessageStep::kSkipped), kCancelledReason);
}

void MessageStage::decide(const StagedEvent& event, StageBatch& batch) {
  const auto campaign =
      parse_id<CampaignTag>(event.payload->text("properties.campaign_id").value_or(""));
  const auto variant = parse_int(event.payload->text("properties.variant").value_or(""));
  if (!campaign || !variant) return;
  batch.state.run(kSetWinner, event.event.workspace, *campaign, *variant, event.event.timestamp,
                  event.payload->text("properties.reason").value_or(""));
}

void MessageStage::keep_key(const StagedEvent& event, StageBatch& batch) {
  const auto key = event.payload->text("properties.idempotency_key");
  if (!key) return;
  batch.state.run(kForgetKeys, event.event.timestamp - limits::kIdempotencyWindow);
  batch.state.run(kAddKey, event.event.workspace, *key,
                  event.payload->text("properties.digest").value_or(""), event.event.timestamp);
}

void MessageStage::queue(StagedEvent& event, StageBatch& batch) {
  keep_key(event, batch);
  // Singles say their id; older ones are known by their offset.
  const MessageId message =
      parse_id<MessageTag>(event.payload->text("properties.message_id").value_or(""))
          .value_or(MessageId{event.offset});
  const auto campaign =
      parse_id<CampaignTag>(event.payload->text("properties.campaign_id").value_or(""))
          .value_or(CampaignId{});
  const bool single = event.payload->text("properties.run").has_value() || campaign.value == 0;
  const std::string channel = event.payload->text("properties.channel").value_or("email");
  const WorkspaceId workspace = event.event.workspace;
  const auto customer = read_customer(batch.state, workspace, event.customer);
  const std::string given = event.payload->text("properties.address").value_or("");
  std::string address = to_lower_ascii(!given.empty() ? given : customer ? customer->email() : "");
  const auto found = [](Statement&) { return true; };
  std::string reason;
  if (!customer) {
    reason = "customer_gone";
  } else if (address.empty()) {
    reason = "no_address";
  } else if (!is_valid_address(address)) {
    reason = "invalid_address";
  } else if (!single && is_suppressed(batch.state, workspace, channel, address)) {
    reason = "suppressed";
  } else if (!single && batch.state.find(kAddressTaken, found, campaign, address)) {
    reason = "duplicate_address";
  } else if (campaign.value != 0 && batch.state.find(kIsCancelled, found, workspace, campaign)) {
    reason = kCancelledReason;
  }
  // An address that is not written to stays off the row: it must not block a valid twin.
  if (!reason.empty()) address.clear();
  const Timestamp at = event.event.timestamp;
  const auto run = parse_int(event.payload->text("properties.run").value_or("0")).value_or(0);
  const auto variant = static_cast<uint8_t>(
      parse_int(event.payload->text("properties.variant").value_or("0")).value_or(0));
  MessageStep status = is_withheld(variant) ? MessageStep::kWithheld : MessageStep::kQueued;
  if (!reason.empty()) status = MessageStep::kSkipped;
  const std::optional<int64_t> lane =
      status == MessageStep::kQueued ? std::optional(int64_t{0}) : std::optional<int64_t>();
  batch.state.run(kAddMessage, message, workspace, campaign, event.customer, channel, address,
                  static_cast<int64_t>(status), bit(MessageStep::kQueued) | bit(status), run,
                  int64_t{variant}, lane, at, at, reason);
  const std::string data = event.payload->json("data").value_or("");
  const std::string content = event.payload->json("content").value_or("");
  if (lane && !(data.empty() && content.empty())) {
    batch.state.run(kAddData, message, data, content);
  }
  const Figures::Key key{workspace, campaign, static_cast<uint32_t>(run), variant};
  const auto tally = [&](MessageStep step) {
    count(workspace, campaign, step, at);
    figures_.add(key, static_cast<Figure>(step), at);
  };
  if (status != MessageStep::kWithheld) tally(MessageStep::kQueued);
  if (status != MessageStep::kQueued) tally(status);
  if (status == MessageStep::kSkipped) {
    batch.state.run(kAddHistory, message, event.offset, static_cast<int64_t>(status), at, reason);
  }
}

void MessageStage::move(const StagedEvent& event, StageBatch& batch, MessageStep step) {
  const auto message =
      parse_id<MessageTag>(event.payload->text("properties.message_id").value_or(""));
  if (!message) return;
  const WorkspaceId workspace = event.event.workspace;
  auto row = batch.state.find(
      kFindMessage,
      [](Statement& s) {
        Row r{CampaignId{s.id(0)},
              CustomerId{s.id(1)},
              std::string(s.text(2)),
              static_cast<MessageStep>(s.integer(3)),
              s.integer(4),
              static_cast<uint32_t>(s.integer(5)),
              static_cast<uint8_t>(s.integer(6)),
              {},
              s.time(8),
              s.integer(9),
              std::string(s.text(10)),
              std::string(s.text(11))};
        if (!s.is_null(7)) r.lane = s.integer(7);
        return r;
      },
      *message, workspace);
  if (!row) return;
  tell(event, *row, step);
  const std::string machine = event.payload->text("properties.machine").value_or("");
  std::string detail = step == MessageStep::kClicked
                           ? event.payload->text("properties.url").value_or("")
                           : event.payload->text("properties.reason").value_or("");
  if (step == MessageStep::kClicked && row->campaign.value != 0 && !detail.empty()) {
    const bool person = machine.empty();
    const bool first = person && !batch.state.find(
                                     kHasClicked, [](Statement&) { return true; }, *message,
                                     static_cast<int64_t>(step), detail);
    batch.state.run(kAddClick, workspace, row->campaign, detail, int64_t{first}, int64_t{person},
                    int64_t{!person});
  }
  if (!machine.empty()) detail = "machine: " + machine + (detail.empty() ? "" : " " + detail);
  batch.state.run(kAddHistory, *message, event.offset, static_cast<int64_t>(step),
                  event.event.timestamp, detail);
  batch.state.run(kMoveMessage, *message, static_cast<int64_t>(row->status), row->steps, row->lane,
                  row->due_at, row->attempts, row->reason, row->address, row->subject);
  if (ends_sending(step)) batch.state.run(kDropData, *message);
  learn(event, batch, step, row->address);
}

// What a step changes in the message's row and in the figures.
void MessageStage::tell(const StagedEvent& event, Row& row, MessageStep step) {
  const Payload& payload = *event.payload;
  const Timestamp at = event.event.timestamp;
  const Figures::Key key{event.event.workspace, row.campaign, row.run, row.variant};
  if (const auto machine = payload.text("properties.machine")) {
    const bool open = step == MessageStep::kOpened;
    const int64_t mark = open ? kMachineOpenedMark : kMachineClickedMark;
    if ((row.steps & mark) == 0) {
      figures_.add(key, open ? Figure::kMachineOpened : Figure::kMachineClicked, at);
    }
    row.steps |= mark;
    return;
  }
  // In flight when the campaign was cancelled: what became of it is what counts.
  if (ends_sending(step) && row.status == MessageStep::kSkipped && row.reason == kCancelledReason) {
    count(event.event.workspace, row.campaign, MessageStep::kSkipped, at, -1);
    figures_.add(key, static_cast<Figure>(MessageStep::kSkipped), at, -1);
    row.status = MessageStep::kQueued;
    row.steps &= ~bit(MessageStep::kSkipped);
    row.reason.clear();
  }
  if ((row.steps & bit(step)) == 0) {
    count(event.event.workspace, row.campaign, step, at);
    figures_.add(key, static_cast<Figure>(step), at);
  }
  row.steps |= bit(step);
  if (advances(row.status, step)) row.status = step;
  if (ends_sending(step)) row.lane.reset();
  if (step == MessageStep::kDeferred && row.lane) {
    ++row.attempts;
    row.due_at = parse_timestamp(payload.text("properties.retry_at").value_or("")).value_or(at);
  }
  if (step == MessageStep::kHeld && row.lane) {
    row.due_at = parse_timestamp(payload.text("properties.retry_at").value_or("")).value_or(at);
  }
  if (ends_sending(step) || step == MessageStep::kDeferred || step == MessageStep::kHeld ||
      step == MessageStep::kBounced) {
    row.reason = payload.text("properties.reason").value_or("");
  }
  if (step == MessageStep::kSent) {
    row.subject = payload.text("properties.subject").value_or("");
    if (row.address.empty()) row.address = payload.text("properties.address").value_or("");
    if (payload.boolean("properties.repeat").value_or(false)) {
      figures_.add(key, Figure::kPossibleRepeats, at);
    }
  }
}

// What a step says about the address itself.
void MessageStage::learn(const StagedEvent& event, StageBatch& batch, MessageStep step,
                         std::string_view address) {
  const std::string channel = event.payload->text("properties.channel").value_or("email");
  const std::string bounce = event.payload->text("properties.bounce").value_or("");
  const bool bounced = step == MessageStep::kBounced || step == MessageStep::kFailed;
  // Who refuses one topic may still want the others.
  if (step == MessageStep::kUnsubscribed && !event.payload->text("properties.topic_id")) {
    suppress(event, batch, channel, address, "unsubscribed");
  }
  if (step == MessageStep::kComplained) suppress(event, batch, channel, address, "complained");
  if (bounced && bounce == "hard") suppress(event, batch, channel, address, "bounced");
  if (bounced && bounce == "soft") count_soft_bounce(event, batch, channel, address);
}

void MessageStage::suppress(const StagedEvent& event, StageBatch& batch, std::string_view channel,
                            std::string_view address, std::string_view reason) {
  if (address.empty()) return;
  batch.state.run(kSuppress, event.event.workspace, channel, address, reason, event.event.timestamp,
                  event.offset);
}

// The log's times decide, not the clock's: a replay comes to the same end.
void MessageStage::count_soft_bounce(const StagedEvent& event, StageBatch& batch,
                                     std::string_view channel, std::string_view address) {
  if (address.empty()) return;
  const WorkspaceId workspace = event.event.workspace;
  const Timestamp from = event.event.timestamp - limits::kSoftBounceWindow;
  batch.state.run(kForgetSoftBounces, workspace, channel, address, from);
  batch.state.run(kAddSoftBounce, workspace, channel, address, event.offset, event.event.timestamp);
  const auto count = batch.state.find(
      kCountSoftBounces, [](Statement& s) { return s.integer(0); }, workspace, channel, address);
  if (count.value_or(0) >= limits::kSoftBouncesToSuppress) {
    suppress(event, batch, channel, address, "soft_bounces");
  }
}

void MessageStage::count(WorkspaceId workspace, CampaignId campaign, MessageStep step, Timestamp at,
                         int64_t by) {
  Counts& counts = counts_[{workspace, campaign}];
  if (ends_sending(step)) counts.last_at = std::max(counts.last_at, to_micros(at));
  switch (step) {
    case MessageStep::kQueued:
      counts.queued += by;
      break;
    case MessageStep::kSent:
      counts.sent += by;
      break;
    case MessageStep::kFailed:
      counts.failed += by;
      break;
    case MessageStep::kSkipped:
      counts.skipped += by;
      break;
    case MessageStep::kOpened:
      counts.opened += by;
      break;
    case MessageStep::kClicked:
      counts.clicked += by;
      break;
    case MessageStep::kUnsubscribed:
      counts.unsubscribed += by;
      break;
    case MessageStep::kDelivered:
      counts.delivered += by;
      break;
    case MessageStep::kBounced:
      counts.bounced += by;
      break;
    case MessageStep::kComplained:
      counts.complained += by;
      break;
    case MessageStep::kReplied:
      counts.replied += by;
      break;
    case MessageStep::kDeferred:
    case MessageStep::kWithheld:
    case MessageStep::kHeld:
      break;
  }
}

void MessageStage::flush(StageBatch& batch) {
  for (const auto& [key, c] : counts_) {
    batch.state.run(kAddCounts, key.first, key.second, c.queued, c.sent, c.failed, c.skipped,
                    c.opened, c.clicked, c.unsubscribed, c.delivered, c.bounced, c.complained,
                    c.replied, c.last_at);
  }
  counts_.clear();
  figures_.flush(batch.state);
}

void MessageStage::settled(bool) {
  counts_.clear();
  figures_.clear();
}

}  // namespace rapport
