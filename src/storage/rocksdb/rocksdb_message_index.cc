#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/universal_compaction.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "storage/message_index.h"

namespace rapport {
namespace {

constexpr char kFormatVersion = 1;
constexpr std::string_view kStateKey = "state";  // shorter than any message key
constexpr size_t kWriteBufferBytes = 16 * 1024 * 1024;
constexpr size_t kCacheBytes = 32 * 1024 * 1024;

using Hours = uint32_t;  // since 1970

Hours hours_of(Timestamp t) {
  const auto hours = std::chrono::floor<std::chrono::hours>(t).time_since_epoch().count();
  return static_cast<Hours>(std::max<int64_t>(hours, 0));
}

rocksdb::Slice slice_of(const MessageKey& key) {
  return {key.data(), key.size()};
}

void check(const rocksdb::Status& status) {
  if (status.ok()) return;
  const std::string internal = "rocksdb: " + status.ToString();
  if (status.IsCorruption()) {
    throw Error(ErrorCode::kCorrupted, "The index of message ids is damaged.", internal);
  }
  if (status.IsNoSpace() || status.IsBusy() || status.IsTryAgain()) {
    throw Error(ErrorCode::kUnavailable, "The index of message ids cannot take this now.",
                internal);
  }
  throw Error(ErrorCode::kInternal, "The index of message ids failed.", internal);
}

/// What is stored beside the keys, in the same write as they are.
struct State {
  Offset through = 0;
  Hours newest = 0;

  std::string encode() const {
    std::string out(1 + sizeof through + sizeof newest, kFormatVersion);
    std::memcpy(out.data() + 1, &through, sizeof through);
    std::memcpy(out.data() + 1 + sizeof through, &newest, sizeof newest);
    return out;
  }

  static State decode(std::string_view bytes) {
    State state;
    if (!bytes.empty() && bytes.front() > kFormatVersion) {
      throw Error(ErrorCode::kConflict,
                  fmt::format("The index of message ids has format {}; this program knows {} only. "
                              "Start a newer program.",
                              static_cast<int>(bytes.front()), static_cast<int>(kFormatVersion)));
    }
    if (bytes.size() != state.encode().size()) {
      throw Error(ErrorCode::kCorrupted, "The index of message ids is damaged.", "state record");
    }
    std::memcpy(&state.through, bytes.data() + 1, sizeof state.through);
    std::memcpy(&state.newest, bytes.data() + 1 + sizeof state.through, sizeof state.newest);
    return state;
  }
};

/// Drops keys that are older than the window, counted from the newest key there is: no clock.
class WindowFilter final : public rocksdb::CompactionFilter {
 public:
  void set_newest(Hours newest) { newest_.store(newest, std::memory_order_relaxed); }
  const char* Name() const override { return "rapport.MessageWindow"; }

  bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& value,
              std::string* /*new_value*/, bool* /*value_changed*/) const override {
    Hours received = 0;
    if (key.size() != sizeof(MessageKey) || value.size() != sizeof received) return false;
    std::memcpy(&received, value.data(), sizeof received);
    // One more hour, because hours are rounded down.
    return received + limits::kDedupWindow.count() + 1 < newest_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<Hours> newest_{0};
};

rocksdb::Options make_options(const rocksdb::CompactionFilter* filter) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes, /*num_shard_bits=*/2);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Filters and indexes live in the cache, in small parts: memory stays bounded however many keys
  // there are, and a miss reads a few kilobytes instead of a file's whole filter.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_top_level_index_and_filter = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.whole_key_filtering = true;
  table.format_version = 5;

  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compaction_filter = filter;
  options.compression = rocksdb::kNoCompression;  // hashes do not compress
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = 2;
  options.allow_concurrent_memtable_write = false;  // one writer
  options.memtable_prefix_bloom_size_ratio = 0.1;
  options.memtable_whole_key_filtering = true;
  // Keys are spread evenly over every file, which makes levels rewrite everything all the time;
  // universal compaction rewrites a key a few times only.
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.compaction_options_universal.allow_trivial_move = true;
  options.level0_file_num_compaction_trigger = 4;
  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  options.bytes_per_sync = 1024 * 1024;
  // Old files meet the filter even when nothing new is written into their range.
  options.periodic_compaction_seconds =
      static_cast<uint64_t>(std::chrono::seconds(limits::kDedupWindow).count() / 4);
  options.max_open_files = 256;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1024 * 1024;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

class RocksdbMessageIndex final : public MessageIndex {
 public:
  explicit RocksdbMessageIndex(const std::string& path) {
    rocksdb::Env* const env = rocksdb::Env::Default();
    // Compaction can wait; collecting cannot.
    env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(make_options(&filter_), path, &db));
    db_.reset(db);
    std::string stored;
    const auto status = db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(kStateKey), &stored);
    if (!status.IsNotFound()) {
      check(status);
      state_ = State::decode(stored);
      filter_.set_newest(state_.newest);
    }
  }

  void find(std::span<const MessageKey> keys, std::vector<bool>& seen) override {
    seen.assign(keys.size(), false);
    for (size_t from = 0; from < keys.size(); from += kFindBatch) {
      find_some(keys.subspan(from, std::min(kFindBatch, keys.size() - from)), from, seen);
    }
  }

  void mark(std::span<const MessageKey> keys, Timestamp received_at, Offset through) override {
    const Hours received = hours_of(received_at);
    State next = state_;
    next.through = std::max(next.through, through);
    next.newest = std::max(next.newest, received);
    const rocksdb::Slice value(reinterpret_cast<const char*>(&received), sizeof received);
    batch_.Clear();
    for (const MessageKey& key : keys) check(batch_.Put(slice_of(key), value));
    check(batch_.Put(rocksdb::Slice(kStateKey), next.encode()));
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    check(db_->Write(options, &batch_));
    state_ = next;
    filter_.set_newest(next.newest);
  }

  Offset through() const override { return state_.through; }

  void flush() override { check(db_->Flush(rocksdb::FlushOptions())); }

  void compact() override {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    check(db_->CompactRange(options, nullptr, nullptr));
  }

 private:
  static constexpr size_t kFindBatch = 128;

  void find_some(std::span<const MessageKey> keys, size_t at, std::vector<bool>& seen) {
    std::array<rocksdb::Slice, kFindBatch> slices;
    for (size_t i = 0; i < keys.size(); ++i) slices[i] = slice_of(keys[i]);
    db_->MultiGet(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), keys.size(), slices.data(),
                  values_.data(), statuses_.data());
    for (size_t i = 0; i < keys.size(); ++i) {
      values_[i].Reset();
      if (statuses_[i].IsNotFound()) continue;
      check(statuses_[i]);
      seen[at + i] = true;
    }
  }

  WindowFilter filter_;  // outlives the database
  std::unique_ptr<rocksdb::DB> db_;
  State state_;
  rocksdb::WriteBatch batch_;
  std::array<rocksdb::PinnableSlice, kFindBatch> values_;
  std::array<rocksdb::Status, kFindBatch> statuses_;
};

}  // namespace

std::unique_ptr<MessageIndex> open_rocksdb_message_index(const std::string& path) {
  return std::make_unique<RocksdbMessageIndex>(path);
}

}  // namespace rapport
