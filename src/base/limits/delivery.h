// Bounds of mail on its way out and back: providers, replies of servers, inbound messages,
// callbacks.
//
// The rules of base/limits.h hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

using std::chrono::seconds;

inline constexpr size_t kMaxHeldIntents = 4'096;   // waiting for a limit; then nothing new is read
inline constexpr size_t kMaxSendingDomains = 100;  // a workspace
inline constexpr size_t kCachedSendingDomains = 1'000;
inline constexpr seconds kSmtpCommandDeadline{30};  // one reply of a server
inline constexpr seconds kSmtpIdle{20};             // an idle connection is not used again
inline constexpr size_t kMaxSmtpReplyLineBytes = 2'000;
inline constexpr size_t kMaxSmtpReplyLines = 100;
inline constexpr size_t kMaxMessagesPerConnection = 1'000;
inline constexpr size_t kMaxProviders = 20;  // a workspace
inline constexpr size_t kMaxProviderConnections = 256;
inline constexpr size_t kMaxDomainThrottles = 100;  // of one provider
inline constexpr int64_t kMaxMessagesPerMinute = 10'000'000;
inline constexpr int64_t kMaxWarmUpAllowance = 100'000'000;  // messages a day
inline constexpr int64_t kMaxWarmUpGrowth = 1'000;           // percent a day
inline constexpr int kBreakerFailures = 5;                   // in a row, and a provider rests
inline constexpr seconds kBreakerRest{30};                   // doubled each time, up to
inline constexpr seconds kMaxBreakerRest{15 * 60};
inline constexpr size_t kMaxInboundBytes = 12 * 1024 * 1024;
inline constexpr size_t kMaxInboundHeaderBytes = 256 * 1024;
inline constexpr size_t kMaxInboundParts = 1'000;
inline constexpr size_t kMaxInboundRecipients = 20;
inline constexpr size_t kMaxInboundConnections = 64;
inline constexpr size_t kMaxInboundFailures = 20;  // wrong commands of one connection
inline constexpr seconds kInboundIdle{60};
inline constexpr size_t kMaxReplyTextBytes = 4'000;  // kept of a reply in its event
inline constexpr size_t kMaxMailboxes = 10;          // polled, a workspace
inline constexpr size_t kMaxImapFetch = 50;          // messages of one poll
inline constexpr size_t kMaxImapLineBytes = 64 * 1024;
inline constexpr seconds kImapPoll{60};
inline constexpr seconds kImapDeadline{30};
inline constexpr size_t kMaxHookBytes = 1024 * 1024;
inline constexpr size_t kMaxHookEvents = 1'000;
inline constexpr seconds kMaxHookAge{3 * 24 * 3600};  // of a signed time stamp
inline constexpr size_t kMaxEgressReplyBytes = 1024 * 1024;
inline constexpr seconds kEgressDeadline{10};
inline constexpr seconds kDnsDeadline{5};
inline constexpr size_t kMaxDnsWaiting = 8;
inline constexpr size_t kMaxAttachments = 10;  // of one message
inline constexpr size_t kMaxAttachmentBytes = 5 * 1024 * 1024;
inline constexpr size_t kMaxAttachmentsBytes = 10 * 1024 * 1024;
inline constexpr size_t kMaxCalendarBytes = 64 * 1024;

}  // namespace rapport::limits
