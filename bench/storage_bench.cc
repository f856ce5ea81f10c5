// Storage adapters against the limits they stand on: what an fsync costs, how fast a log block, a
// statement, a warehouse batch and a deduplication batch are. Files go to TMPDIR.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>

#include "crypto/hash.h"
#include "storage/event_log.h"
#include "storage/message_index.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "rapport-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string properties_of(std::mt19937_64& chance) {
  return fmt::format(
      R"({{"order_id":"o-{}","total":{}.{:02},"currency":"EUR","products":[{{"sku":"sku-{}","price":{},"quantity":{}}}],"coupon":"c{}"}})",
      chance() % 10'000'000, chance() % 500, chance() % 100, chance() % 5'000, chance() % 90,
      1 + chance() % 5, chance() % 40);
}

/// About 400 bytes, as unlike each other as tracked events are.
std::string record_of(std::mt19937_64& chance) {
  return fmt::format(
      R"({{"type":"track","event":"Order Completed","messageId":"{:016x}-{:016x}","userId":"user-{}","timestamp":"2026-11-22T07:{:02}:{:02}.{:03}Z","context":{{"ip":"10.{}.{}.{}","library":{{"name":"analytics","version":"2.1.0"}},"locale":"vi-VN"}},"properties":{}}})",
      chance(), chance(), chance() % 1'000'000, chance() % 60, chance() % 60, chance() % 1'000,
      chance() % 256, chance() % 256, chance() % 256, properties_of(chance));
}

void BM_Fsync4KiB(benchmark::State& state) {
  const Folder folder;
  const int fd = open(folder.file("f").c_str(), O_CREAT | O_WRONLY, 0600);
  const std::string page(4'096, 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(write(fd, page.data(), page.size()));
    fdatasync(fd);
  }
  close(fd);
}
BENCHMARK(BM_Fsync4KiB)->UseRealTime();

void BM_EventLogAppend(benchmark::State& state) {
  const Folder folder;
  const auto log = open_sqlite_event_log(folder.file("events.db"));
  std::mt19937_64 chance(1);
  std::vector<std::vector<std::string>> blocks(50);
  for (auto& block : blocks) {
    for (int64_t i = 0; i < state.range(0); ++i) block.push_back(record_of(chance));
  }
  size_t next = 0;
  for (auto _ : state) log->append(blocks[next++ % blocks.size()]);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_EventLogAppend)->Arg(1)->Arg(100)->Arg(1'000)->Arg(4'000)->UseRealTime();

void BM_EventLogRead(benchmark::State& state) {
  const Folder folder;
  const auto log = open_sqlite_event_log(folder.file("events.db"));
  std::mt19937_64 chance(1);
  std::vector<std::string> block;
  for (int i = 0; i < 1'000; ++i) block.push_back(record_of(chance));
  for (int i = 0; i < 100; ++i) log->append(block);
  for (auto _ : state) {
    size_t bytes = 0;
    log->read(1, 100'000, [&](Offset, std::string_view record) { bytes += record.size(); });
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(BM_EventLogRead)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_EventLogFind(benchmark::State& state) {
  const Folder folder;
  const auto log = open_sqlite_event_log(folder.file("events.db"));
  std::mt19937_64 chance(1);
  std::vector<std::string> block;
  for (int i = 0; i < 1'000; ++i) block.push_back(record_of(chance));
  for (int i = 0; i < 200; ++i) log->append(block);
  const auto reach = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(log->find(1 + chance() % reach));
}
BENCHMARK(BM_EventLogFind)->Arg(5'000)->Arg(200'000)->UseRealTime();

void BM_StateStoreStatements(benchmark::State& state) {
  const Folder folder;
  const auto store = open_sqlite_state_store(folder.file("state.db"));
  constexpr Migration kSchema[] = {
      {1,
       "CREATE TABLE profiles (workspace INTEGER, id INTEGER, seen INTEGER, name TEXT,"
       " PRIMARY KEY (workspace, id)) WITHOUT ROWID"}};
  store->migrate("bench", kSchema);
  std::mt19937_64 chance(1);
  constexpr int kPerCommit = 5'000;
  for (auto _ : state) {
    store->write([&](Connection& c) {
      for (int i = 0; i < kPerCommit; ++i) {
        const auto id = static_cast<int64_t>(chance() % 100'000);
        c.find(
            "SELECT seen FROM profiles WHERE workspace = $1 AND id = $2",
            [](Statement& s) { return s.integer(0); }, 1, id);
        c.run(
            "INSERT INTO profiles (workspace, id, seen, name) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (workspace, id) DO UPDATE SET seen = excluded.seen",
            1, id, i, "a name of usual length");
      }
    });
  }
  state.SetItemsProcessed(state.iterations() * kPerCommit * 2);
}
BENCHMARK(BM_StateStoreStatements)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_StateStoreCommit(benchmark::State& state) {
  const Folder folder;
  const auto store = open_sqlite_state_store(folder.file("state.db"));
  constexpr Migration kSchema[] = {{1, "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)"}};
  store->migrate("bench", kSchema);
  int64_t id = 0;
  for (auto _ : state) {
    store->write([&](Connection& c) { c.run("INSERT INTO t (id, v) VALUES ($1, $1)", ++id); });
  }
}
BENCHMARK(BM_StateStoreCommit)->UseRealTime();

/// Text of a batch, shared by all batches of a run.
struct Rows {
  std::vector<std::string> ids;
  std::vector<std::string> properties;
  WarehouseBatch batch;

  explicit Rows(size_t count) {
    std::mt19937_64 chance(1);
    for (size_t i = 0; i < count; ++i) {
      ids.push_back(fmt::format("{:016x}-{:016x}", chance(), chance()));
      properties.push_back(properties_of(chance));
    }
    for (size_t i = 0; i < count; ++i) {
      batch.events.push_back({0,
                              WorkspaceId{1},
                              CustomerId{chance() % 1'000'000},
                              1,
                              i % 3 == 0 ? "Order Completed" : "Page Viewed",
                              {},
                              {},
                              ids[i],
                              properties[i]});
    }
  }
  void move_to(Offset first) {
    for (auto& event : batch.events) {
      event.offset = first++;
      event.occurred_at = from_micros(1'700'000'000'000'000 + static_cast<int64_t>(event.offset));
      event.received_at = event.occurred_at;
    }
    batch.through = first - 1;
  }
};

void BM_WarehouseAppend(benchmark::State& state) {
  const Folder folder;
  const auto warehouse = open_duckdb_warehouse(folder.file("w.duckdb"));
  const auto count = static_cast<size_t>(state.range(0));
  Rows rows(count);
  for (auto _ : state) {
    rows.move_to(warehouse->applied() + 1);
    warehouse->append(rows.batch);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_WarehouseAppend)->Arg(1)->Arg(1'000)->Arg(20'000)->UseRealTime()->MinTime(3);

void BM_WarehouseMergeSuccessors(benchmark::State& state) {
  const Folder folder;
  const auto warehouse = open_duckdb_warehouse(folder.file("w.duckdb"));
  uint64_t next = 1;
  const auto merge = [&](size_t count) {
    WarehouseBatch batch;
    batch.through = warehouse->applied() + 1;
    for (size_t i = 0; i < count; ++i) {
      batch.successors.push_back({WorkspaceId{1}, CustomerId{next}, CustomerId{next + 1}});
      next += 2;
    }
    warehouse->append(batch);
  };
  for (int i = 0; i < 10; ++i) merge(static_cast<size_t>(state.range(0)) / 10);
  for (auto _ : state) merge(100);
}
BENCHMARK(BM_WarehouseMergeSuccessors)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

/// Opening after a crash: the last events are in the WAL only.
void BM_WarehouseOpenAfterCrash(benchmark::State& state) {
  const Folder folder;
  Rows rows(20'000);
  size_t largest = 0;
  {
    const auto warehouse = open_duckdb_warehouse(folder.file("w.duckdb"));
    // Copies are taken at the fullest WAL within the run.
    while (warehouse->applied() < static_cast<Offset>(state.range(0))) {
      rows.move_to(warehouse->applied() + 1);
      warehouse->append(rows.batch);
      std::error_code none;
      const auto size = std::filesystem::file_size(folder.file("w.duckdb.wal"), none);
      if (none || size < largest) continue;
      largest = size;
      for (const char* const end : {"", ".wal"}) {
        std::filesystem::copy_file(folder.file("w.duckdb") + end, folder.file("crashed") + end,
                                   std::filesystem::copy_options::overwrite_existing);
      }
    }
  }
  for (auto _ : state) {
    state.PauseTiming();
    for (const char* const end : {"", ".wal"}) {
      std::filesystem::copy_file(folder.file("crashed") + end, folder.file("opened") + end,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    state.ResumeTiming();
    auto warehouse = open_duckdb_warehouse(folder.file("opened"));
    state.PauseTiming();
    warehouse.reset();
    state.ResumeTiming();
  }
  state.counters["wal_mib"] = static_cast<double>(largest) / (1024 * 1024);
}
BENCHMARK(BM_WarehouseOpenAfterCrash)
    ->Arg(1'000'000)
    ->UseRealTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

MessageKey message_key(uint64_t number) {
  static const SecretKey key = SecretKey().derive("bench");
  return keyed_hash_128(key, {std::string_view(reinterpret_cast<const char*>(&number), 8)});
}

/// find + mark of batches of 100 with `range` keys present.
void BM_MessageIndexFindAndMark(benchmark::State& state) {
  const Folder folder;
  const auto index = open_rocksdb_message_index(folder.file("ids"));
  const Timestamp now = from_micros(1'700'000'000'000'000);
  std::vector<MessageKey> keys(100);
  std::vector<bool> seen;
  uint64_t next = 0;
  const auto refill = [&] {
    for (auto& key : keys) key = message_key(next++);
  };
  while (next < static_cast<uint64_t>(state.range(0))) {
    refill();
    index->mark(keys, now, next);
  }
  std::vector<std::vector<MessageKey>> fresh(20'000);
  size_t at = fresh.size();
  for (auto _ : state) {
    if (at == fresh.size()) {
      state.PauseTiming();
      for (auto& batch : fresh) {
        refill();
        batch = keys;
      }
      at = 0;
      state.ResumeTiming();
    }
    index->find(fresh[at], seen);
    index->mark(fresh[at], now, next);
    ++at;
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_MessageIndexFindAndMark)->Arg(100'000)->Arg(10'000'000)->UseRealTime()->MinTime(4);

void BM_KeyedHash128(benchmark::State& state) {
  const SecretKey key = SecretKey().derive("bench");
  const std::string id = "0123456789abcdef-0123456789abcdef";
  for (auto _ : state) benchmark::DoNotOptimize(keyed_hash_128(key, {"12345678", id}));
}
BENCHMARK(BM_KeyedHash128);

}  // namespace
}  // namespace rapport
