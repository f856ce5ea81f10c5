#include "messaging/campaign_store.h"

#include <array>

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
constexpr std::array kMigrations{Migration{1, kSchema}};

#define RAPPORT_CAMPAIGN_COLUMNS                                                                  \
  "id, workspace, name, segment, channel, sender, subject, html, body_text, status, created_at, " \
  "started_at, audience"

constexpr std::string_view kAdd =
    "INSERT INTO campaigns (workspace, name, segment, channel, sender, subject, html, body_text, "
    "status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) RETURNING id";
constexpr std::string_view kFind =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS " FROM campaigns WHERE id = $1 AND workspace = $2";
constexpr std::string_view kList =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS
    " FROM campaigns WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
constexpr std::string_view kCount = "SELECT count(*) FROM campaigns WHERE workspace = $1";
constexpr std::string_view kUpdate =
    "UPDATE campaigns SET name = $3, segment = $4, channel = $5, sender = $6, subject = $7, "
    "html = $8, body_text = $9 WHERE id = $1 AND workspace = $2 AND status = 0";
constexpr std::string_view kRemove =
    "DELETE FROM campaigns WHERE id = $1 AND workspace = $2 AND status = 0";
constexpr std::string_view kMarkStarting =
    "UPDATE campaigns SET status = 1, started_at = $3 "
    "WHERE id = $1 AND workspace = $2 AND status = 0";
constexpr std::string_view kMarkSending = "UPDATE campaigns SET status = 2 WHERE id = $1";
constexpr std::string_view kUserOfSegment =
    "SELECT name FROM campaigns WHERE workspace = $1 AND segment = $2 ORDER BY id LIMIT 1";
constexpr std::string_view kListStarting =
    "SELECT " RAPPORT_CAMPAIGN_COLUMNS " FROM campaigns WHERE status = 1 ORDER BY id";
constexpr std::string_view kAddAudience =
    "INSERT INTO campaign_audience (campaign, customer) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view kSetAudience = "UPDATE campaigns SET audience = $2 WHERE id = $1";
constexpr std::string_view kListAudience =
    "SELECT customer FROM campaign_audience WHERE campaign = $1 AND customer > $2 "
    "ORDER BY customer LIMIT $3";
#undef RAPPORT_CAMPAIGN_COLUMNS

Campaign read_campaign(Statement& row) {
  Campaign c;
  c.id = {row.id(0)};
  c.workspace = {row.id(1)};
  c.name = row.text(2);
  c.segment = {row.id(3)};
  c.channel = row.text(4);
  c.from = row.text(5);
  c.content = {std::string(row.text(6)), std::string(row.text(7)), std::string(row.text(8))};
  c.status = static_cast<CampaignStatus>(row.integer(9));
  c.created_at = row.time(10);
  c.started_at = row.optional_time(11);
  if (!row.is_null(12)) c.audience = row.integer(12);
  return c;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

CampaignId add(Connection& c, const Campaign& campaign) {
  return *c.find(
      kAdd, [](Statement& row) { return CampaignId{row.id(0)}; }, campaign.workspace, campaign.name,
      campaign.segment, campaign.channel, campaign.from, campaign.content.subject,
      campaign.content.html, campaign.content.text, campaign.created_at);
}

std::optional<Campaign> find(Connection& c, WorkspaceId workspace, CampaignId id) {
  return c.find(kFind, read_campaign, id, workspace);
}

std::vector<Campaign> list(Connection& c, WorkspaceId workspace, CampaignId before, size_t limit) {
  std::vector<Campaign> campaigns;
  c.each(
      kList, [&](Statement& row) { campaigns.push_back(read_campaign(row)); }, workspace, before,
      limit);
  return campaigns;
}

int64_t count(Connection& c, WorkspaceId workspace) {
  return c
      .find(
          kCount, [](Statement& row) { return row.integer(0); }, workspace)
      .value_or(0);
}

void update(Connection& c, const Campaign& campaign) {
  c.run(kUpdate, campaign.id, campaign.workspace, campaign.name, campaign.segment, campaign.channel,
        campaign.from, campaign.content.subject, campaign.content.html, campaign.content.text);
}

void remove(Connection& c, WorkspaceId workspace, CampaignId id) {
  c.run(kRemove, id, workspace);
}

bool mark_starting(Connection& c, WorkspaceId workspace, CampaignId id, Timestamp at) {
  c.run(kMarkStarting, id, workspace, at);
  return c.changes() == 1;
}

void mark_sending(Connection& c, CampaignId id) {
  c.run(kMarkSending, id);
}

std::optional<std::string> find_user_of_segment(Connection& c, WorkspaceId workspace,
                                                SegmentId segment) {
  return c.find(
      kUserOfSegment, [](Statement& row) { return std::string(row.text(0)); }, workspace, segment);
}

std::vector<Campaign> list_starting(Connection& c) {
  std::vector<Campaign> campaigns;
  c.each(kListStarting, [&](Statement& row) { campaigns.push_back(read_campaign(row)); });
  return campaigns;
}

void fix_audience(Connection& c, CampaignId id, std::span<const CustomerId> customers) {
  for (const CustomerId customer : customers) c.run(kAddAudience, id, customer);
  c.run(kSetAudience, id, customers.size());
}

std::vector<CustomerId> list_audience(Connection& c, CampaignId id, CustomerId after,
                                      size_t limit) {
  std::vector<CustomerId> customers;
  c.each(
      kListAudience, [&](Statement& row) { customers.push_back({row.id(0)}); }, id, after, limit);
  return customers;
}

}  // namespace rapport::campaign_store
