// CampaignLauncher: turns started campaigns into queued messages, each recipient once.
//
// Operation: for a campaign in state `starting` the audience is evaluated as of the start and fixed
// in control.db in one transaction; then one "Message Queued" event a recipient goes into the log.
// Those events have fixed message ids, so a program killed at any point begins again and adds only
// what is missing. Concurrency: one thread of its own; `notify` from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "messaging/campaign.h"
#include "runtime/clock.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

/// The members of a segment at a moment, by id.
using AudienceSource =
    std::function<std::vector<CustomerId>(WorkspaceId, SegmentId, Timestamp as_of)>;

class CampaignLauncher {
 public:
  CampaignLauncher(StateStore& control, const EventLog& log, LogWriter& writer,
                   Projector& projector, AudienceSource audience, const Clock& clock);
  ~CampaignLauncher();

  void start();
  void stop();
  void notify();

 private:
  void run();
  /// False when something has to be tried again.
  bool launch_all();
  void launch(const Campaign& campaign);
  void fix_audience(const Campaign& campaign);
  void queue_messages(const Campaign& campaign);
  bool stopping();

  StateStore& control_;
  const EventLog& log_;
  LogWriter& writer_;
  Projector& projector_;
  AudienceSource audience_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool notified_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rapport
