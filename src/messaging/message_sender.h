// MessageSender: carries out "message" intents.
//
// At the last moment it looks whether the message may go (already ended, customer gone, no address,
// already written to by this run under another profile) and asks the gate (suppression, consent,
// quiet hours, caps), hands it to its channel, and says what happened as one step event. Failures
// that may pass are tried again up to limits::kMaxSendAttempts times with growing waits.
// Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

#include "access/workspace_service.h"
#include "base/limits/messaging.h"
#include "customers/customer_reader.h"
#include "messaging/campaigns/just_sent.h"
#include "messaging/channel.h"
#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "storage/state_store.h"
#include "stream/dispatcher.h"

namespace rapport {

class SendGate;

class MessageSender final : public IntentHandler {
 public:
  MessageSender(const StateStore& control, const MessageReader& messages,
                const CustomerReader& customers, const WorkspaceService& workspaces,
                const Clock& clock, MetricsRegistry& metrics);

  void add_channel(Channel& channel);
  /// Told of every message as it goes. Before the first `execute`.
  void set_just_sent(JustSent& just_sent) { just_sent_ = &just_sent; }
  /// Who says whether a message may go now; without one only suppressions are looked at. Before the
  /// first message.
  void set_gate(SendGate& gate) { gate_ = &gate; }
  /// A campaign, kept: one that was started does not change. Null when it is gone.
  std::shared_ptr<const Campaign> find_campaign(WorkspaceId workspace, CampaignId id);
  std::vector<NewEvent> execute(const Intent& intent, size_t worker) override;

 private:
  using Address = std::tuple<CampaignId, uint32_t, std::string>;

  /// Finds the message's address, and says why it may not be written to.
  std::string find_obstacle(Message& message, const Customer& customer);
  /// False when another message of the run is sent, or being sent, to the same address.
  bool reserve(const Message& message);
  void free(const Message& message);

  const StateStore& control_;
  const MessageReader& messages_;
  const CustomerReader& customers_;
  const WorkspaceService& workspaces_;
  const Clock& clock_;
  std::map<std::string, Channel*, std::less<>> channels_;
  std::mutex mutex_;
  std::map<CampaignId, std::shared_ptr<const Campaign>> campaigns_;
  std::map<Address, MessageId> reserved_;  // until the ledger shows what became of them
  std::deque<Address> reservations_;       // in their order
  JustSent* just_sent_ = nullptr;
  SendGate* gate_ = nullptr;
  Counter& sent_;
  Counter& failed_;
  Counter& deferred_;
};

/// How long to wait after the given number of failed attempts before this one: 5 s, 20 s, 80 s, …
/// at most 4 h; with limits::kMaxSendAttempts a message is given up after about a day.
std::chrono::seconds retry_wait(int attempts);

}  // namespace rapport
