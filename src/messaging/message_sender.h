// MessageSender: carries out the outbox's "message" intents.
//
// At the last moment it looks again whether the message may go (already ended, customer gone,
// address suppressed), hands it to its channel, and says what happened as one step event. Failures
// that may pass are tried again up to limits::kMaxSendAttempts times with growing waits.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "access/workspace_service.h"
#include "base/limits/messaging.h"
#include "customers/customer_reader.h"
#include "messaging/channel.h"
#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "storage/state_store.h"
#include "stream/dispatcher.h"

namespace rapport {

class MessageSender final : public IntentHandler {
 public:
  MessageSender(const StateStore& control, const MessageReader& messages,
                const CustomerReader& customers, const WorkspaceService& workspaces,
                const Clock& clock, MetricsRegistry& metrics);

  void add_channel(Channel& channel);
  std::vector<NewEvent> execute(const Intent& intent, size_t worker) override;

 private:
  const StateStore& control_;
  const MessageReader& messages_;
  const CustomerReader& customers_;
  const WorkspaceService& workspaces_;
  const Clock& clock_;
  std::map<std::string, Channel*, std::less<>> channels_;
  Counter& sent_;
  Counter& failed_;
  Counter& deferred_;
};

/// How long to wait after the given number of failed attempts before this one: 5 s, 20 s, 80 s, …
/// at most 4 h; with limits::kMaxSendAttempts a message is given up after about a day.
std::chrono::seconds retry_wait(int attempts);

}  // namespace rapport
