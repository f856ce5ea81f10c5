#include "messaging/message_schema.h"

#include <array>
#include <string>

#include "messaging/campaigns/figures.h"

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
// Version 3: what waits is a column of the ledger instead of a row of the outbox.
constexpr std::string_view kLedger = R"sql(
ALTER TABLE messages ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN variant INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN lane INTEGER;
ALTER TABLE messages ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN planned_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reason TEXT NOT NULL DEFAULT '';
UPDATE messages SET queued_at = coalesce((SELECT min(at) FROM message_history h
  WHERE h.message = messages.id), 0);
UPDATE messages SET planned_at = queued_at, due_at = queued_at;
UPDATE messages SET lane = 0, due_at = (SELECT not_before FROM outbox o WHERE o.kind = 'message'
  AND o.workspace = messages.workspace AND o.subject = messages.id)
  WHERE id IN (SELECT subject FROM outbox WHERE kind = 'message');
UPDATE messages SET reason = coalesce((SELECT detail FROM message_history h
  WHERE h.message = messages.id AND h.step IN (3, 4) ORDER BY log_offset DESC LIMIT 1), '')
  WHERE status IN (3, 4);
DELETE FROM outbox WHERE kind = 'message';
DELETE FROM message_history WHERE step = 0;
DROP INDEX messages_address;
DROP INDEX messages_customer;
CREATE INDEX messages_address ON messages (campaign, run, address) WHERE address <> '';
CREATE INDEX messages_customer ON messages (workspace, customer, campaign, run);
CREATE INDEX messages_pending ON messages (workspace, campaign, lane, due_at, id)
  WHERE lane IS NOT NULL;
CREATE INDEX messages_reason ON messages (workspace, campaign, reason, id) WHERE reason <> '';
CREATE TABLE message_data (
  message INTEGER PRIMARY KEY,
  data TEXT NOT NULL,
  content TEXT NOT NULL
);
CREATE TABLE campaign_links (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  url TEXT NOT NULL,
  people INTEGER NOT NULL,
  clicks INTEGER NOT NULL,
  machine_clicks INTEGER NOT NULL,
  PRIMARY KEY (workspace, campaign, url)
) WITHOUT ROWID;
CREATE TABLE idempotency_keys (
  workspace INTEGER NOT NULL,
  key TEXT NOT NULL,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (workspace, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);
CREATE TABLE campaign_winners (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (workspace, campaign)
) WITHOUT ROWID;
CREATE TABLE cancelled_campaigns (
  workspace INTEGER NOT NULL,
  campaign INTEGER NOT NULL,
  PRIMARY KEY (workspace, campaign)
) WITHOUT ROWID;
)sql";
constexpr std::string_view kNewest =
    "CREATE INDEX messages_newest ON messages (workspace, queued_at, id)";
const std::string kFigures(Figures::schema());

}  // namespace

std::span<const Migration> message_migrations() {
  static const std::array kMigrations{Migration{1, kSchema}, Migration{2, kAfterSending},
                                      Migration{3, kLedger}, Migration{4, kFigures},
                                      Migration{5, kNewest}};
  return kMigrations;
}

}  // namespace rapport
