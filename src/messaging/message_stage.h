// MessageStage: the message ledger, campaign counters, suppressions and what waits to be sent.
//
// Only system events count. "Messages Queued" makes the rows of up to a thousand recipients of a
// campaign; their addresses are looked up when they are sent. "Message Queued" makes one message:
// its address is the customer's at that point of the log; without one, suppressed, or already in
// this campaign by another profile, it is skipped with the reason. A row with a lane waits to be
// sent (see MessageQueue). Later steps move its status and add to its history. "Campaign Cancelled"
// ends what still waits; a message in flight at that moment counts as what became of it.
// Unsubscribing, a complaint, a hard bounce, and limits::kSoftBouncesToSuppress soft ones within
// limits::kSoftBounceWindow suppress the address. Runs after the customer stages. Projector's
// thread.
#pragma once

#include <map>
#include <string>

#include "base/limits/messaging.h"
#include "messaging/campaigns/figures.h"
#include "messaging/message.h"
#include "stream/stage.h"

namespace rapport {

class MessageStage final : public Stage {
 public:
  std::string_view name() const override { return "messages"; }
  std::span<const Migration> migrations() const override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

 private:
  struct Counts {
    int64_t queued = 0, sent = 0, failed = 0, skipped = 0, opened = 0, clicked = 0,
            unsubscribed = 0, delivered = 0, bounced = 0, complained = 0, replied = 0;
    int64_t last_at = 0;
  };
  struct Row;

  void queue_block(const StagedEvent& event, StageBatch& batch);
  void decide(const StagedEvent& event, StageBatch& batch);
  void cancel(const StagedEvent& event, StageBatch& batch);
  void keep_key(const StagedEvent& event, StageBatch& batch);
  void queue(StagedEvent& event, StageBatch& batch);
  void move(const StagedEvent& event, StageBatch& batch, MessageStep step);
  void tell(const StagedEvent& event, Row& row, MessageStep step);
  void suppress(const StagedEvent& event, StageBatch& batch, std::string_view channel,
                std::string_view address, std::string_view reason);
  void count_soft_bounce(const StagedEvent& event, StageBatch& batch, std::string_view channel,
                         std::string_view address);
  void learn(const StagedEvent& event, StageBatch& batch, MessageStep step,
             std::string_view address);
  void count(WorkspaceId workspace, CampaignId campaign, MessageStep step, Timestamp at,
             int64_t by = 1);

  std::map<std::pair<WorkspaceId, CampaignId>, Counts> counts_;
  Figures figures_;
};

/// True when `address` must not be written to on `channel`. Whether its owner wants to be is a
/// matter of consent (permission/).
bool is_suppressed(Connection& state, WorkspaceId workspace, std::string_view channel,
                   std::string_view address);

}  // namespace rapport
