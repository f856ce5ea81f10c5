// The campaigns' rows in control.db: definitions, runs, and each run's recipients as they were
// fixed. Functions of an open connection; transactions are the caller's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "messaging/campaign.h"
#include "messaging/campaigns/ledger_block.h"
#include "storage/state_store.h"

namespace rapport {

enum class RunState : uint8_t {
  kPlanned = 0,  // waits for its time
  kFixed = 1,    // its recipients stand in control.db and go into the log
  kQueued = 2,   // all of them are in the log
  kMissed = 3,   // its time passed while nothing could run
};

struct CampaignRun {
  CampaignId campaign;
  WorkspaceId workspace;
  uint32_t run = 1;
  Timestamp due_at;
  RunState state = RunState::kPlanned;
  std::optional<Timestamp> started_at;
  int64_t recipients = 0;
  size_t blocks = 0;  // fixed
  size_t queued = 0;  // of them in the log
};

namespace campaign_store {

std::span<const Migration> migrations();

CampaignId add(Connection& c, const Campaign& campaign);
std::optional<Campaign> find(Connection& c, WorkspaceId workspace, CampaignId id);
/// Newest first, those with an id below `before`, whose stored status is one of `statuses` (bits by
/// number).
std::vector<Campaign> list(Connection& c, WorkspaceId workspace, CampaignId before, size_t limit,
                           int64_t statuses);
int64_t count(Connection& c, WorkspaceId workspace);
/// Replaces what a person may edit.
void update(Connection& c, const Campaign& campaign);
void remove(Connection& c, WorkspaceId workspace, CampaignId id);
/// Moves a campaign from one stored status to another; false when it was not in the first.
bool change_status(Connection& c, WorkspaceId workspace, CampaignId id, CampaignStatus from,
                   CampaignStatus to, Timestamp at);
/// Notes that the launcher has nothing more to do for it.
void close(Connection& c, CampaignId id);
bool is_open(Connection& c, CampaignId id);
/// When it was last resumed.
std::optional<Timestamp> resumed_at(Connection& c, CampaignId id);
/// Campaigns whose audience takes or leaves out the segment or list of this public id; newest
/// first.
std::vector<Campaign> list_users_of_audience(Connection& c, WorkspaceId workspace,
                                             std::string_view public_id);
/// Name of a campaign that carries the file, if any.
std::optional<std::string> find_user_of_file(Connection& c, WorkspaceId workspace,
                                             std::string_view file);
/// Campaigns that name the template, in any variant; newest first.
std::vector<Campaign> list_users_of_template(Connection& c, WorkspaceId workspace,
                                             std::string_view template_id);

/// Started campaigns of all workspaces that the launcher has work for, now or later; paused ones
/// left out. Of a cancelled one it is to queue what is fixed, so that everybody has an outcome.
std::vector<Campaign> list_open(Connection& c);
void add_run(Connection& c, const CampaignRun& run);
void set_run_state(Connection& c, CampaignId campaign, uint32_t run, RunState state);
std::vector<CampaignRun> list_runs(Connection& c, CampaignId campaign);
/// Runs of one campaign that are not over.
std::vector<CampaignRun> list_waiting_runs(Connection& c, CampaignId campaign);
/// The earliest time of a planned run of any campaign that is not paused.
std::optional<Timestamp> next_due(Connection& c);
/// Adds blocks of recipients to a run and moves it to kFixed.
void add_blocks(Connection& c, const CampaignRun& run, std::span<const LedgerBlock> blocks,
                Timestamp at);
/// The block at `sequence` of a run, from 0.
std::optional<LedgerBlock> find_block(Connection& c, const CampaignRun& run, size_t sequence);
void set_queued(Connection& c, const CampaignRun& run, size_t blocks);
/// Every customer of every run, sorted.
std::vector<CustomerId> list_recipients(Connection& c, CampaignId campaign);

}  // namespace campaign_store
}  // namespace rapport
