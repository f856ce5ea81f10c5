// SingleMessages: messages that a program asks for one by one: transactional ones, and the
// recipients of a triggered campaign.
//
// A message is accepted once its queued event is durable; its id is known before that, so asking
// with the same idempotency key again gives the same answer: the id is a hash of the key, the log
// drops the second event, and a digest of the request tells another body under the same key
// (kConflict). Keys are kept for limits::kIdempotencyWindow and a little longer, across restarts.
// A recipient named by an address that nobody has becomes a customer with that e-mail identifier.
// Thread-safe; calls block for one group commit.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/limits/campaigns.h"
#include "customers/customer_reader.h"
#include "messaging/campaign_service.h"
#include "messaging/message.h"
#include "messaging/message_reader.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

/// Exactly one of the three.
struct RecipientName {
  std::optional<std::string> customer_id;
  std::optional<std::string> user_id;
  std::optional<std::string> email;
};

struct SingleRequest {
  RecipientName to;
  std::string data;     // JSON object, or empty
  std::string content;  // JSON of SingleContent; empty for a campaign's
};

struct Accepted {
  MessageId message;
  CustomerId customer;
};

class SingleMessages {
 public:
  SingleMessages(const StateStore& state, const CustomerReader& customers, LogWriter& writer,
                 Projector& projector, const Clock& clock, Random& random);

  /// Throws kInvalidArgument naming a field under `to`, kConflict for a key used otherwise.
  Accepted send(WorkspaceId workspace, const SingleRequest& request,
                const std::string& idempotency_key);
  /// One message a recipient, each once a key; `variant_of` says which content, or none.
  std::vector<Accepted> trigger(const Campaign& campaign,
                                const std::vector<SingleRequest>& requests,
                                const std::string& idempotency_key, int64_t holdout_percent);

 private:
  struct Key {
    WorkspaceId workspace;
    std::string key;
    auto operator<=>(const Key&) const = default;
  };
  /// Takes the key for a request of this digest, or throws kConflict.
  void claim(const Key& key, const std::string& digest);
  CustomerId find_or_create(WorkspaceId workspace, const RecipientName& to,
                            const std::string& field);
  MessageId next_id(WorkspaceId workspace, const std::string& idempotency_key, size_t index);

  const StateStore& state_;
  const CustomerReader& customers_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  uint64_t last_us_ = 0;
  std::map<Key, std::string> digests_;  // of keys whose events may not be applied yet
  std::deque<Key> order_;
};

}  // namespace rapport
