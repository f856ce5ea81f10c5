// Every bound of the program in one place: bodies, batches, pages, queues, deadlines, retries. Here
// are those of HTTP, events and lists, which many files include; each domain has a file in limits/,
// so that a new bound of one does not compile all the others again.
//
// Limits that clients see are those of docs: 32 KB an event, 500 KB a batch, 2,500 events a batch.
// A limit is named after what it bounds; its unit is in its type or its name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rapport::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

// HTTP
inline constexpr size_t kMaxHeaderBytes = 16 * 1024;
inline constexpr size_t kMaxTargetBytes = 8 * 1024;
inline constexpr size_t kMaxApiBodyBytes = 1024 * 1024;
inline constexpr size_t kMaxConnections = 10'000;
inline constexpr size_t kMaxQueuedRequests = 1'024;  // waiting for the blocking pool
inline constexpr size_t kMaxHeaderFields = 100;
inline constexpr size_t kMaxBufferedBodyBytes =
    256 * 1024 * 1024;                               // all bodies being read; then 503
inline constexpr size_t kMinCompressedReply = 1024;  // smaller replies are sent as they are
inline constexpr size_t kMaxStaticBytes = 64 * 1024 * 1024;
inline constexpr size_t kMaxFieldErrors = 20;     // named in one problem document
inline constexpr size_t kMaxJsonNodes = 100'000;  // of one API body: bounds its size in memory
inline constexpr size_t kMaxWebSocketMessageBytes = 64 * 1024;
inline constexpr size_t kMaxWebSocketQueue = 256;           // messages waiting for one client
inline constexpr size_t kMaxReplyBytes = 64 * 1024 * 1024;  // read by our own HTTP client
inline constexpr size_t kMaxMetricSeries = 2'000;           // of one metric name
inline constexpr seconds kHeaderDeadline{10};
inline constexpr seconds kBodyDeadline{30};
inline constexpr seconds kWriteDeadline{30};
inline constexpr seconds kHandlerDeadline{30};
inline constexpr seconds kIdleDeadline{75};
inline constexpr seconds kStopDeadline{8};

// Collect
inline constexpr size_t kMaxEventBytes = 32 * 1024;
inline constexpr size_t kMaxBatchBytes = 500 * 1024;       // after decompression
inline constexpr size_t kMaxCompressedBytes = 500 * 1024;  // as received
inline constexpr size_t kMaxBatchEvents = 2'500;
inline constexpr size_t kMaxImportEventBytes = 1024 * 1024;
inline constexpr size_t kMaxImportBatchBytes = 8 * 1024 * 1024;
inline constexpr size_t kMaxMessageIdBytes = 100;
inline constexpr size_t kMaxIdentifierBytes = 500;
inline constexpr size_t kMaxEventNameBytes = 200;
inline constexpr size_t kMaxProperties = 10'000;
inline constexpr size_t kMaxTraitsPerEvent = 300;
inline constexpr size_t kMaxTraitNameBytes = 200;
inline constexpr size_t kMaxTraitsPerCustomer = 6'000;
inline constexpr size_t kMaxJsonDepth = 32;
inline constexpr size_t kMaxApiJsonDepth = 40;  // of a request body; holds the deepest condition
inline constexpr size_t kMaxRejectedBytes = 8 * 1024;  // kept of a rejected event
inline constexpr size_t kMaxRejectedRows = 100'000;    // kept a workspace
inline constexpr seconds kMaxFutureSkew{24 * 3600};    // a corrected time further ahead is clamped
inline constexpr std::chrono::hours kDedupWindow{8 * 24};
inline constexpr size_t kMaxPendingLogBytes = 64 * 1024 * 1024;  // then 429
inline constexpr size_t kMaxLogBlockEvents = 4'000;
inline constexpr size_t kMaxLogBlockBytes = 128 * 1024 * 1024;  // before compression
inline constexpr size_t kLogCacheBytes = 8 * 1024 * 1024;       // decompressed blocks for look-ups
inline constexpr size_t kMaxProjectorLag = 20'000'000;  // events accepted but not applied; then 429

// Import (the command line tool that reads files and posts them)
inline constexpr size_t kMaxMappingBytes = 256 * 1024;
inline constexpr size_t kMaxImportColumns = 1'000;
inline constexpr size_t kMaxImportFieldBytes = 1024 * 1024;
inline constexpr size_t kMaxImportRowBytes = 4 * 1024 * 1024;
inline constexpr size_t kImportRequestEvents = 500;
inline constexpr size_t kImportRequestBytes = 4 * 1024 * 1024;      // before compression
inline constexpr size_t kMaxImportPendingBytes = 32 * 1024 * 1024;  // events not yet in a request
inline constexpr size_t kMaxImportEventNames = 64;  // rules of a mapping; requests being filled
inline constexpr size_t kImportConnections = 3;
inline constexpr int kMaxImportAttempts = 12;
inline constexpr size_t kDefaultImportOpenGroups = 10'000;
inline constexpr size_t kMaxImportOpenGroups = 1'000'000;
inline constexpr size_t kMaxImportOpenBytes = 256 * 1024 * 1024;  // of groups not yet closed
inline constexpr size_t kMaxRefusedExamples = 20;                 // kept a reason
inline constexpr size_t kMaxRefusedReasons = 200;

// Identity rules of a workspace
inline constexpr size_t kMaxIdentityKinds = 50;
inline constexpr size_t kMaxBlockedValues = 1'000;
inline constexpr size_t kMaxIdentifierLimit = 1'000;
inline constexpr size_t kMaxIdentifierKindBytes = 64;

// Projector
inline constexpr size_t kMaxProjectorBatch = 20'000;

// Lists
inline constexpr size_t kDefaultPage = 50;
inline constexpr size_t kMaxPage = 1'000;
inline constexpr size_t kMaxCursorBytes = 512;
inline constexpr size_t kMaxSearchWords = 8;    // of a name that is found by, or of what is typed
inline constexpr size_t kMaxSearchBytes = 200;  // of what is typed
inline constexpr size_t kMaxExportColumns = 200;

// Names and values offered while typing
inline constexpr size_t kVocabularySample = 5'000;        // newest rows looked at for one name
inline constexpr size_t kVocabularyTraitSample = 20'000;  // the same for all traits together
inline constexpr size_t kMaxVocabularyNames = 5'000;      // of traits, of events, of properties
inline constexpr size_t kMaxVocabularyValues = 1'000;     // different values kept of one name
inline constexpr size_t kMaxVocabularyValueBytes = 200;   // longer texts are not offered
inline constexpr size_t kVocabularyCache = 256;           // answers kept
inline constexpr size_t kMaxVocabularyDepth = 4;          // objects inside objects
inline constexpr seconds kVocabularyFresh{60};

inline constexpr size_t kExportPiece = 500;  // customers made into lines at a time
inline constexpr seconds kQueryDeadline{20};
inline constexpr size_t kWarehouseConnections = 4;  // questions at a time

}  // namespace rapport::limits
