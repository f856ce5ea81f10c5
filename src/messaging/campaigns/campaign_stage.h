// CampaignStage: who reached a campaign's goal.
//
// "Campaign Started" tells the goal of a run: an event's name, a filter of its properties, and a
// window. From then on an event of a customer that meets it counts for every recipient row of that
// campaign whose planned time it follows within the window, of a control group as well: both
// groups are counted from the moment the message was to go, as they were drawn by lot (intention
// to treat). A recipient counts once as converted; each event adds to the revenue. The first of a
// message that was not withheld becomes an intent (conversion_teller.h). Runs after MessageStage.
// Projector's thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messaging/campaign.h"
#include "messaging/campaigns/figures.h"
#include "stream/stage.h"

namespace rapport {

struct Conversion {
  Timestamp at;
  double amount = 0;
};
/// The first, in the order of the log, that a message's recipient made; null when there is none.
std::optional<Conversion> find_first_conversion(Connection& state, MessageId message);

/// Whether the properties of an event meet every filter of a goal.
bool meets_goal(const std::vector<GoalFilter>& where, const Payload& payload);

class CampaignStage final : public Stage {
 public:
  std::string_view name() const override { return "campaign_goals"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  struct RunGoal {
    CampaignId campaign;
    uint32_t run = 1;
    Goal goal;
  };
  using Goals = std::multimap<std::string, RunGoal, std::less<>>;

  void learn(const StagedEvent& event, StageBatch& batch);
  void settle(const StagedEvent& event, StageBatch& batch);
  void convert(const StagedEvent& event, StageBatch& batch, const RunGoal& goal);
  const Goals& goals(Connection& state, WorkspaceId workspace);

  std::map<WorkspaceId, Goals> goals_;
  Figures figures_;
};

}  // namespace rapport
