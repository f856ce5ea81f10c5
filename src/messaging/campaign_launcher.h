// CampaignLauncher: turns started campaigns into queued messages when their time comes, each
// recipient once.
//
// Operation: `step` does everything that is due by the clock. For a run that is due the audience is
// evaluated and fixed in control.db in one transaction, block by block with each recipient's
// variant and time; then one "Messages Queued" event a block goes into the log. Those events have
// fixed message ids, so a program killed at any point begins again and adds only what is missing.
// A program that was down catches up: a campaign that runs once runs late; of the occurrences that
// a recurring one missed the latest runs when it is no more than limits::kMaxRunLateness late, the
// others are noted as missed, and so are all that fell into a pause. New members
// of an evergreen campaign and running experiments are looked for every limits::kCampaignLookEvery.
// Concurrency: `start` gives it a thread of its own, `notify` from any thread; a test calls `step`
// itself instead.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/limits/campaigns.h"
#include "base/time_zone.h"
#include "messaging/campaign.h"
#include "messaging/campaign_store.h"
#include "messaging/campaigns/experiment.h"
#include "runtime/clock.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

/// The members of a segment at a moment, by id.
using AudienceSource =
    std::function<std::vector<CustomerId>(WorkspaceId, SegmentId, Timestamp as_of)>;

/// What the launcher asks of the rest of the program. Those left empty answer with nothing.
struct LauncherPorts {
  AudienceSource segment;
  std::function<std::vector<CustomerId>(WorkspaceId, const std::string& list)> list;
  /// The recipients' zones, in their order.
  std::function<std::vector<std::shared_ptr<const TimeZone>>(WorkspaceId,
                                                             const std::vector<CustomerId>&)>
      zones;
  std::function<std::string(WorkspaceId)> workspace_zone;
  /// Percent of all customers that no campaign writes to.
  std::function<int64_t(WorkspaceId)> holdout_percent;
  /// Who received a campaign and did not open it.
  std::function<std::vector<CustomerId>(WorkspaceId, CampaignId)> not_opened;
  std::function<std::vector<VariantFigures>(const Campaign&)> variants;
};

class CampaignLauncher {
 public:
  CampaignLauncher(StateStore& control, const EventLog& log, LogWriter& writer,
                   Projector& projector, LauncherPorts ports, const Clock& clock);
  ~CampaignLauncher();

  void start();
  void stop();
  void notify();
  /// Does what is due now. False when something has to be tried again.
  bool step();

 private:
  void run();
  std::chrono::milliseconds until_next() const;
  void advance(const Campaign& campaign);
  /// False when the run was missed.
  bool settle_occurrence(const Campaign& campaign, const CampaignRun& run);
  void fix_audience(const Campaign& campaign, const CampaignRun& run, bool additions);
  std::vector<CustomerId> find_audience(const Campaign& campaign) const;
  std::vector<LedgerBlock> make_blocks(const Campaign& campaign, const CampaignRun& run,
                                       const std::vector<CustomerId>& customers);
  std::vector<std::pair<Timestamp, bool>> due_times(const Campaign& campaign,
                                                    const CampaignRun& run,
                                                    const std::vector<CustomerId>& customers);
  void announce(const Campaign& campaign, const CampaignRun& run);
  /// False when it was stopped or paused before the end.
  bool queue_blocks(const Campaign& campaign, CampaignRun run);
  void absorb_new_members(const Campaign& campaign, const CampaignRun& run);
  /// True when there is nothing (more) to decide.
  bool decide(const Campaign& campaign, Timestamp started_at);
  const TimeZone& zone(const std::string& name);
  bool stopping();
  /// Whether it was paused since it was read.
  bool is_paused(const Campaign& campaign) const;

  StateStore& control_;
  const EventLog& log_;
  LogWriter& writer_;
  Projector& projector_;
  LauncherPorts ports_;
  const Clock& clock_;
  std::map<std::string, TimeZone> zones_;
  std::map<CampaignId, Timestamp> looked_at_;  // last look at new members or an experiment
  std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

/// The first instant at which the wall-clock time occurs anywhere on Earth.
Timestamp earliest_local(std::chrono::local_time<Micros> local);

}  // namespace rapport
