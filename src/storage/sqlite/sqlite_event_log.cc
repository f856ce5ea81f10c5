#include <fmt/format.h>

#include <atomic>
#include <list>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/limits.h"
#include "storage/event_log.h"
#include "storage/log_block.h"
#include "storage/sqlite/sqlite_connection.h"

namespace rapport {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kReaders = 4;

// Large pages: a block spans tens of small ones. A checkpoint each 16 MiB.
constexpr std::string_view kSetup =
    "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864; PRAGMA mmap_size=0;"
    "PRAGMA cache_size=-1024;";

/// Recently found blocks, at most limits::kLogCacheBytes of them. Thread-safe.
class BlockCache {
 public:
  std::shared_ptr<const LogBlock> find(Offset offset) {
    const std::lock_guard lock(mutex_);
    const auto after = blocks_.upper_bound(offset);
    if (after == blocks_.begin()) return nullptr;
    const auto entry = std::prev(after)->second;
    const auto& block = *entry;
    if (offset >= block->first + block->records.size()) return nullptr;
    order_.splice(order_.begin(), order_, entry);
    return block;
  }

  void insert(const std::shared_ptr<const LogBlock>& block) {
    const std::lock_guard lock(mutex_);
    if (blocks_.contains(block->first)) return;
    order_.push_front(block);
    blocks_[block->first] = order_.begin();
    bytes_ += size_of(*block);
    while (bytes_ > limits::kLogCacheBytes) {
      bytes_ -= size_of(*order_.back());
      blocks_.erase(order_.back()->first);
      order_.pop_back();
    }
  }

 private:
  using Order = std::list<std::shared_ptr<const LogBlock>>;
  static size_t size_of(const LogBlock& block) {
    return block.bytes.size() + block.records.size() * sizeof(std::string_view);
  }

  std::mutex mutex_;
  Order order_;  // most recent first
  std::map<Offset, Order::iterator> blocks_;
  size_t bytes_ = 0;
};

class SqliteEventLog final : public EventLog {
 public:
  explicit SqliteEventLog(const std::string& path)
      : writer_(path, kSetup), readers_(kReaders, [path] {
          return std::make_unique<SqliteConnection>(path,
                                                    std::string(kSetup) + "PRAGMA query_only=1;");
        }) {
    open_schema();
    end_ =
        writer_
            .find("SELECT first_offset + count - 1 FROM blocks ORDER BY first_offset DESC LIMIT 1",
                  [](Statement& s) { return s.id(0); })
            .value_or(0);
  }

  Offset append(std::span<const std::string> records) override {
    const std::lock_guard lock(append_mutex_);
    const Offset first = end_.load() + 1;
    const Blob bytes{codec_.encode(first, records)};
    // One statement is one transaction, on disk when it returns.
    writer_.run("INSERT INTO blocks (first_offset, count, bytes) VALUES ($1, $2, $3)", first,
                records.size(), bytes);
    end_ = first + records.size() - 1;
    return first;
  }

  Offset end() const override { return end_.load(); }

  Offset read(Offset from, size_t min_records,
              const std::function<void(Offset, std::string_view)>& visit) const override {
    const Offset end = end_.load();
    Offset next = std::max<Offset>(from, 1);
    size_t visited = 0;
    LogBlock block;
    LogBlockCodec codec;
    while (visited < min_records && next <= end) {
      load(next, codec, block);
      for (size_t i = next - block.first; i < block.records.size(); ++i, ++next, ++visited) {
        visit(next, block.records[i]);
      }
    }
    return visited == 0 ? from : next;
  }

  std::optional<std::string> find(Offset offset) const override {
    if (offset == 0 || offset > end_.load()) return std::nullopt;
    auto block = cache_.find(offset);
    if (!block) {
      const auto fresh = std::make_shared<LogBlock>();
      LogBlockCodec codec;
      load(offset, codec, *fresh);
      cache_.insert(fresh);
      block = fresh;
    }
    return std::string(block->records[offset - block->first]);
  }

 private:
  void open_schema() {
    const auto version =
        writer_.find("PRAGMA user_version", [](Statement& s) { return s.integer(0); }).value_or(0);
    if (version > kSchemaVersion) {
      throw Error(ErrorCode::kConflict,
                  fmt::format("The event log has format {}; this program knows {} only. Start a "
                              "newer program.",
                              version, kSchemaVersion));
    }
    if (version == kSchemaVersion) return;
    writer_.transaction("BEGIN IMMEDIATE", [](Connection& c) {
      c.execute_script(fmt::format(
          "CREATE TABLE blocks (first_offset INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
          " bytes BLOB NOT NULL); PRAGMA user_version={};",
          kSchemaVersion));
    });
  }

  /// The block that holds `offset`, which is not beyond the end.
  void load(Offset offset, LogBlockCodec& codec, LogBlock& block) const {
    bool found = false;
    readers_.use([&](SqliteConnection& connection) {
      connection.each(
          "SELECT first_offset, count, bytes FROM blocks WHERE first_offset <= $1"
          " ORDER BY first_offset DESC LIMIT 1",
          [&](Statement& s) {
            codec.decode(s.text(2), s.id(0), s.id(1), block);
            found = offset < block.first + block.records.size();
          },
          offset);
    });
    if (!found) {
      throw Error(ErrorCode::kCorrupted,
                  fmt::format("The block at offset {} of the event log is missing.", offset));
    }
  }

  std::mutex append_mutex_;
  SqliteConnection writer_;
  LogBlockCodec codec_;
  mutable SqlitePool readers_;
  mutable BlockCache cache_;
  std::atomic<Offset> end_{0};
};

}  // namespace

std::unique_ptr<EventLog> open_sqlite_event_log(const std::string& path) {
  return std::make_unique<SqliteEventLog>(path);
}

}  // namespace rapport
