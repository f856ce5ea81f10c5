// Bounds of templates: what one may hold and what rendering may cost.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

using std::chrono::milliseconds;

inline constexpr size_t kMaxTemplateIterations = 100'000;
inline constexpr size_t kMaxTemplateSteps =
    5'000'000;                                   // nodes, look-ups, and bytes made by filters / 16
inline constexpr size_t kMaxTemplateDepth = 32;  // blocks inside blocks
inline constexpr size_t kMaxPartialDepth = 32;   // partials inside partials
inline constexpr milliseconds kMaxTemplateTime{50};
inline constexpr size_t kMaxRenderDataBytes = 16 * 1024 * 1024;  // of `rapport render --data`
inline constexpr size_t kMaxTemplateBytes = 1024 * 1024;
inline constexpr size_t kMaxRenderedBytes = 1024 * 1024;

}  // namespace rapport::limits
