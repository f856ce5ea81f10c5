// MessageIndex: which message ids a workspace has sent within the deduplication window. A port.
//
// Operation: a set of 128-bit keys (a keyed hash of workspace and messageId, see stream/) on disk
// behind Bloom filters, so memory is bounded however many there are. It is a projection of the log:
// `mark` is written without a sync of its own and carries the log offset it covers; after a crash
// the owner reads `through()` and marks again what the log holds after it. Keys stay at least
// limits::kDedupWindow and go some time later, but those marked as lasting stay for ever.
// Concurrency: one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"

namespace rapport {

using MessageKey = std::array<char, 16>;

class MessageIndex {
 public:
  virtual ~MessageIndex() = default;
  /// seen[i] tells whether keys[i] is marked. `seen` is resized.
  virtual void find(std::span<const MessageKey> keys, std::vector<bool>& seen) = 0;
  /// Adds keys received at `received_at`, and `lasting` ones that never go; `through` is the log
  /// offset covered with them.
  virtual void mark(std::span<const MessageKey> keys, Timestamp received_at, Offset through,
                    std::span<const MessageKey> lasting = {}) = 0;
  /// Highest `through` that survived; 0 when new.
  virtual Offset through() const = 0;
  /// Makes everything marked so far durable; called at a clean stop.
  virtual void flush() = 0;
  /// Drops now what the window no longer holds; slow, for maintenance and tests.
  virtual void compact() {}
};

/// Embedded adapter: RocksDB without its own WAL; a compaction filter drops keys after the window,
/// which counts from the newest `received_at` marked. Its block cache
/// is bounded at 64 MiB and its key buffers at 8 MiB each, of which there are two and two of
/// lasting keys; compaction and sorting come on top. A crash loses at most the last 800,000 keys.
std::unique_ptr<MessageIndex> open_rocksdb_message_index(const std::string& path);
/// For tests.
std::unique_ptr<MessageIndex> make_memory_message_index();

}  // namespace rapport
