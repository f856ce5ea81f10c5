// Why a message was not sent, or not yet: the closed list of codes that the ledger, reports, the
// API and the console know. Failures of providers have words of their own and are not in it. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace rapport {

enum class SkipReason : uint8_t {
  kCustomerGone,
  kCampaignGone,
  kNoAddress,
  kInvalidAddress,
  kDuplicateAddress,   // another profile with this address gets it
  kDuplicateCustomer,  // they are in the audience once already
  kSuppressed,         // the address must not be written to
  kUnsubscribed,       // they refused the topic, or everything
  kNoConsent,          // the topic asks for consent and they gave none
  kConsentPending,     // asked for, not confirmed
  kTopicGone,          // archived, or not on this channel
  kPaused,             // they asked for silence until a date
  kQuietHours,         // night where they are
  kFrequencyCap,       // a cap of the workspace
  kCustomerFrequency,  // a cap of their own choice
  kLowerPriority,      // something more important takes the last place under a cap
  kHoldExpired,        // held longer than it may be
  kCancelled,          // the campaign was cancelled
  kHourPassed,         // the local hour was over
};

inline constexpr std::array<std::string_view, 19> kSkipReasons{
    "customer_gone",      "campaign_gone", "no_address",   "invalid_address", "duplicate_address",
    "duplicate_customer", "suppressed",    "unsubscribed", "no_consent",      "consent_pending",
    "topic_gone",         "paused",        "quiet_hours",  "frequency_cap",   "customer_frequency",
    "lower_priority",     "hold_expired",  "cancelled",    "hour_passed"};
static_assert(kSkipReasons.size() == static_cast<size_t>(SkipReason::kHourPassed) + 1);

constexpr std::string_view skip_reason_name(SkipReason reason) {
  return kSkipReasons[static_cast<size_t>(reason)];
}

constexpr std::optional<SkipReason> parse_skip_reason(std::string_view name) {
  for (size_t i = 0; i < kSkipReasons.size(); ++i) {
    if (kSkipReasons[i] == name) return static_cast<SkipReason>(i);
  }
  return std::nullopt;
}

}  // namespace rapport
