// The campaigns' rows in control.db: definitions, and the audience as it was fixed at the start.
// Functions of an open connection; transactions are the caller's.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "messaging/campaign.h"
#include "storage/state_store.h"

namespace rapport::campaign_store {

std::span<const Migration> migrations();

CampaignId add(Connection& c, const Campaign& campaign);
std::optional<Campaign> find(Connection& c, WorkspaceId workspace, CampaignId id);
/// Newest first, those with an id below `before`.
std::vector<Campaign> list(Connection& c, WorkspaceId workspace, CampaignId before, size_t limit);
int64_t count(Connection& c, WorkspaceId workspace);
/// Replaces what a person may edit.
void update(Connection& c, const Campaign& campaign);
void remove(Connection& c, WorkspaceId workspace, CampaignId id);
/// False when it was no draft any more.
bool mark_starting(Connection& c, WorkspaceId workspace, CampaignId id, Timestamp at);
void mark_sending(Connection& c, CampaignId id);
/// Name of a campaign that uses the segment, if any.
std::optional<std::string> find_user_of_segment(Connection& c, WorkspaceId workspace,
                                                SegmentId segment);

/// Campaigns of all workspaces whose audience is not queued yet.
std::vector<Campaign> list_starting(Connection& c);
void fix_audience(Connection& c, CampaignId id, std::span<const CustomerId> customers);
/// The next customers of the audience by id, above `after`.
std::vector<CustomerId> list_audience(Connection& c, CampaignId id, CustomerId after, size_t limit);

}  // namespace rapport::campaign_store
