#include "messaging/campaign_store.h"

#include <algorithm>
#include <array>

#include "messaging/campaigns/campaign_json.h"

namespace rapport::campaign_store {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace INTEGER NOT NULL,
  name TEXT NOT NULL,
  segment INTEGER NOT NULL,
  channel TEXT NOT NULL,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  html TEXT NOT NULL,
  body_text TEXT NOT NULL,
  status INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  audience INTEGER
);
CREATE INDEX campaigns_workspace ON campaigns (workspace, id);
CREATE INDEX campaigns_starting ON campaigns (status) WHERE status = 1;
CREATE TABLE campaign_audience (
  campaign INTEGER NOT NULL,
  customer INTEGER NOT NULL,
  PRIMARY KEY (campaign, customer)
) WITHOUT ROWID;
)sql";

// Campaigns of version 1 that were still starting begin anew; who is queued already stays once.
constexpr std::string_view kPlans = R"sql(
ALTER TABLE campaigns ADD COLUMN plan TEXT NOT NULL DEFAULT '{}';
ALTER TABLE campaigns ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN resumed_at INTEGER;
CREATE TABLE campaign_sources (
  campaign INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  workspace INTEGER NOT NULL,
  PRIMARY KEY (campaign, segment)
) WITHOUT ROWID;
CREATE INDEX campaign_sources_segment ON campaign_sources (workspace, segment);
INSERT INTO campaign_sources (campaign, workspace, segment)
  SELECT id, workspace, segment FROM campaigns;
CREATE TABLE campaign_runs (
  campaign INTEGER NOT NULL,
  run INTEGER NOT NULL,
  workspace INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  started_at INTEGER,
  recipients INTEGER NOT NULL DEFAULT 0,
  blocks INTEGER NOT NULL DEFAULT 0,
  queued INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (campaign, run)
) WITHOUT ROWID;
CREATE INDEX campaign_runs_planned ON campaign_runs (due_at) WHERE state = 0;
CREATE TABLE campaign_blocks (
  campaign INTEGER NOT NULL,
  run INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  recipients BLOB NOT NULL,
  PRIMARY KEY (campaign, run, sequence)
);
INSERT INTO campaign_runs (campaign, run, workspace, due_at, state, started_at)
  SELECT id, 0, workspace, started_at, CASE status WHEN 1 THEN 0 ELSE 2 END, started_at
  FROM campaigns WHERE status IN (1, 2);
UPDATE campaigns SET open = 1, audience = NULL WHERE status = 1;
UPDATE campaigns SET status = 2 WHERE status = 1;
DROP INDEX campaigns_starting;
DROP TABLE campaign_audience;
CREATE INDEX campaigns_open ON campaigns (id) WHERE open = 1;
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}, Migration{2, kPlans}};

#define RAPPORT_CAMPAIGN_COLUMNS                                                                  \
  "id, workspace, name, segment, channel, sender, subject, html, body_text, status, created_at, " \
  "started_at, audience, plan"

constexpr std::string_view kAdd =
    "INSERT INTO campaigns (workspace, name, segment, channel, sender, subject, html, body_text, "
    "plan, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) RETURNING id";
constexpr std::string_view kFind =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS " FROM campaigns WHERE id = $1 AND workspace = $2";
constexpr std::string_view kList =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS
    " FROM campaigns WHERE workspace = $1 AND id < $2 AND ((1 << status) & $4) <> 0 "
    "ORDER BY id DESC LIMIT $3";
constexpr std::string_view kCount = "SELECT count(*) FROM campaigns WHERE workspace = $1";
constexpr std::string_view kUpdate =
    "UPDATE campaigns SET name = $3, segment = $4, channel = $5, sender = $6, subject = $7, "
    "html = $8, body_text = $9, plan = $10 WHERE id = $1 AND workspace = $2 AND status = 0";
constexpr std::string_view kRemove =
    "DELETE FROM campaigns WHERE id = $1 AND workspace = $2 AND status = 0";
constexpr std::string_view kStart =
    "UPDATE campaigns SET status = $4, started_at = $5, open = 1 "
    "WHERE id = $1 AND workspace = $2 AND status = $3";
constexpr std::string_view kResume =
    "UPDATE campaigns SET status = $4, resumed_at = $5 "
    "WHERE id = $1 AND workspace = $2 AND status = $3";
constexpr std::string_view kHold =
    "UPDATE campaigns SET status = $4 WHERE id = $1 AND workspace = $2 AND status = $3";
constexpr std::string_view kClose = "UPDATE campaigns SET open = 0 WHERE id = $1";
constexpr std::string_view kIsOpen = "SELECT 1 FROM campaigns WHERE id = $1 AND open = 1";
constexpr std::string_view kResumedAt = "SELECT resumed_at FROM campaigns WHERE id = $1";
constexpr std::string_view kDropSources = "DELETE FROM campaign_sources WHERE campaign = $1";
constexpr std::string_view kAddSource =
    "INSERT INTO campaign_sources (campaign, workspace, segment) VALUES ($1, $2, $3) "
    "ON CONFLICT DO NOTHING";
// Of the plans that hold the id anywhere; the caller looks where.
constexpr std::string_view kListNaming =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS
    " FROM campaigns WHERE workspace = $1 AND instr(plan, $2) > 0 ORDER BY id DESC";
constexpr std::string_view kListOfSegment =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS
    " FROM campaigns WHERE workspace = $1 AND id IN "
    "(SELECT campaign FROM campaign_sources WHERE workspace = $1 AND segment = $2) "
    "ORDER BY id DESC";
constexpr std::string_view kListOpen =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS
    " FROM campaigns WHERE open = 1 AND status IN (2, 6) ORDER BY id";
#undef RAPPORT_CAMPAIGN_COLUMNS

#define RAPPORT_RUN_COLUMNS \
  "campaign, workspace, run, due_at, state, started_at, recipients, blocks, queued"
constexpr std::string_view kAddRun =
    "INSERT INTO campaign_runs (campaign, run, workspace, due_at, state) VALUES ($1, $2, $3, $4, "
    "$5)";
constexpr std::string_view kSetRunState =
    "UPDATE campaign_runs SET state = $3 WHERE campaign = $1 AND run = $2";
constexpr std::string_view kListRuns =
    "SELECT " RAPPORT_RUN_COLUMNS " FROM campaign_runs WHERE campaign = $1 ORDER BY run";
constexpr std::string_view kListWaitingRuns =
    "SELECT " RAPPORT_RUN_COLUMNS
    " FROM campaign_runs WHERE campaign = $1 AND state IN (0, 1) ORDER BY run";
#undef RAPPORT_RUN_COLUMNS
constexpr std::string_view kNextDue =
    "SELECT min(r.due_at) FROM campaign_runs r JOIN campaigns c ON c.id = r.campaign "
    "WHERE r.state = 0 AND c.status = 2";
constexpr std::string_view kAddBlock =
    "INSERT INTO campaign_blocks (campaign, run, sequence, due_at, recipients) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kFixRun =
    "UPDATE campaign_runs SET state = 1, started_at = coalesce(started_at, $3), "
    "recipients = recipients + $4, blocks = blocks + $5 WHERE campaign = $1 AND run = $2";
constexpr std::string_view kAddAudience =
    "UPDATE campaigns SET audience = coalesce(audience, 0) + $2 WHERE id = $1";
constexpr std::string_view kFindBlock =
    "SELECT due_at, recipients FROM campaign_blocks "
    "WHERE campaign = $1 AND run = $2 AND sequence = $3";
constexpr std::string_view kSetQueued =
    "UPDATE campaign_runs SET queued = $3, state = CASE WHEN $3 >= blocks THEN 2 ELSE 1 END "
    "WHERE campaign = $1 AND run = $2";
constexpr std::string_view kListBlocks =
    "SELECT recipients FROM campaign_blocks WHERE campaign = $1";

Campaign read_campaign(Statement& row) {
  Campaign c;
  c.id = {row.id(0)};
  c.workspace = {row.id(1)};
  c.name = row.text(2);
  const SegmentId segment{row.id(3)};
  c.channel = row.text(4);
  c.from = row.text(5);
  c.content = {std::string(row.text(6)), std::string(row.text(7)), std::string(row.text(8))};
  c.status = static_cast<CampaignStatus>(row.integer(9));
  c.created_at = row.time(10);
  c.started_at = row.optional_time(11);
  if (!row.is_null(12)) c.audience = row.integer(12);
  c.plan = plan_from_json(row.text(13));
  // Of campaigns from before there were plans.
  const bool before = row.text(13) == "{}";
  if (before && segment.value != 0) c.plan.audience.segments = {segment};
  return c;
}

CampaignRun read_run(Statement& row) {
  CampaignRun run;
  run.campaign = {row.id(0)};
  run.workspace = {row.id(1)};
  run.run = static_cast<uint32_t>(row.integer(2));
  run.due_at = row.time(3);
  run.state = static_cast<RunState>(row.integer(4));
  run.started_at = row.optional_time(5);
  run.recipients = row.integer(6);
  run.blocks = row.id(7);
  run.queued = row.id(8);
  return run;
}

void put_sources(Connection& c, const Campaign& campaign) {
  c.run(kDropSources, campaign.id);
  const AudienceSpec& audience = campaign.plan.audience;
  for (const auto* segments : {&audience.segments, &audience.exclude_segments}) {
    for (const SegmentId segment : *segments) {
      c.run(kAddSource, campaign.id, campaign.workspace, segment);
    }
  }
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

CampaignId add(Connection& c, const Campaign& campaign) {
  Campaign stored = campaign;
  stored.id = *c.find(
      kAdd, [](Statement& row) { return CampaignId{row.id(0)}; }, campaign.workspace, campaign.name,
      campaign.segment(), campaign.channel, campaign.from, campaign.content.subject,
      campaign.content.html, campaign.content.text, plan_to_json(campaign.plan),
      campaign.created_at);
  put_sources(c, stored);
  return stored.id;
}

std::optional<Campaign> find(Connection& c, WorkspaceId workspace, CampaignId id) {
  return c.find(kFind, read_campaign, id, workspace);
}

std::vector<Campaign> list(Connection& c, WorkspaceId workspace, CampaignId before, size_t limit,
                           int64_t statuses) {
  std::vector<Campaign> campaigns;
  c.each(
      kList, [&](Statement& row) { campaigns.push_back(read_campaign(row)); }, workspace, before,
      limit, statuses);
  return campaigns;
}

int64_t count(Connection& c, WorkspaceId workspace) {
  return c
      .find(
          kCount, [](Statement& row) { return row.integer(0); }, workspace)
      .value_or(0);
}

void update(Connection& c, const Campaign& campaign) {
  c.run(kUpdate, campaign.id, campaign.workspace, campaign.name, campaign.segment(),
        campaign.channel, campaign.from, campaign.content.subject, campaign.content.html,
        campaign.content.text, plan_to_json(campaign.plan));
  put_sources(c, campaign);
}

void remove(Connection& c, WorkspaceId workspace, CampaignId id) {
  c.run(kRemove, id, workspace);
  c.run(kDropSources, id);
}

bool change_status(Connection& c, WorkspaceId workspace, CampaignId id, CampaignStatus from,
                   CampaignStatus to, Timestamp at) {
  if (to == CampaignStatus::kCancelled || to == CampaignStatus::kPaused) {
    c.run(kHold, id, workspace, static_cast<int64_t>(from), static_cast<int64_t>(to));
  } else {
    const bool start = from == CampaignStatus::kDraft;
    c.run(start ? kStart : kResume, id, workspace, static_cast<int64_t>(from),
          static_cast<int64_t>(to), at);
  }
  return c.changes() == 1;
}

void close(Connection& c, CampaignId id) {
  c.run(kClose, id);
}

bool is_open(Connection& c, CampaignId id) {
  return c
      .find(
          kIsOpen, [](Statement&) { return true; }, id)
      .has_value();
}

std::optional<Timestamp> resumed_at(Connection& c, CampaignId id) {
  const auto at = c.find(
      kResumedAt, [](Statement& row) { return row.optional_time(0); }, id);
  return at ? *at : std::nullopt;
}

std::vector<Campaign> list_users_of_audience(Connection& c, WorkspaceId workspace,
                                             std::string_view public_id) {
  std::vector<Campaign> users;
  const auto add = [&](Statement& row) { users.push_back(read_campaign(row)); };
  if (const auto segment = parse_id<SegmentTag>(public_id)) {
    c.each(kListOfSegment, add, workspace, *segment);
    return users;
  }
  const auto names = [&](const std::vector<std::string>& lists) {
    return std::find(lists.begin(), lists.end(), public_id) != lists.end();
  };
  c.each(
      kListNaming,
      [&](Statement& row) {
        Campaign campaign = read_campaign(row);
        const AudienceSpec& audience = campaign.plan.audience;
        if (names(audience.lists) || names(audience.exclude_lists)) {
          users.push_back(std::move(campaign));
        }
      },
      workspace, public_id);
  return users;
}

std::optional<std::string> find_user_of_file(Connection& c, WorkspaceId workspace,
                                             std::string_view file) {
  std::optional<std::string> name;
  const auto look = [&](Statement& row) {
    const Campaign campaign = read_campaign(row);
    const auto& files = campaign.plan.enclosures.files;
    if (std::any_of(files.begin(), files.end(),
                    [&](const FileUse& use) { return use.file_id == file; })) {
      name = campaign.name;
    }
  };
  c.each(kListNaming, look, workspace, file);
  return name;
}

std::vector<Campaign> list_users_of_template(Connection& c, WorkspaceId workspace,
                                             std::string_view template_id) {
  std::vector<Campaign> users;
  const auto add_user = [&](Statement& row) {
    Campaign campaign = read_campaign(row);
    const auto& variants = campaign.plan.experiment.variants;
    if (campaign.plan.template_id == template_id ||
        std::any_of(variants.begin(), variants.end(),
                    [&](const Variant& v) { return v.template_id == template_id; })) {
      users.push_back(std::move(campaign));
    }
  };
  c.each(kListNaming, add_user, workspace, template_id);
  return users;
}

std::vector<Campaign> list_open(Connection& c) {
  std::vector<Campaign> campaigns;
  c.each(kListOpen, [&](Statement& row) { campaigns.push_back(read_campaign(row)); });
  return campaigns;
}

void add_run(Connection& c, const CampaignRun& run) {
  c.run(kAddRun, run.campaign, run.run, run.workspace, run.due_at, static_cast<int64_t>(run.state));
}

void set_run_state(Connection& c, CampaignId campaign, uint32_t run, RunState state) {
  c.run(kSetRunState, campaign, run, static_cast<int64_t>(state));
}

std::vector<CampaignRun> list_runs(Connection& c, CampaignId campaign) {
  std::vector<CampaignRun> runs;
  c.each(
      kListRuns, [&](Statement& row) { runs.push_back(read_run(row)); }, campaign);
  return runs;
}

std::vector<CampaignRun> list_waiting_runs(Connection& c, CampaignId campaign) {
  std::vector<CampaignRun> runs;
  c.each(
      kListWaitingRuns, [&](Statement& row) { runs.push_back(read_run(row)); }, campaign);
  return runs;
}

std::optional<Timestamp> next_due(Connection& c) {
  const auto due = c.find(kNextDue, [](Statement& row) { return row.optional_time(0); });
  return due ? *due : std::nullopt;
}

void add_blocks(Connection& c, const CampaignRun& run, std::span<const LedgerBlock> blocks,
                Timestamp at) {
  size_t sequence = run.blocks;
  size_t recipients = 0;
  for (const LedgerBlock& block : blocks) {
    const std::string bytes = encode_recipients(block.recipients);
    c.run(kAddBlock, run.campaign, run.run, sequence++, block.due_at, Blob{bytes});
    recipients += block.recipients.size();
  }
  c.run(kFixRun, run.campaign, run.run, at, recipients, blocks.size());
  c.run(kAddAudience, run.campaign, recipients);
}

std::optional<LedgerBlock> find_block(Connection& c, const CampaignRun& run, size_t sequence) {
  return c.find(
      kFindBlock,
      [&](Statement& row) {
        LedgerBlock block;
        block.workspace = run.workspace;
        block.campaign = run.campaign;
        block.run = run.run;
        block.due_at = row.time(0);
        block.recipients = decode_recipients(row.text(1));
        return block;
      },
      run.campaign, run.run, sequence);
}

void set_queued(Connection& c, const CampaignRun& run, size_t blocks) {
  c.run(kSetQueued, run.campaign, run.run, blocks);
}

std::vector<CustomerId> list_recipients(Connection& c, CampaignId campaign) {
  std::vector<CustomerId> customers;
  c.each(
      kListBlocks,
      [&](Statement& row) {
        for (const LedgerEntry& entry : decode_recipients(row.text(0))) {
          customers.push_back(entry.customer);
        }
      },
      campaign);
  std::sort(customers.begin(), customers.end());
  return customers;
}

}  // namespace rapport::campaign_store
