// EventLog: the one durable, ordered record of everything that happened. A port.
//
// Operation: `append` writes a group of records as one block and returns once it is on disk;
// records get consecutive offsets from 1. Blocks are never changed except by `rewrite_block`
// (deletion of a customer), which keeps offsets. After a crash every returned append is there and
// no half block is. Concurrency: one appender thread, any number of readers. Limits: a block holds
// at most limits::kMaxLogBlockEvents records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace rapport {

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Durable on return. Returns the offset of the first record.
  virtual Offset append(std::span<const std::string> records) = 0;

  /// Offset of the last record, 0 when empty. Includes only what is durable.
  virtual Offset end() const = 0;

  /// Calls `visit(offset, record)` for records from `from` on, in order, whole blocks at a time,
  /// until at least `min_records` were visited or the end is reached. The views live during the
  /// call only. Returns the offset after the last one visited (== `from` when there was none).
  virtual Offset read(Offset from, size_t min_records,
                      const std::function<void(Offset, std::string_view)>& visit) const = 0;

  /// One record, empty optional when there is none at that offset. Recently used blocks are cached.
  virtual std::optional<std::string> find(Offset offset) const = 0;
};

/// Embedded adapter: SQLite (WAL, synchronous=FULL) holding zstd-compressed blocks.
std::unique_ptr<EventLog> open_sqlite_event_log(const std::string& path);
/// Keeps everything in memory; for tests and rehearsals.
std::unique_ptr<EventLog> make_memory_event_log();

}  // namespace rapport
