#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "storage/sqlite/sqlite_connection.h"
#include "storage/state_store.h"

namespace rapport {
namespace {

/// A folder of its own, gone with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rapport-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw Error(ErrorCode::kInternal, "A temporary folder cannot be made.", pattern);
    }
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr std::string_view kInMemory = ":memory:";

class SqliteStateStore final : public StateStore {
 public:
  SqliteStateStore(const std::string& path, SqliteOptions options)
      // A store without a name is a file nobody else knows and nobody syncs: snapshots and locks
      // then behave as they do in production, which SQLite's in-memory databases do not offer.
      : folder_(path == kInMemory ? std::make_unique<TemporaryFolder>() : nullptr),
        path_(folder_ ? folder_->path() + "/store.db" : path),
        writer_(path_, setup(options, options.cache_kib, /*writes=*/true)),
        readers_(options.readers, [this, options] {
          return std::make_unique<SqliteConnection>(path_,
                                                    setup(options, options.cache_kib / 8, false));
        }) {}

  void write(const std::function<void(Connection&)>& work) override {
    // A second write inside the first would wait for itself for ever.
    ENSURE(writing_thread_.load() != std::this_thread::get_id());
    const std::lock_guard lock(write_mutex_);
    writing_thread_ = std::this_thread::get_id();
    try {
      writer_.transaction("BEGIN IMMEDIATE", work);
    } catch (...) {
      writing_thread_ = std::thread::id();
      throw;
    }
    writing_thread_ = std::thread::id();
  }

  void read(const std::function<void(Connection&)>& work) const override {
    readers_.use([&](SqliteConnection& connection) { connection.transaction("BEGIN", work); });
  }

  void migrate(std::string_view component, std::span<const Migration> migrations) override {
    write([](Connection& c) {
      c.execute_script(
          "CREATE TABLE IF NOT EXISTS schema_versions"
          " (component TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
    });
    int64_t stored = 0;
    read([&](Connection& c) {
      stored = c.find(
                    "SELECT version FROM schema_versions WHERE component = $1",
                    [](Statement& s) { return s.integer(0); }, component)
                   .value_or(0);
    });
    const int64_t known = migrations.empty() ? 0 : migrations.back().version;
    if (stored > known) {
      throw Error(ErrorCode::kConflict,
                  fmt::format("The stored schema of {} has version {}; this program knows {} only. "
                              "Start a newer program.",
                              component, stored, known));
    }
    int64_t previous = 0;
    for (const Migration& migration : migrations) {
      ENSURE(migration.version == previous + 1);
      previous = migration.version;
      if (migration.version <= stored) continue;
      write([&](Connection& c) {
        c.execute_script(migration.sql);
        c.run(
            "INSERT INTO schema_versions (component, version) VALUES ($1, $2)"
            " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
            component, migration.version);
      });
    }
  }

 private:
  std::string setup(const SqliteOptions& options, int cache_kib, bool writes) const {
    // A checkpoint each 16 MiB of WAL: seldom enough for bulk loads, small enough that opening
    // after a crash reads little.
    return fmt::format(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous={}; PRAGMA foreign_keys=ON;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;"
        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cache_size=-{}; PRAGMA "
        "query_only={};",
        folder_               ? "OFF"
        : options.rebuildable ? "NORMAL"
                              : "FULL",
        cache_kib, writes ? 0 : 1);
  }

  const std::unique_ptr<TemporaryFolder> folder_;
  const std::string path_;
  std::mutex write_mutex_;
  std::atomic<std::thread::id> writing_thread_{};
  SqliteConnection writer_;
  mutable SqlitePool readers_;
};

}  // namespace

std::unique_ptr<StateStore> open_sqlite_state_store(const std::string& path,
                                                    SqliteOptions options) {
  return std::make_unique<SqliteStateStore>(path, options);
}

}  // namespace rapport
