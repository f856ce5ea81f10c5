#include "load/stores_alone.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <vector>

#include "load/processes.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"

namespace rapport::bench {
namespace {

constexpr uint64_t kCustomers = 100'000;
constexpr size_t kBatch = 10'000;
constexpr size_t kBatches = 20;
constexpr std::array kMigrations{Migration{
    1,
    "CREATE TABLE people (id INTEGER PRIMARY KEY, seen INTEGER NOT NULL, events INTEGER NOT NULL);"
    "CREATE TABLE names (name TEXT PRIMARY KEY, person INTEGER NOT NULL) WITHOUT ROWID"}};

std::string name_of(uint64_t person) {
  return fmt::format("user-{:07}", person);
}

void make_people(Connection& connection) {
  for (uint64_t person = 1; person <= kCustomers; ++person) {
    connection.run("INSERT INTO people (id, seen, events) VALUES ($1, 0, 0)", person);
    connection.run("INSERT INTO names (name, person) VALUES ($1, $2)", name_of(person), person);
  }
}

}  // namespace

double stores_alone_per_second(const std::string& folder) {
  const ScratchFolder scratch(folder);
  const auto state = open_sqlite_state_store(scratch.file("state.db"),
                                             {.cache_kib = 64 * 1024, .rebuildable = true});
  const auto warehouse = open_duckdb_warehouse(scratch.file("warehouse.duckdb"), {});
  state->migrate("limit", kMigrations);
  state->write(make_people);
  const std::string properties(150, 'x');
  std::vector<std::string> message_ids;
  for (size_t i = 0; i < kBatch; ++i) message_ids.push_back(fmt::format("m-{:016x}", i));
  uint64_t chance = 1;
  WarehouseBatch rows;
  const auto begin = std::chrono::steady_clock::now();
  for (size_t batch = 0; batch < kBatches; ++batch) {
    state->write([&](Connection& connection) {
      rows.clear();
      for (size_t i = 0; i < kBatch; ++i) {
        chance = chance * 6'364'136'223'846'793'005ull + 1'442'695'040'888'963'407ull;
        const auto person = connection.find(
            "SELECT person FROM names WHERE name = $1", [](Statement& row) { return row.id(0); },
            name_of(1 + (chance >> 33) % kCustomers));
        connection.run("UPDATE people SET seen = $2, events = events + 1 WHERE id = $1", *person,
                       batch);
        const Offset offset = batch * kBatch + i + 1;
        rows.events.push_back({offset, WorkspaceId{1}, CustomerId{*person}, 1, "Order Completed",
                               from_micros(static_cast<int64_t>(offset)),
                               from_micros(static_cast<int64_t>(offset)), message_ids[i],
                               properties});
        rows.through = offset;
      }
      warehouse->append(rows);
    });
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(kBatch * kBatches) / elapsed.count();
}

}  // namespace rapport::bench
