// Bounds of journeys: documents, steps, versions.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxJourneys = 1'000;  // of a workspace
inline constexpr size_t kMaxJourneyVersions = 1'000;
inline constexpr size_t kMaxJourneyBytes = 512 * 1024;  // of a document, as it is kept
inline constexpr size_t kMaxJourneySteps = 200;
inline constexpr size_t kMaxStepNameBytes = 40;
inline constexpr size_t kMaxBranchCases = 20;
inline constexpr size_t kMaxSplitParts = 20;
inline constexpr size_t kMaxWaitedFor = 10;
inline constexpr size_t kMaxSameTests = 5;
inline constexpr size_t kMaxJourneyExits = 10;
inline constexpr size_t kMaxSetTraits = 50;
inline constexpr int64_t kMaxGotoTimes = 1'000;
inline constexpr int64_t kMaxLayout = 1'000'000;  // of a coordinate
inline constexpr std::chrono::hours kMaxJourneyWait{24 * 400};

}  // namespace rapport::limits
