// Bounds of mail on the wire: SMTP, what is received, MIME.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

using std::chrono::seconds;

inline constexpr seconds kSmtpDeadline{60};
inline constexpr seconds kSmtpConnectDeadline{15};
inline constexpr size_t kMaxMailBytes = 16 * 1024 * 1024;  // received by the sink, or parsed
inline constexpr size_t kMaxMailRecipients = 100;          // of one received message
inline constexpr size_t kMaxMailConnections = 64;          // to the sink
inline constexpr size_t kMaxMimeParts = 64;
inline constexpr size_t kMaxMimeDepth = 8;

}  // namespace rapport::limits
