// Bounds of permission: topics, consent, suppression, restraint.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

inline constexpr size_t kMaxZonesInMemory = 2'000;
inline constexpr size_t kMaxTopics = 200;  // a workspace
inline constexpr size_t kMaxTopicNameBytes = 200;
inline constexpr size_t kMaxTopicDescriptionBytes = 1'000;  // in one language
inline constexpr size_t kMaxConsentTextBytes = 4'000;       // the words somebody agreed to
inline constexpr size_t kMaxConsentSourceBytes = 200;
inline constexpr size_t kMaxConsentProofBytes = 4'000;  // JSON
inline constexpr size_t kMaxConsentImportBytes = 4 * 1024 * 1024;
inline constexpr size_t kMaxConsentImportRows = 10'000;
inline constexpr size_t kMaxConfirmationsADay = 3;  // sent to one customer on one channel
inline constexpr std::chrono::hours kConfirmationLifetime{7 * 24};
inline constexpr size_t kMaxCaps = 50;  // a workspace

inline constexpr std::chrono::hours kMaxCapWindow{92 * 24};
inline constexpr size_t kMaxRivals = 50;  // waiting messages of one customer that are compared
inline constexpr size_t kMaxSuppressionDetailBytes = 500;
inline constexpr int64_t kMaxPauseWeeks = 52;
inline constexpr std::chrono::hours kPreferencesLinkLifetime{400 * 24};
inline constexpr std::chrono::hours kAddressLinkLifetime{24};
inline constexpr size_t kMaxOwnPageBytes = 64 * 1024;  // of a form that a customer sends
inline constexpr size_t kMaxOwnPageFields = 1'000;
inline constexpr size_t kOwnPageMessages = 50;  // shown of what was sent
inline constexpr size_t kOwnPageConsents = 100;
inline constexpr size_t kOwnPageTraits = 200;

}  // namespace rapport::limits
