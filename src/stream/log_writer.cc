#include "stream/log_writer.h"

#include <cstring>
#include <future>
#include <unordered_set>

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "runtime/log.h"
#include "stream/event.h"

namespace rapport {
namespace {

struct KeyHash {
  size_t operator()(const MessageKey& key) const noexcept {
    size_t h = 0;
    std::memcpy(&h, key.data(), sizeof h);
    return h;
  }
};

std::string_view as_bytes(const uint64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

bool is_lasting(const Event& event) {
  return event.origin == EventOrigin::kImport;
}

constexpr size_t kRecordOverheadBytes = 64;  // of a pending record beside its bytes

Error too_busy(std::string detail) {
  return Error(ErrorCode::kTooManyRequests, "Too many events are waiting to be stored",
               std::move(detail))
      .with_retry_after(std::chrono::seconds(1));
}

}  // namespace

/// Keys of one block, by how long they are remembered.
struct LogWriter::FreshKeys {
  std::vector<MessageKey> keys;
  std::vector<MessageKey> lasting;

  void add(const MessageKey& key, bool is_lasting) { (is_lasting ? lasting : keys).push_back(key); }
};

struct LogWriter::Submission {
  std::vector<NewEvent> events;
  std::function<void(AppendResult)> done;
  size_t bytes = 0;
  AppendResult result;
};

MessageKey message_key(WorkspaceId workspace, std::string_view message_id, bool by_system) {
  // 128 bits: among 10^11 ids a collision has a chance below 10^-16, so equal keys mean equal ids.
  if (by_system) return hash_128({as_bytes(workspace.value), "system", message_id});
  return hash_128({as_bytes(workspace.value), message_id});
}

namespace {

MessageKey key_of(const Event& event) {
  return message_key(event.workspace, event.message_id, event.origin == EventOrigin::kSystem);
}

}  // namespace

NewEvent make_new_event(const Event& event) {
  return {key_of(event), encode_event(event), is_lasting(event)};
}

LogWriter::LogWriter(EventLog& log, MessageIndex& index, const Clock& clock)
    : log_(log), index_(index), clock_(clock) {}

LogWriter::~LogWriter() {
  stop();
}

void LogWriter::start() {
  recover_index();
  const std::lock_guard lock(mutex_);
  started_ = true;
  thread_ = std::thread([this] { run(); });
}

void LogWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  index_.flush();
}

void LogWriter::submit(std::vector<NewEvent> events, std::function<void(AppendResult)> done) {
  size_t bytes = 0;
  for (const NewEvent& event : events) bytes += event.record.size() + kRecordOverheadBytes;
  if (applied_) {
    const Offset applied = applied_();
    const Offset end = log_.end();
    if (end > applied && end - applied > limits::kMaxProjectorLag) throw too_busy("projector lag");
  }
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !started_) {
      throw Error(ErrorCode::kUnavailable, "The program is stopping")
          .with_retry_after(std::chrono::seconds(2));
    }
    if (pending_bytes_ > 0 && pending_bytes_ + bytes > limits::kMaxPendingLogBytes) {
      throw too_busy("pending bytes");
    }
    pending_bytes_ += bytes;
    pending_.push_back({std::move(events), std::move(done), bytes, {}});
    if (pending_.size() > 1) return;  // the writer is already on its way
  }
  wake_.notify_one();
}

std::optional<std::chrono::steady_clock::time_point> LogWriter::last_failure() const {
  const int64_t at = failed_at_ns_.load();
  if (at == 0) return std::nullopt;
  return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(at));
}

AppendResult LogWriter::append(std::vector<NewEvent> events) {
  std::promise<AppendResult> promise;
  auto future = promise.get_future();
  submit(std::move(events), [&promise](AppendResult result) { promise.set_value(result); });
  const AppendResult result = future.get();
  if (result.failed) throw Error(ErrorCode::kUnavailable, "The event could not be stored");
  return result;
}

void LogWriter::run() {
  std::vector<Submission> group;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
      if (pending_.empty()) return;
      group.swap(pending_);
    }
    write_group(group);
    size_t bytes = 0;
    for (const Submission& submission : group) bytes += submission.bytes;
    group.clear();
    const std::lock_guard lock(mutex_);
    pending_bytes_ -= bytes;
  }
}

void LogWriter::write_group(std::vector<Submission>& group) {
  std::vector<MessageKey> keys;
  for (const Submission& s : group) {
    for (const NewEvent& e : s.events) keys.push_back(e.key);
  }
  const Offset before = log_.end();
  Offset last = before;
  bool failed = false;
  try {
    std::vector<bool> seen;
    index_.find(keys, seen);
    std::unordered_set<MessageKey, KeyHash> in_group;
    in_group.reserve(keys.size());
    std::vector<std::string> records;
    std::vector<std::pair<MessageKey, bool>> fresh;  // and whether it is lasting
    size_t i = 0;
    for (Submission& s : group) {
      for (NewEvent& e : s.events) {
        const bool duplicate = seen[i++] || !in_group.insert(e.key).second;
        if (duplicate) {
          ++s.result.duplicates;
          continue;
        }
        ++s.result.accepted;
        fresh.emplace_back(e.key, e.lasting);
        records.push_back(std::move(e.record));
      }
    }
    for (size_t from = 0; from < records.size(); from += limits::kMaxLogBlockEvents) {
      const size_t count = std::min(limits::kMaxLogBlockEvents, records.size() - from);
      const Offset first = log_.append(std::span(records).subspan(from, count));
      last = first + count - 1;
      FreshKeys keys_of_block;
      for (size_t k = from; k < from + count; ++k) {
        keys_of_block.add(fresh[k].first, fresh[k].second);
      }
      mark(keys_of_block, clock_.now(), last);
    }
  } catch (const std::exception& error) {
    failed = true;
    failed_at_ns_ = std::max<int64_t>(clock_.steady().time_since_epoch().count(), 1);
    log_error("log_refused", {{"error", error.what()}});
  }
  for (Submission& s : group) {
    s.result.last = failed ? 0 : last;
    s.result.failed = failed;
    s.done(s.result);
  }
  // Of a group of several blocks the first ones may be stored when a later one fails.
  if (listener_ && (!failed || last > before)) listener_(last);
}

void LogWriter::mark(const FreshKeys& keys, Timestamp received_at, Offset last) {
  try {
    index_.mark(keys.keys, received_at, last, keys.lasting);
  } catch (const std::exception&) {
    // The log has events that the index would forget: a later mark would hide the gap for ever,
    // while a restart reads it from the log again.
    ASSERT(!"the message index does not take what the log holds");
  }
}

void LogWriter::recover_index() {
  Offset next = index_.through() + 1;
  const Offset end = log_.end();
  if (next > end + 1) {
    // Ids of events that the log has not would make their senders' second try a duplicate.
    throw Error(ErrorCode::kCorrupted,
                "The index of message ids is ahead of the log, which lost events. Remove "
                "log/message_ids: it is rebuilt from the log");
  }
  while (next <= end) {
    FreshKeys keys;
    Timestamp newest{};
    next = log_.read(next, 20'000, [&](Offset, std::string_view record) {
      const Event event = decode_event(record);
      newest = std::max(newest, event.received_at);
      keys.add(key_of(event), is_lasting(event));
    });
    if (keys.keys.empty() && keys.lasting.empty()) return;
    index_.mark(keys.keys, newest, next - 1, keys.lasting);
  }
}

}  // namespace rapport
