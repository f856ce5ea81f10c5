// Bounds of files that messages carry, and of invitations.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxFiles = 10'000;  // a workspace, those of single messages included
inline constexpr size_t kMaxFilesBytes = 2'000'000'000;
inline constexpr size_t kMaxFileNameBytes = 150;
inline constexpr size_t kMaxFileTypeBytes = 100;
/// A file that came with a single message and no campaign uses goes this long after it last did.
inline constexpr std::chrono::days kMessageFileKept{30};
inline constexpr size_t kFilesRemovedAtOnce = 100;
inline constexpr size_t kFileCacheBytes = 32 * 1024 * 1024;  // of files being sent
inline constexpr size_t kMaxInvitationFieldBytes = 4'000;    // each template
inline constexpr std::chrono::hours kMaxInvitationSpan{366 * 24};
inline constexpr int64_t kMaxInvitationSequence = 1'000'000'000;

}  // namespace rapport::limits
