// Bounds of access: passwords, sessions, users, keys, throttling.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr size_t kMinPasswordBytes = 10;
inline constexpr size_t kMaxPasswordBytes = 256;
inline constexpr std::chrono::hours kSessionLifetime{14 * 24};
inline constexpr std::chrono::hours kSessionIdle{3 * 24};
inline constexpr size_t kMaxSessionsPerUser = 50;
inline constexpr size_t kMaxUsersPerWorkspace = 2'000;
inline constexpr size_t kMaxKeysPerWorkspace = 200;
inline constexpr size_t kMaxWorkspaces = 1'000;
inline constexpr size_t kMaxSignInWorkspaces = 8;  // tried for one e-mail at one sign-in
inline constexpr size_t kMaxEmailBytes = 254;
inline constexpr size_t kMaxNameBytes = 200;  // of a workspace, a key
inline constexpr size_t kMaxUserAgentBytes = 300;
inline constexpr size_t kMaxAuditDetailBytes = 500;
inline constexpr size_t kMaxSettingBytes = 64 * 1024;
inline constexpr size_t kPasswordHashers = 2;  // Argon2id at once, 64 MiB each
inline constexpr size_t kPasswordWaiters = 8;
inline constexpr int64_t kFreeAccountAttempts = 5;  // failures before waiting
inline constexpr int64_t kFreeAddressAttempts = 20;
inline constexpr seconds kMaxAccountWait{5 * 60};
inline constexpr seconds kMaxAddressWait{15 * 60};
inline constexpr seconds kForgetAttempts{24 * 3600};
inline constexpr size_t kMaxThrottleRows = 100'000;
inline constexpr milliseconds kKeyRefresh{500};     // between looks at changed API keys
inline constexpr milliseconds kKeyMissRefresh{50};  // the same when a key is unknown

}  // namespace rapport::limits
