// LogWriter: group commit. Everything that waits is checked for duplicates, written as one block
// with one fsync, and acknowledged.
//
// Operation: `submit` hands over encoded events and returns at once; `done` runs on the writer's
// thread after the block is durable (keep it short: post elsewhere). An event whose key is already
// in the message index, or earlier in the same group, is dropped and counted as a duplicate, and
// its submission is acknowledged only after the original is durable too. Overload: when more than
// limits::kMaxPendingLogBytes wait, or the projector is more than limits::kMaxProjectorLag behind,
// `submit` throws kTooManyRequests with a retry-after and takes nothing. Concurrency: thread-safe.
// `stop` drains.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "runtime/clock.h"
#include "storage/event_log.h"
#include "storage/message_index.h"

namespace rapport {

struct Event;

/// An encoded event and its deduplication key.
struct NewEvent {
  MessageKey key;
  std::string record;
  /// Its key is remembered for ever: whoever imports a file again may do so after a year.
  bool lasting = false;
};

struct AppendResult {
  Offset last = 0;  // of the group; everything up to it is durable. 0 with `failed`
  uint32_t accepted = 0;
  uint32_t duplicates = 0;
  bool failed = false;  // the disk refused: nothing of this submission is acknowledged
};

class LogWriter {
 public:
  LogWriter(EventLog& log, MessageIndex& index, const Clock& clock);
  ~LogWriter();

  /// Makes the message index whole after a crash, then starts the thread. Call once.
  void start();
  /// Writes what waits, flushes the index, joins. Later submits throw kUnavailable.
  void stop();

  void submit(std::vector<NewEvent> events, std::function<void(AppendResult)> done);
  /// Submits and waits; throws kUnavailable when the disk refuses.
  AppendResult append(std::vector<NewEvent> events);

  /// When the disk last refused a group, by Clock::steady; null when it never did.
  std::optional<std::chrono::steady_clock::time_point> last_failure() const;

  /// Called on the writer's thread with the new end after every block. Set before `start`.
  void on_appended(std::function<void(Offset)> listener) { listener_ = std::move(listener); }
  /// Set before `start`: how far the projector is; limits the lag.
  void limit_lag(std::function<Offset()> applied) { applied_ = std::move(applied); }

 private:
  struct Submission;
  void run();
  void write_group(std::vector<Submission>& group);
  struct FreshKeys;
  void mark(const FreshKeys& keys, Timestamp received_at, Offset last);
  void recover_index();

  EventLog& log_;
  MessageIndex& index_;
  const Clock& clock_;
  std::function<void(Offset)> listener_;
  std::function<Offset()> applied_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Submission> pending_;
  size_t pending_bytes_ = 0;
  std::atomic<int64_t> failed_at_ns_{0};  // 0: never
  bool stopping_ = false;
  bool started_ = false;
  std::thread thread_;
};

/// Key of a message id in one workspace. The program's own events have a space of their own: their
/// ids can be guessed, and a client that sent one first would make the program's a duplicate.
MessageKey message_key(WorkspaceId workspace, std::string_view message_id, bool by_system = false);
/// Encodes and keys an event.
NewEvent make_new_event(const Event& event);

}  // namespace rapport
