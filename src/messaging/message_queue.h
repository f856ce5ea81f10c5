// MessageQueue: the ledger's waiting messages as a source of the Dispatcher's intents.
//
// A lane is a campaign (0: transactional messages, which go first), apart from those of an
// experiment that wait for its winner. A lane of a paused campaign is closed; a campaign with a
// throttle lets through its messages a minute, evenly, at most a second's worth at once.
// Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "messaging/campaign.h"
#include "storage/state_store.h"
#include "stream/outbox.h"

namespace rapport {

class MessageQueue final : public IntentSource {
 public:
  explicit MessageQueue(const StateStore& control) : control_(control) {}

  /// A campaign was paused, resumed or cancelled: no message of it starts any more once this
  /// returned, where it must not.
  void campaign_changed(CampaignId campaign);

  std::vector<LaneKey> list_lanes(Connection& state) override;
  std::vector<Intent> list_due(Connection& state, const LaneKey& lane, const Intent* after,
                               Timestamp now, size_t limit) override;
  bool admit(const LaneKey& lane, Timestamp now) override;
  bool urgent(const LaneKey& lane) const override { return lane.group == 0; }

 private:
  struct Gate {
    bool open = true;
    int64_t per_minute = 0;
    double tokens = 1;
    Timestamp filled_at;
  };
  Gate load(const LaneKey& lane, Timestamp now) const;

  const StateStore& control_;
  std::mutex mutex_;
  std::map<CampaignId, Gate> gates_;
};

}  // namespace rapport
