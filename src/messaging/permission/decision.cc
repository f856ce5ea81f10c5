#include "messaging/permission/decision.h"

#include <algorithm>

#include "messaging/permission/recipient_zone.h"

namespace rapport {
namespace {

constexpr std::chrono::minutes kLookAgain{1};
constexpr std::chrono::minutes kOpenSlotWait{5};

SendDecision skip(SkipReason reason) {
  SendDecision decision;
  decision.verdict = SendVerdict::kSkip;
  decision.reason = reason;
  return decision;
}

SendDecision hold(const DecisionInput& in, SkipReason reason, Timestamp until) {
  if (until > in.queued_at + in.max_hold) {
    return skip(reason == SkipReason::kFrequencyCap || reason == SkipReason::kCustomerFrequency
                    ? reason
                    : SkipReason::kHoldExpired);
  }
  SendDecision decision;
  decision.verdict = SendVerdict::kHold;
  decision.reason = reason;
  decision.until = until;
  return decision;
}

bool concerns(const Cap& cap, std::string_view channel, TopicId topic) {
  return (cap.channel.empty() || cap.channel == channel) &&
         (cap.topic.value == 0 || cap.topic == topic);
}

struct CapState {
  int64_t used = 0;
  std::vector<Timestamp> free_at;  // when each sent one leaves the window
};

CapState state_of(const Cap& cap, const DecisionInput& in) {
  CapState state;
  for (const SendSlot& slot : in.slots) {
    if (slot.message == in.message || !concerns(cap, slot.channel, slot.topic)) continue;
    if (slot.at && *slot.at <= in.now - cap.window) continue;
    ++state.used;
    // An open one holds its place until it ends; when that is, nobody knows.
    state.free_at.push_back(slot.at ? *slot.at + cap.window : in.now + kOpenSlotWait);
  }
  std::sort(state.free_at.begin(), state.free_at.end());
  return state;
}

bool goes_first(const Rival& rival, const DecisionInput& in) {
  return rival.message != in.message && rival.priority > in.priority;
}

std::optional<SkipReason> consent_reason(const DecisionInput& in) {
  switch (judge_consent(in.topic, in.own, in.all)) {
    case ConsentAnswer::kAllowed:
      return std::nullopt;
    case ConsentAnswer::kNotGiven:
      return SkipReason::kNoConsent;
    case ConsentAnswer::kPending:
      return SkipReason::kConsentPending;
    case ConsentAnswer::kUnsubscribed:
      return SkipReason::kUnsubscribed;
  }
  return std::nullopt;
}

/// Caps and priority. A message that was admitted has its place.
SendDecision judge_caps(const DecisionInput& in) {
  SendDecision send;
  const bool admitted = std::any_of(in.slots.begin(), in.slots.end(), [&](const SendSlot& slot) {
    return slot.message == in.message;
  });
  for (const Cap& cap : in.caps) {
    if (!concerns(cap, in.channel, in.topic_id)) continue;
    send.takes_slot = !admitted;
    if (admitted) continue;
    const CapState state = state_of(cap, in);
    if (state.used >= cap.limit) {
      const SkipReason reason =
          cap.own ? SkipReason::kCustomerFrequency : SkipReason::kFrequencyCap;
      if (!in.hold_over_cap || cap.limit <= 0) return skip(reason);
      // A place is free when so many have left that fewer than the limit remain.
      return hold(in, reason, state.free_at[static_cast<size_t>(state.used - cap.limit)]);
    }
    const auto first = std::count_if(in.rivals.begin(), in.rivals.end(), [&](const Rival& rival) {
      return goes_first(rival, in) && concerns(cap, rival.channel, rival.topic);
    });
    if (first > 0 && state.used + first >= cap.limit) {
      return hold(in, SkipReason::kLowerPriority, in.now + kLookAgain);
    }
  }
  return send;
}

}  // namespace

bool suppression_covers(std::string_view reason, MessageClass message_class) {
  if (reason.empty()) return false;
  return reason != "unsubscribed" || message_class == MessageClass::kMarketing;
}

std::optional<Timestamp> quiet_until(const QuietHours& hours, const TimeZone& zone, Timestamp now) {
  if (hours.start_minute == hours.end_minute) return std::nullopt;
  const LocalTime local = zone.to_local(now);
  const auto since_midnight = local - std::chrono::floor<std::chrono::days>(local);
  const auto minute = std::chrono::floor<std::chrono::minutes>(since_midnight).count();
  const bool over_midnight = hours.end_minute < hours.start_minute;
  const bool quiet = over_midnight ? minute >= hours.start_minute || minute < hours.end_minute
                                   : minute >= hours.start_minute && minute < hours.end_minute;
  if (!quiet) return std::nullopt;
  Timestamp until = next_local_time(zone, now, hours.end_minute);
  // Clocks that are set back can show the end twice: it must be over when the message goes.
  for (int i = 0; i < 3; ++i) {
    const LocalTime at = zone.to_local(until);
    const auto shown =
        std::chrono::floor<std::chrono::minutes>(at - std::chrono::floor<std::chrono::days>(at))
            .count();
    const bool still = over_midnight ? shown >= hours.start_minute || shown < hours.end_minute
                                     : shown >= hours.start_minute && shown < hours.end_minute;
    if (!still) break;
    until = next_local_time(zone, until + Micros(1), hours.end_minute);
  }
  return until;
}

const QuietHours* quiet_hours_of(const std::vector<QuietHours>& all, std::string_view channel) {
  const QuietHours* general = nullptr;
  for (const QuietHours& hours : all) {
    if (hours.channel == channel) return &hours;
    if (hours.channel.empty()) general = &hours;
  }
  return general;
}

SendDecision decide(const DecisionInput& in) {
  const MessageClass message_class =
      in.transactional ? MessageClass::kTransactional : MessageClass::kMarketing;
  if (suppression_covers(in.suppression, message_class)) return skip(SkipReason::kSuppressed);
  if (in.transactional) return {};
  if (in.topic_id.value != 0 &&
      (!in.topic || in.topic->archived || !in.topic->on_channel(in.channel))) {
    return skip(SkipReason::kTopicGone);
  }
  if (const auto reason = consent_reason(in)) return skip(*reason);
  if (in.paused_until && in.now < *in.paused_until) return skip(SkipReason::kPaused);
  if (in.quiet && in.zone) {
    if (const auto until = quiet_until(*in.quiet, *in.zone, in.now)) {
      if (!in.quiet->hold) return skip(SkipReason::kQuietHours);
      return hold(in, SkipReason::kQuietHours, *until);
    }
  }
  return judge_caps(in);
}

}  // namespace rapport
