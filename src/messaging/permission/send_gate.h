// SendGate: the one place that says whether a message may go now. MessageSender asks it at the last
// moment before every attempt.
//
// Operation: it reads the customer's suppressions, consent, wishes, zone and places under caps in
// one snapshot, and decides (decision.h). Exactness of caps: messages of one customer are judged
// one at a time; a message that a cap concerns takes its place in memory at once and in the log
// ("Message Admitted", durable) before it is sent, so neither two workers nor a crash between the
// provider's answer and our record gives one place twice. A message that was admitted keeps its
// place through retries until it ends. Thread-safe; calls block, `admit` up to one group commit.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/limits/permission.h"
#include "messaging/permission/decision.h"
#include "messaging/permission/permission_settings.h"
#include "messaging/permission/recipient_zone.h"
#include "messaging/permission/suppression.h"
#include "messaging/permission/topic_service.h"
#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

/// A message about to be sent.
struct GateRequest {
  WorkspaceId workspace;
  MessageId message;
  std::string channel;
  std::string address;
  TopicId topic;
  bool transactional = false;
  Timestamp queued_at;
};

class SendGate {
 public:
  /// A campaign's topic and class; null when the campaign is gone.
  struct CampaignTopic {
    TopicId topic;
    bool transactional = false;
  };
  struct WaitingMessage {
    MessageId message;
    CampaignId campaign;
    std::string channel;
  };
  struct Ports {
    /// IANA name of the workspace's zone.
    std::function<std::string(WorkspaceId)> workspace_zone;
    std::function<std::optional<CampaignTopic>(WorkspaceId, CampaignId)> campaign_topic;
    /// Messages of a customer that are due, at most limits::kMaxRivals.
    std::function<std::vector<WaitingMessage>(Connection&, WorkspaceId, CustomerId, Timestamp)>
        waiting;
  };

  SendGate(const StateStore& state, const TopicService& topics,
           const PermissionSettingsService& settings, const AddressHasher& hasher, ZoneTable& zones,
           LogWriter& writer, Projector& projector, const Clock& clock, Ports ports);

  /// On kSend the message has its places under the caps. Throws when the log takes nothing now.
  SendDecision admit(const GateRequest& request, const Customer& customer);

 private:
  struct Stripe {
    std::mutex mutex;
    // Places taken whose events are not applied yet, by customer.
    std::map<CustomerId, std::vector<SendSlot>> taken;
  };
  static constexpr size_t kStripes = 64;

  SendDecision judge(Connection& state, const GateRequest& request, const Customer& customer,
                     const std::vector<SendSlot>& taken) const;
  void add_caps(Connection& state, const GateRequest& request, CustomerId customer,
                const PermissionSettings& settings, std::string_view frequency,
                const std::vector<SendSlot>& taken, DecisionInput& in) const;
  bool is_outranked(WorkspaceId workspace, int64_t priority) const;
  std::vector<Rival> rivals(Connection& state, const GateRequest& request,
                            CustomerId customer) const;
  void record(const GateRequest& request, CustomerId customer, Stripe& stripe);
  static void give_back(Stripe& stripe, CustomerId customer, MessageId message);

  const StateStore& state_;
  const TopicService& topics_;
  const PermissionSettingsService& settings_;
  const AddressHasher& hasher_;
  ZoneTable& zones_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  Ports ports_;
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace rapport
