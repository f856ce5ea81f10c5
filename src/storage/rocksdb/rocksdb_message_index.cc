#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/universal_compaction.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <future>
#include <limits>

#include "base/error.h"
#include "base/limits.h"
#include "storage/message_index.h"
#include "storage/rocksdb/key_buffer.h"

namespace rapport {
namespace {

constexpr char kFormatVersion = 1;
constexpr std::string_view kStateKey = "state";  // shorter than any message key
constexpr size_t kCacheBytes = 64 * 1024 * 1024;

using Hours = uint32_t;  // since 1970
constexpr Hours kForever = std::numeric_limits<Hours>::max();

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
    if (received == kForever) return false;
    // One more hour, because hours are rounded down.
    return received + limits::kDedupWindow.count() + 1 < newest_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<Hours> newest_{0};
};

rocksdb::Options make_options(const rocksdb::CompactionFilter* filter) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes, /*num_shard_bits=*/2);
  // A false alarm costs a block read, a hundred times the look into the filter.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(15));
  // Filters live in the cache, whole: a batch of keys fetches each file's filter once. Memory stays
  // bounded; beyond some 30 million keys filters begin to be read again from the files.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.whole_key_filtering = true;
  table.format_version = 5;

  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compaction_filter = filter;
  options.compression = rocksdb::kNoCompression;  // hashes do not compress
  options.write_buffer_size = 1024 * 1024;        // keys arrive as finished files
  // Keys are spread evenly over every file, which makes levels rewrite everything all the time;
  // universal compaction rewrites a key a few times only.
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.compaction_options_universal.allow_trivial_move = true;
  options.level0_file_num_compaction_trigger = 4;
  options.target_file_size_base = 32 * 1024 * 1024;
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

/// Collects keys in memory and hands them to RocksDB as sorted files of some hundred thousand keys,
/// which spares its sorted memory table. The state record is in the same file, so that what
/// survives a crash always agrees with `through`.
class RocksdbMessageIndex final : public MessageIndex {
 public:
  explicit RocksdbMessageIndex(const std::string& path)
      : options_(make_options(&filter_)), file_(path + "/incoming.sst") {
    // Compaction can wait; collecting cannot.
    rocksdb::Env::Default()->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options_, path, &db));
    db_.reset(db);
    std::string stored;
    const auto status = db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(kStateKey), &stored);
    if (!status.IsNotFound()) {
      check(status);
      state_ = State::decode(stored);
      filter_.set_newest(state_.newest);
    }
    stored_state_ = state_;
  }

  ~RocksdbMessageIndex() override {
    try {
      flush();
    } catch (const Error&) {
      // What is lost here is found again from the log, as after a crash.
    }
  }

  void find(std::span<const MessageKey> keys, std::vector<bool>& seen) override {
    seen.assign(keys.size(), false);
    unknown_.clear();
    for (size_t i = 0; i < keys.size(); ++i) {
      if (active_.contains(keys[i]) || leaving_.contains(keys[i])) {
        seen[i] = true;
      } else {
        unknown_.push_back(i);
      }
    }
    for (size_t from = 0; from < unknown_.size(); from += kFindBatch) {
      const size_t count = std::min(kFindBatch, unknown_.size() - from);
      find_on_disk(keys, std::span(unknown_).subspan(from, count), seen);
    }
  }

  void mark(std::span<const MessageKey> keys, Timestamp received_at, Offset through,
            std::span<const MessageKey> lasting) override {
    // A full buffer leaves before the keys come in: a failure to write it then changes nothing.
    if (active_.size() + keys.size() + lasting.size() > KeyBuffer::kMaxKeys) send_away();
    for (const MessageKey& key : keys) active_.insert(key);
    for (const MessageKey& key : lasting) {
      active_.insert(key);
      active_lasting_.insert(key);
    }
    state_.through = std::max(state_.through, through);
    state_.newest = std::max(state_.newest, hours_of(received_at));
    filter_.set_newest(state_.newest);
  }

  Offset through() const override { return state_.through; }

  void flush() override {
    send_away();
    finish_sending();
  }

  void compact() override {
    flush();
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    check(db_->CompactRange(options, nullptr, nullptr));
  }

 private:
  static constexpr size_t kFindBatch = 128;

  void find_on_disk(std::span<const MessageKey> keys, std::span<const size_t> which,
                    std::vector<bool>& seen) {
    std::array<rocksdb::Slice, kFindBatch> slices;
    for (size_t i = 0; i < which.size(); ++i) slices[i] = slice_of(keys[which[i]]);
    db_->MultiGet(rocksdb::ReadOptions(), db_->DefaultColumnFamily(), which.size(), slices.data(),
                  values_.data(), statuses_.data());
    for (size_t i = 0; i < which.size(); ++i) {
      values_[i].Reset();
      if (statuses_[i].IsNotFound()) continue;
      check(statuses_[i]);
      seen[which[i]] = true;
    }
  }

  /// Starts writing the active buffer; waits for the one before it.
  void send_away() {
    finish_sending();
    if (active_.size() == 0 && state_.through == stored_state_.through) return;
    leaving_ = std::move(active_);
    active_.clear();
    leaving_lasting_ = std::move(active_lasting_);
    active_lasting_.clear();
    leaving_state_ = state_;
    sending_ = std::async(std::launch::async, [this] { store_leaving(); });
  }

  void finish_sending() {
    if (!sending_.valid() && leaving_.size() > 0) {
      sending_ = std::async(std::launch::async, [this] { store_leaving(); });
    }
    if (!sending_.valid()) return;
    sending_.get();  // on an error the keys stay in leaving_, and the next call tries again
    stored_state_ = leaving_state_;
    leaving_.clear();
    leaving_lasting_.clear();
  }

  void store_leaving() const {
    const State& state = leaving_state_;
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    check(writer.Open(file_));
    // The newest hour stands for all of the buffer: keys stay a little longer, never shorter.
    const rocksdb::Slice window(reinterpret_cast<const char*>(&state.newest), sizeof state.newest);
    const rocksdb::Slice forever(reinterpret_cast<const char*>(&kForever), sizeof kForever);
    const rocksdb::Slice state_key(kStateKey);
    bool state_written = false;
    for (const MessageKey& key : leaving_.sorted()) {
      if (!state_written && state_key.compare(slice_of(key)) < 0) {
        check(writer.Put(state_key, state.encode()));
        state_written = true;
      }
      check(writer.Put(slice_of(key), leaving_lasting_.contains(key) ? forever : window));
    }
    if (!state_written) check(writer.Put(state_key, state.encode()));
    check(writer.Finish());
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.write_global_seqno = false;
    check(db_->IngestExternalFile({file_}, ingest));
  }

  WindowFilter filter_;  // outlives the database
  const rocksdb::Options options_;
  const std::string file_;
  std::unique_ptr<rocksdb::DB> db_;
  KeyBuffer active_;
  KeyBuffer active_lasting_;  // those of active_ that never go
  KeyBuffer leaving_;         // being written; still answers, does not change
  KeyBuffer leaving_lasting_;
  State state_;
  State leaving_state_;
  State stored_state_;
  std::future<void> sending_;
  std::vector<size_t> unknown_;
  std::array<rocksdb::PinnableSlice, kFindBatch> values_;
  std::array<rocksdb::Status, kFindBatch> statuses_;
};

}  // namespace

std::unique_ptr<MessageIndex> open_rocksdb_message_index(const std::string& path) {
  return std::make_unique<RocksdbMessageIndex>(path);
}

}  // namespace rapport
