// JustSent: which messages were handed over only now, so that what follows their links at once is
// told apart as a machine's: mail gateways look behind every link before they deliver.
//
// Kept in memory for `span` and no longer; after a restart nothing is just sent. At most
// limits::kMaxJustSent messages: of more the oldest are forgotten. Thread-safe; a call takes one
// short lock and asks no store.
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

class JustSent {
 public:
  /// A span of 0: nothing is ever just sent.
  explicit JustSent(std::chrono::seconds span) : span_(span) {}

  /// Before a message is handed to a provider, and again once that took it.
  void note(MessageId message, Timestamp at);
  /// Whether it was noted within the span before `at`.
  bool is(MessageId message, Timestamp at) const;

 private:
  const std::chrono::seconds span_;
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, Timestamp> last_;
  std::deque<std::pair<uint64_t, Timestamp>> order_;
};

}  // namespace rapport
