// The decision whether one message may go now: a pure function of what is known about it.
//
// In this order: suppression, topic, consent, the customer's pause, quiet hours, caps, priority.
// The first that speaks against it decides, so each message has one reason. A transactional message
// is judged by suppression alone, and an address whose owner merely unsubscribed may still get it.
// Caps count messages sent within a rolling window, and those that were admitted and have not ended
// at any time. Pure and thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "messaging/permission/consent.h"
#include "messaging/permission/skip_reason.h"

namespace rapport {

/// At most `limit` messages within any `window`.
struct Cap {
  std::string channel;  // empty: all channels together
  TopicId topic;        // 0: all topics together
  int64_t limit = 1;
  Micros window{};
  bool own = false;  // the customer's wish
};

/// A span of the recipient's day; over midnight when it ends before it begins.
struct QuietHours {
  std::string channel;  // empty: every channel without hours of its own
  int start_minute = 21 * 60;
  int end_minute = 8 * 60;
  bool hold = true;  // else the message is dropped
};

/// A message that takes a place under caps.
struct SendSlot {
  MessageId message;
  std::string channel;
  TopicId topic;
  std::optional<Timestamp> at;  // sent; null: admitted, not ended
};

/// A waiting message of the same customer.
struct Rival {
  MessageId message;
  std::string channel;
  TopicId topic;
  int64_t priority = 0;
};

struct DecisionInput {
  Timestamp now;
  MessageId message;
  std::string channel;
  TopicId topic_id;
  const Topic* topic = nullptr;  // null: about no topic, or one that is not there
  bool transactional = false;
  int64_t priority = 0;
  Timestamp queued_at;
  std::string suppression;  // reason; empty: none
  const ConsentState* own = nullptr;
  const ConsentState* all = nullptr;
  std::optional<Timestamp> paused_until;
  const QuietHours* quiet = nullptr;
  const TimeZone* zone = nullptr;  // of the recipient; set with `quiet`
  std::vector<Cap> caps;           // any; those that do not concern the message are left out
  std::vector<SendSlot> slots;     // of the customer, this message's too when it was admitted
  std::vector<Rival> rivals;
  bool hold_over_cap = false;  // wait for a place instead of giving up
  Micros max_hold{};           // from `queued_at`
};

enum class SendVerdict : uint8_t { kSend, kHold, kSkip };

struct SendDecision {
  SendVerdict verdict = SendVerdict::kSend;
  SkipReason reason = SkipReason::kSuppressed;  // of kHold and kSkip
  Timestamp until;                              // of kHold
  bool takes_slot = false;                      // of kSend: a cap concerns it, a place must be kept
};

SendDecision decide(const DecisionInput& input);

/// Whether a suppression with this reason keeps away messages of the class. "unsubscribed" is a
/// person's wish about marketing; every other reason says that the address must not be written to.
bool suppression_covers(std::string_view reason, MessageClass message_class);

/// The end of the quiet hours that `now` lies in; null when it lies in none. `start` = `end` is no
/// quiet time at all.
std::optional<Timestamp> quiet_until(const QuietHours& hours, const TimeZone& zone, Timestamp now);

/// The quiet hours of a channel: its own, else those of every channel; null when there are none.
const QuietHours* quiet_hours_of(const std::vector<QuietHours>& all, std::string_view channel);

}  // namespace rapport
