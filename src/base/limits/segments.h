// Bounds of segments: conditions, their evaluation, lists.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxConditionDepth = 16;
inline constexpr size_t kMaxConditionNodes = 256;
inline constexpr size_t kMaxConditionValues = 1'000;
inline constexpr size_t kMaxConditionTextBytes = 1'024;  // of a name or a value
inline constexpr int kMaxConditionCount = 1'000'000'000;
inline constexpr double kMaxConditionNumber = 9e12;  // a sum or average is compared with
inline constexpr size_t kMaxSequenceSteps = 10;
inline constexpr size_t kMaxResolvedNodes = 4'096;  // with the segments that a condition names
inline constexpr int kMaxAnniversaryDays = 366;
inline constexpr size_t kMaxPolygonCorners = 500;
inline constexpr double kMaxNearKm = 20'015;  // half the way around the earth
inline constexpr size_t kMaxRegexProgramBytes = 256 * 1024;
inline constexpr size_t kMaxSegments = 10'000;  // a workspace
inline constexpr size_t kSegmentSample = 10;
inline constexpr size_t kMaxEvidence = 10;         // events shown for one node of an explanation
inline constexpr size_t kMaxForeseenChanges = 64;  // looked at to tell when an answer changes
inline constexpr std::chrono::milliseconds kMaxUnaskedCost{
    10'000};  // dearer questions are accepted first

}  // namespace rapport::limits
