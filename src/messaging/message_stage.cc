#include "messaging/message_stage.h"

#include <algorithm>
#include <array>

#include "base/limits/messaging.h"
#include "base/text.h"
#include "customers/customer_reader.h"
#include "mail/address.h"
#include "stream/outbox.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  status INTEGER NOT NULL,
  steps INTEGER NOT NULL
);
CREATE INDEX messages_campaign ON messages (workspace, campaign, id);
CREATE INDEX messages_customer ON messages (workspace, customer, id);
CREATE UNIQUE INDEX messages_address ON messages (campaign, address) WHERE address <> '';
CREATE TABLE message_history (
  message INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (message, log_offset)
) WITHOUT ROWID;
CREATE TABLE campaign_counts (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  clicked INTEGER NOT NULL,
  unsubscribed INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (workspace, campaign)
) WITHOUT ROWID;
CREATE TABLE suppressions (
  workspace INTEGER NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  PRIMARY KEY (workspace, channel, address)
) WITHOUT ROWID;
)sql";
constexpr std::string_view kAfterSending = R"sql(
ALTER TABLE campaign_counts ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_counts ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_counts ADD COLUMN complained INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaign_counts ADD COLUMN replied INTEGER NOT NULL DEFAULT 0;
CREATE TABLE soft_bounces (
  workspace INTEGER NOT NULL,
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  log_offset INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace, channel, address, log_offset)
) WITHOUT ROWID;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}, Migration{2, kAfterSending}};

constexpr std::string_view kAddMessage =
    "INSERT INTO messages (id, workspace, campaign, customer, channel, address, status, steps) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view kAddressTaken =
    "SELECT 1 FROM messages WHERE campaign = $1 AND address = $2 AND address <> ''";
constexpr std::string_view kFindMessage =
    "SELECT campaign, customer, address, status, steps FROM messages "
    "WHERE id = $1 AND workspace = $2";
constexpr std::string_view kMoveMessage =
    "UPDATE messages SET status = $2, steps = $3 WHERE id = $1";
constexpr std::string_view kSetSubject = "UPDATE messages SET subject = $2 WHERE id = $1";
constexpr std::string_view kAddHistory =
    "INSERT INTO message_history (message, log_offset, step, at, detail) VALUES ($1, $2, $3, $4, "
    "$5)";
constexpr std::string_view kFollowMerge =
    "UPDATE messages SET customer = $3 WHERE workspace = $1 AND customer = $2";
constexpr std::string_view kSuppress =
    "INSERT INTO suppressions (workspace, channel, address, reason, at, log_offset) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
constexpr std::string_view kForgetSoftBounces =
    "DELETE FROM soft_bounces WHERE workspace = $1 AND channel = $2 AND address = $3 AND at < $4";
constexpr std::string_view kAddSoftBounce =
    "INSERT INTO soft_bounces (workspace, channel, address, log_offset, at) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kCountSoftBounces =
    "SELECT count(*) FROM soft_bounces WHERE workspace = $1 AND channel = $2 AND address = $3";
constexpr std::string_view kIsSuppressed =
    "SELECT 1 FROM suppressions WHERE workspace = $1 AND channel = $2 AND address = $3";
constexpr std::string_view kHasUnsubscribed =
    "SELECT 1 FROM messages WHERE workspace = $1 AND customer = $2 AND channel = $3 "
    "AND (steps & $4) <> 0 LIMIT 1";
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
};

std::span<const Migration> MessageStage::migrations() const {
  return kMigrations;
}

bool is_suppressed(Connection& state, WorkspaceId workspace, std::string_view channel,
                   std::string_view address, CustomerId customer) {
  const auto found = [](Statement&) { return true; };
  return state.find(kIsSuppressed, found, workspace, channel, to_lower_ascii(address)) ||
         state.find(kHasUnsubscribed, found, workspace, customer, channel,
                    bit(MessageStep::kUnsubscribed));
}

void MessageStage::apply(StagedEvent& event, StageBatch& batch) {
  for (const CustomerId loser : event.merged) {
    batch.state.run(kFollowMerge, event.event.workspace, loser, event.customer);
  }
  if (event.event.origin != EventOrigin::kSystem) return;
  const auto step = parse_step_event(event.event.name);
  if (!step) return;
  if (*step == MessageStep::kQueued) {
    queue(event, batch);
  } else {
    move(event, batch, *step);
  }
}

void MessageStage::queue(StagedEvent& event, StageBatch& batch) {
  const auto campaign =
      parse_id<CampaignTag>(event.payload->text("properties.campaign_id").value_or(""));
  if (!campaign) return;
  const std::string channel = event.payload->text("properties.channel").value_or("email");
  const WorkspaceId workspace = event.event.workspace;
  const auto customer = read_customer(batch.state, workspace, event.customer);
  std::string address = customer ? to_lower_ascii(customer->email()) : "";
  std::string reason;
  if (!customer) {
    reason = "customer_gone";
  } else if (address.empty()) {
    reason = "no_address";
  } else if (!is_valid_address(address)) {
    reason = "invalid_address";
  } else if (is_suppressed(batch.state, workspace, channel, address, customer->id)) {
    reason = "suppressed";
  } else if (batch.state.find(
                 kAddressTaken, [](Statement&) { return true; }, *campaign, address)) {
    reason = "duplicate_address";
  }
  // An address that is not written to stays off the row: it must not block a valid twin.
  if (!reason.empty()) address.clear();
  const MessageStep status = reason.empty() ? MessageStep::kQueued : MessageStep::kSkipped;
  batch.state.run(kAddMessage, event.offset, workspace, *campaign, event.customer, channel, address,
                  static_cast<int64_t>(status), bit(MessageStep::kQueued) | bit(status));
  batch.state.run(kAddHistory, event.offset, event.offset, static_cast<int64_t>(status),
                  event.event.timestamp, reason);
  count(workspace, *campaign, MessageStep::kQueued, event.event.timestamp);
  if (status == MessageStep::kSkipped) {
    count(workspace, *campaign, MessageStep::kSkipped, event.event.timestamp);
  } else {
    outbox::add(batch.state, event.offset, workspace, "message", event.offset,
                event.event.timestamp);
  }
}

void MessageStage::move(const StagedEvent& event, StageBatch& batch, MessageStep step) {
  const auto message =
      parse_id<MessageTag>(event.payload->text("properties.message_id").value_or(""));
  if (!message) return;
  const WorkspaceId workspace = event.event.workspace;
  const auto row = batch.state.find(
      kFindMessage,
      [](Statement& s) {
        return Row{CampaignId{s.id(0)}, CustomerId{s.id(1)}, std::string(s.text(2)),
                   static_cast<MessageStep>(s.integer(3)), s.integer(4)};
      },
      *message, workspace);
  if (!row) return;
  const std::string detail = step == MessageStep::kClicked
                                 ? event.payload->text("properties.url").value_or("")
                                 : event.payload->text("properties.reason").value_or("");
  batch.state.run(kAddHistory, *message, event.offset, static_cast<int64_t>(step),
                  event.event.timestamp, detail);
  const bool first = (row->steps & bit(step)) == 0;
  const MessageStep status = advances(row->status, step) ? step : row->status;
  batch.state.run(kMoveMessage, *message, static_cast<int64_t>(status), row->steps | bit(step));
  if (first) count(workspace, row->campaign, step, event.event.timestamp);
  if (step == MessageStep::kSent) {
    batch.state.run(kSetSubject, *message, event.payload->text("properties.subject").value_or(""));
  }
  if (ends_sending(step)) outbox::remove(batch.state, workspace, "message", message->value);
  if (step == MessageStep::kDeferred) {
    const auto retry = parse_timestamp(event.payload->text("properties.retry_at").value_or(""));
    outbox::defer(batch.state, workspace, "message", message->value,
                  retry.value_or(event.event.timestamp));
  }
  learn(event, batch, step, row->address);
}

// What a step says about the address itself.
void MessageStage::learn(const StagedEvent& event, StageBatch& batch, MessageStep step,
                         std::string_view address) {
  const std::string channel = event.payload->text("properties.channel").value_or("email");
  const std::string bounce = event.payload->text("properties.bounce").value_or("");
  const bool bounced = step == MessageStep::kBounced || step == MessageStep::kFailed;
  if (step == MessageStep::kUnsubscribed) suppress(event, batch, channel, address, "unsubscribed");
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

void MessageStage::count(WorkspaceId workspace, CampaignId campaign, MessageStep step,
                         Timestamp at) {
  Counts& counts = counts_[{workspace, campaign}];
  if (ends_sending(step)) counts.last_at = std::max(counts.last_at, to_micros(at));
  switch (step) {
    case MessageStep::kQueued:
      ++counts.queued;
      break;
    case MessageStep::kSent:
      ++counts.sent;
      break;
    case MessageStep::kFailed:
      ++counts.failed;
      break;
    case MessageStep::kSkipped:
      ++counts.skipped;
      break;
    case MessageStep::kOpened:
      ++counts.opened;
      break;
    case MessageStep::kClicked:
      ++counts.clicked;
      break;
    case MessageStep::kUnsubscribed:
      ++counts.unsubscribed;
      break;
    case MessageStep::kDelivered:
      ++counts.delivered;
      break;
    case MessageStep::kBounced:
      ++counts.bounced;
      break;
    case MessageStep::kComplained:
      ++counts.complained;
      break;
    case MessageStep::kReplied:
      ++counts.replied;
      break;
    case MessageStep::kDeferred:
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
}

void MessageStage::settled(bool) {
  counts_.clear();
}

}  // namespace rapport
