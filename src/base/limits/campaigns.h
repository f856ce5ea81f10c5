// Bounds of campaigns: plans, audiences, experiments, reports, single messages.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxRecurrenceBytes = 500;
inline constexpr int64_t kMaxRecurrenceCount = 10'000;
inline constexpr int64_t kMaxRecurrenceDays = 30'000;  // looked through for the next occurrence
inline constexpr size_t kMaxAudienceSources = 50;      // segments and lists of each of four kinds
inline constexpr size_t kMaxVariants = 8;
inline constexpr int64_t kMaxThrottlePerMinute = 10'000'000;
inline constexpr int64_t kMaxControlPercent = 50;
inline constexpr int64_t kMaxGoalHours = 90 * 24;
inline constexpr size_t kMaxGoalFilters = 10;
inline constexpr size_t kMaxAudience = 50'000'000;
inline constexpr size_t kLedgerBlock = 1'000;           // recipients of one log event
inline constexpr size_t kMaxTriggerRecipients = 1'000;  // of one call
inline constexpr size_t kMaxMessageDataBytes = 64 * 1024;
inline constexpr size_t kMaxIdempotencyKeyBytes = 200;
inline constexpr std::chrono::hours kIdempotencyWindow{48};
inline constexpr std::chrono::hours kMaxRunLateness{12};  // of a recurring campaign's occurrence
inline constexpr size_t kMaxReportRows = 200;             // links and reasons of a report
inline constexpr size_t kExportRowsAtOnce = 2'000;
inline constexpr size_t kMaxCampaignsLookedAt = 1'000;  // for one page of a status
inline constexpr std::chrono::seconds kCampaignLookEvery{
    5};  // for new members, at a running experiment

inline constexpr size_t kMaxJustSent = 200'000;  // messages whose links are watched for scanners

}  // namespace rapport::limits
