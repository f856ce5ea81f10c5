// Bounds of what the console shows and takes: activity, live updates, uploaded imports.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/limits.h"

namespace rapport::limits {

inline constexpr int64_t kMaxActivityDays = 92;
inline constexpr seconds kActivityKept{15};               // an answer about activity is given again
inline constexpr size_t kLiveEvents = 50;                 // told at once
inline constexpr std::chrono::minutes kLiveLifetime{15};  // of one live connection
inline constexpr size_t kMaxEventPeople = 100;  // found by one word, whose events are listed
inline constexpr size_t kMaxLanguages = 20;     // of a workspace
inline constexpr int64_t kMaxImportFileBytes = int64_t{2} * 1024 * 1024 * 1024;
inline constexpr size_t kMaxImportPartBytes = 8 * 1024 * 1024;     // of an upload, one request each
inline constexpr int64_t kMaxImportJobs = 100;                     // kept a workspace
inline constexpr int64_t kMaxUploadingImports = 5;                 // unfinished uploads a workspace
inline constexpr size_t kImportSampleRows = 20;                    // shown to choose a mapping by
inline constexpr size_t kMaxRefusedFileBytes = 256 * 1024 * 1024;  // of one import's refused rows
inline constexpr std::chrono::hours kImportKept{30 * 24};          // after it ended

}  // namespace rapport::limits
