// Bounds of messaging: sending, retries, the sandbox.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kDispatchConcurrency = 8;
inline constexpr int kMaxSendAttempts = 12;
inline constexpr int64_t kSoftBouncesToSuppress = 5;  // within the window
inline constexpr std::chrono::hours kSoftBounceWindow{30 * 24};
inline constexpr size_t kMaxSandboxMessages = 10'000;

}  // namespace rapport::limits
