#include "messaging/message_queue.h"

#include <algorithm>

#include "messaging/campaign_store.h"

namespace rapport {
namespace {

// From one lane to the next in the index, whatever the number of rows. A lane that waits for an
// experiment's winner has part 1 and is left out until the winner is known.
constexpr std::string_view kFirstLane =
    "SELECT workspace, campaign, lane FROM messages WHERE lane IS NOT NULL "
    "ORDER BY workspace, campaign, lane LIMIT 1";
constexpr std::string_view kNextLane =
    "SELECT workspace, campaign, lane FROM messages WHERE lane IS NOT NULL "
    "AND (workspace, campaign, lane) > ($1, $2, $3) ORDER BY workspace, campaign, lane LIMIT 1";
constexpr std::string_view kListDue =
    "SELECT id, attempts, due_at FROM messages WHERE lane IS NOT NULL AND workspace = $1 "
    "AND campaign = $2 AND lane = $3 AND (due_at, id) > ($4, $5) AND due_at <= $6 "
    "ORDER BY due_at, id LIMIT $7";
constexpr std::string_view kIsDecided =
    "SELECT 1 FROM campaign_winners WHERE workspace = $1 AND campaign = $2";

}  // namespace

void MessageQueue::campaign_changed(CampaignId campaign) {
  const std::lock_guard lock(mutex_);
  gates_.erase(campaign);
}

std::vector<LaneKey> MessageQueue::list_lanes(Connection& state) {
  std::vector<LaneKey> lanes;
  const auto read = [](Statement& row) {
    return LaneKey{WorkspaceId{row.id(0)}, row.id(1), row.id(2)};
  };
  auto lane = state.find(kFirstLane, read);
  while (lane) {
    const bool waits = lane->part == 1 && !state.find(
                                              kIsDecided, [](Statement&) { return true; },
                                              lane->workspace, lane->group);
    if (!waits) lanes.push_back(*lane);
    lane = state.find(kNextLane, read, lane->workspace, lane->group, lane->part);
  }
  return lanes;
}

std::vector<Intent> MessageQueue::list_due(Connection& state, const LaneKey& lane,
                                           const Intent* after, Timestamp now, size_t limit) {
  std::vector<Intent> intents;
  const Timestamp after_due = after == nullptr ? Timestamp::min() : after->not_before;
  const uint64_t after_id = after == nullptr ? 0 : after->id;
  state.each(
      kListDue,
      [&](Statement& row) {
        Intent intent;
        intent.id = row.id(0);
        intent.workspace = lane.workspace;
        intent.kind = "message";
        intent.subject = row.id(0);
        intent.attempts = static_cast<int>(row.integer(1));
        intent.not_before = row.time(2);
        intents.push_back(std::move(intent));
      },
      lane.workspace, lane.group, lane.part, after_due, after_id, now, limit);
  return intents;
}

MessageQueue::Gate MessageQueue::load(const LaneKey& lane, Timestamp now) const {
  Gate gate;
  gate.filled_at = now;
  const auto campaign = control_.read_value([&](Connection& c) {
    return campaign_store::find(c, lane.workspace, CampaignId{lane.group});
  });
  // Of a campaign that is gone the sender says so, message by message.
  if (!campaign) return gate;
  gate.open = campaign->status != CampaignStatus::kPaused;
  gate.per_minute = campaign->plan.throttle_per_minute;
  return gate;
}

bool MessageQueue::admit(const LaneKey& lane, Timestamp now) {
  if (lane.group == 0) return true;
  const std::lock_guard lock(mutex_);
  const CampaignId campaign{lane.group};
  auto it = gates_.find(campaign);
  if (it == gates_.end()) it = gates_.emplace(campaign, load(lane, now)).first;
  Gate& gate = it->second;
  if (!gate.open) return false;
  if (gate.per_minute == 0) return true;
  const double a_second = static_cast<double>(gate.per_minute) / 60;
  const double passed = static_cast<double>((now - gate.filled_at).count()) / 1e6;
  if (passed > 0) {
    gate.tokens = std::min(gate.tokens + passed * a_second, std::max(1.0, a_second));
    gate.filled_at = now;
  }
  if (gate.tokens < 1) return false;
  gate.tokens -= 1;
  return true;
}

}  // namespace rapport
