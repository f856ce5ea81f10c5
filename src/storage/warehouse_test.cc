#include "storage/warehouse.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "storage/duckdb/duckdb_handle.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

using WarehouseTest = FolderTest;

constexpr WorkspaceId kShop{7};

WarehouseEvent event(Offset offset, uint64_t customer, std::string_view name = "Order Completed",
                     std::string_view properties = R"({"total":5})") {
  return {offset,
          kShop,
          CustomerId{customer},
          1,
          name,
          from_micros(static_cast<int64_t>(offset) * 10),
          from_micros(static_cast<int64_t>(offset) * 10 + 1),
          "m",
          properties};
}

WarehouseBatch batch_of(Offset from, Offset through) {
  WarehouseBatch batch;
  for (Offset offset = from; offset <= through; ++offset) batch.events.push_back(event(offset, 1));
  batch.through = through;
  return batch;
}

int64_t number(const Warehouse& warehouse, const std::string& sql,
               const std::vector<WarehouseValue>& parameters = {}) {
  int64_t value = -1;
  warehouse.query(sql, parameters, [&](const WarehouseRow& row) { value = row.integer(0); });
  return value;
}

int64_t events(const Warehouse& warehouse) {
  return number(warehouse, "SELECT count(*) FROM events");
}

/// As another program would, while none of ours has the file open.
void run_on_file(const std::string& file, const std::string& sql) {
  DuckdbDatabase database;
  DuckdbConnection connection;
  ASSERT_EQ(duckdb_open(file.c_str(), database.out()), DuckDBSuccess);
  ASSERT_EQ(duckdb_connect(database.get(), connection.out()), DuckDBSuccess);
  execute_duckdb(connection.get(), sql);
}

TEST_F(WarehouseTest, GivesBackWhatWasAppended) {
  const auto warehouse = open_duckdb_warehouse(path("w.duckdb"));
  EXPECT_EQ(warehouse->applied(), 0u);
  const std::string long_name(1'000, 'n');
  WarehouseBatch batch;
  batch.through = 9;
  batch.events = {event(1, ~0ull, "Đơn hàng hoàn tất"), event(2, 2, long_name, "{}"),
                  event(3, 3, "bad \xFF text", "")};
  batch.traits = {{4, kShop, CustomerId{2}, "city", "\"Huế\"", from_micros(-1)},
                  {5, kShop, CustomerId{2}, "city", "null", from_micros(2)},
                  {6, kShop, CustomerId{2}, "city", "", from_micros(3)}};
  batch.customers = {{7, kShop, CustomerId{2}, from_micros(70)}};
  warehouse->append(batch);
  EXPECT_EQ(warehouse->applied(), 9u);

  int rows = 0;
  warehouse->query(
      "SELECT log_offset, workspace, customer, type, name, occurred_at, received_at, message_id,"
      " properties FROM events ORDER BY log_offset",
      {}, [&](const WarehouseRow& row) {
        const auto offset = static_cast<uint64_t>(++rows);
        EXPECT_EQ(row.id(0), offset);
        EXPECT_EQ(row.id(1), kShop.value);
        EXPECT_EQ(row.id(2), rows == 1 ? ~0ull : offset);
        EXPECT_EQ(row.integer(3), 1);
        EXPECT_EQ(row.is_null(4), rows == 3);
        EXPECT_EQ(row.text(4), rows == 1 ? "Đơn hàng hoàn tất" : rows == 2 ? long_name : "");
        EXPECT_EQ(row.integer(5), rows * 10);
        EXPECT_EQ(row.integer(6), rows * 10 + 1);
        EXPECT_EQ(row.text(7), "m");
      });
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(number(*warehouse, "SELECT count(*) FROM traits WHERE value IS NULL"), 2);
  EXPECT_EQ(number(*warehouse, "SELECT count(*) FROM traits WHERE value = $1", {"\"Huế\""}), 1);
  EXPECT_EQ(number(*warehouse, "SELECT created_at FROM customers"), 70);
}

TEST_F(WarehouseTest, ARepeatedBatchWritesNothingTwice) {
  const auto warehouse = open_duckdb_warehouse("");
  warehouse->append(batch_of(1, 10));
  warehouse->append(batch_of(1, 10));
  EXPECT_EQ(events(*warehouse), 10);
  warehouse->append(batch_of(4, 8));
  EXPECT_EQ(events(*warehouse), 10);
  warehouse->append(batch_of(6, 15));
  EXPECT_EQ(events(*warehouse), 15);
  EXPECT_EQ(number(*warehouse, "SELECT count(DISTINCT log_offset) FROM events"), 15);
  WarehouseBatch nothing;
  nothing.through = 20;  // records without rows advance too
  warehouse->append(nothing);
  EXPECT_EQ(warehouse->applied(), 20u);
}

TEST_F(WarehouseTest, LargeBatchesCrossChunks) {
  const auto warehouse = open_duckdb_warehouse("");
  Offset next = 1;
  for (const Offset size : {2'047, 2'048, 2'049, 20'000}) {
    warehouse->append(batch_of(next, next + size - 1));
    next += size;
  }
  EXPECT_EQ(events(*warehouse), static_cast<int64_t>(next - 1));
  EXPECT_EQ(number(*warehouse, "SELECT sum(log_offset) FROM events"),
            static_cast<int64_t>(next * (next - 1) / 2));
}

TEST_F(WarehouseTest, SuccessorsAreReplaced) {
  const auto warehouse = open_duckdb_warehouse("");
  const auto merge = [&](Offset through, std::vector<WarehouseSuccessor> rows) {
    WarehouseBatch batch;
    batch.through = through;
    batch.successors = std::move(rows);
    warehouse->append(batch);
  };
  const auto successor = [&](int64_t customer, int64_t workspace = 7) {
    return number(*warehouse,
                  "SELECT successor FROM successors WHERE workspace = $1 AND customer = $2",
                  {workspace, customer});
  };
  merge(1, {{kShop, CustomerId{1}, CustomerId{2}}, {WorkspaceId{8}, CustomerId{1}, CustomerId{5}}});
  EXPECT_EQ(successor(1), 2);
  merge(2, {{kShop, CustomerId{2}, CustomerId{3}},
            {kShop, CustomerId{1}, CustomerId{9}},
            {kShop, CustomerId{1}, CustomerId{3}}});
  EXPECT_EQ(successor(1), 3);
  EXPECT_EQ(successor(2), 3);
  EXPECT_EQ(successor(1, 8), 5);
  EXPECT_EQ(number(*warehouse, "SELECT count(*) FROM successors"), 3);
}

TEST_F(WarehouseTest, ReopensAfterAStopAndAfterACrash) {
  const std::string file = path("w.duckdb");
  {
    const auto warehouse = open_duckdb_warehouse(file);
    warehouse->append(batch_of(1, 5'000));
  }
  EXPECT_FALSE(std::filesystem::exists(file + ".wal"));
  const auto warehouse = open_duckdb_warehouse(file);
  EXPECT_EQ(events(*warehouse), 5'000);
  for (Offset round = 1; round <= 3; ++round) {
    const Offset through = 5'000 + round * 100;
    warehouse->append(batch_of(through - 99, through));
    const std::string copy = "crashed" + std::to_string(round) + ".duckdb";
    std::filesystem::copy(file, path(copy));
    std::filesystem::copy(file + ".wal", path(copy + ".wal"));
    const auto after = open_duckdb_warehouse(path(copy));
    EXPECT_EQ(after->applied(), through);
    EXPECT_EQ(events(*after), static_cast<int64_t>(through));
    after->append(batch_of(through + 1, through + 1));
    EXPECT_EQ(events(*after), static_cast<int64_t>(through + 1));
  }
}

// A file as the first schema left it: rows of the program's own events are told by their names.
TEST_F(WarehouseTest, AFileOfTheFirstSchemaLearnsWhoWroteItsEvents) {
  {
    const auto warehouse = open_duckdb_warehouse(path("w.duckdb"));
    WarehouseBatch batch;
    batch.through = 3;
    batch.events = {event(1, 1), event(2, 1, "Message Opened"), event(3, 2, "List Added")};
    warehouse->append(batch);
  }
  run_on_file(
      path("w.duckdb"),
      "ALTER TABLE events DROP COLUMN origin; UPDATE warehouse_state SET schema_version = 1");
  for (int opened = 0; opened < 2; ++opened) {
    const auto warehouse = open_duckdb_warehouse(path("w.duckdb"));
    EXPECT_EQ(warehouse->applied(), 3u + opened);
    EXPECT_EQ(number(*warehouse, "SELECT sum(origin) FROM events WHERE log_offset <= 3"),
              1 + 3 + 3);
    EXPECT_EQ(number(*warehouse, "SELECT origin FROM events WHERE log_offset = 1"), 1);
    WarehouseBatch batch;
    batch.through = 4;
    batch.events = {event(4, 1, "Message Opened")};
    warehouse->append(batch);
    EXPECT_EQ(number(*warehouse, "SELECT origin FROM events WHERE log_offset = 4"), 1);
  }
}

TEST_F(WarehouseTest, AHalfWrittenCommitIsForgotten) {
  const std::string file = path("w.duckdb");
  const auto warehouse = open_duckdb_warehouse(file);
  warehouse->append(batch_of(1, 100));
  const auto before = std::filesystem::file_size(file + ".wal");
  warehouse->append(batch_of(101, 300));
  const auto after = std::filesystem::file_size(file + ".wal");
  int round = 0;
  for (const auto cut : {before + 1, (before + after) / 2, after - 1}) {
    const std::string copy = path("cut" + std::to_string(++round) + ".duckdb");
    std::filesystem::copy(file, copy);
    std::filesystem::copy(file + ".wal", copy + ".wal");
    std::filesystem::resize_file(copy + ".wal", cut);
    const auto crashed = open_duckdb_warehouse(copy);
    EXPECT_EQ(crashed->applied(), 100u) << cut;
    EXPECT_EQ(events(*crashed), 100) << cut;
    crashed->append(batch_of(101, 300));
    EXPECT_EQ(events(*crashed), 300) << cut;
  }
}

TEST_F(WarehouseTest, QueriesReachNeitherFilesNorSettingsNorWrites) {
  const auto warehouse = open_duckdb_warehouse(path("w.duckdb"));
  std::ofstream(path("secret.csv")) << "a,b\n1,2\n";
  const std::string outside[] = {
      "SELECT * FROM read_csv('" + path("secret.csv") + "')",
      "SELECT * FROM read_text('" + path("secret.csv") + "')",
      "COPY (SELECT 1) TO '" + path("out.csv") + "'",
      "ATTACH '" + path("other.duckdb") + "'",
      "SET memory_limit='8GB'",
      "SET enable_external_access=true",
      "INSTALL httpfs",
      "DELETE FROM events",
      "CREATE TABLE x (a INTEGER)",
      "SELECT 1; DROP TABLE events",
      "SELEC 1",
      "SELECT no_such_column FROM events",
  };
  for (const std::string& sql : outside) {
    EXPECT_EQ(code_of([&] { number(*warehouse, sql); }), ErrorCode::kInternal) << sql;
  }
  warehouse->append(batch_of(1, 3));
  EXPECT_EQ(events(*warehouse), 3);
}

TEST_F(WarehouseTest, EveryKindOfParameterAndColumn) {
  const auto warehouse = open_duckdb_warehouse("");
  const std::vector<WarehouseValue> parameters{nullptr, true, int64_t{-3}, ~0ull, 2.5, "it's \0 x"};
  warehouse->query(
      "SELECT $1::VARCHAR, $2::BOOLEAN, $3::BIGINT, $4::UBIGINT, $5::DOUBLE, $6::VARCHAR,"
      " 1.25::DECIMAL(10, 2), sum(x)::HUGEINT, count(*) FROM range(10) t(x)",
      parameters, [](const WarehouseRow& row) {
        EXPECT_TRUE(row.is_null(0));
        EXPECT_EQ(row.integer(1), 1);
        EXPECT_EQ(row.integer(2), -3);
        EXPECT_EQ(row.id(3), ~0ull);
        EXPECT_EQ(row.real(4), 2.5);
        EXPECT_EQ(row.text(4), "2.5");
        EXPECT_EQ(row.text(5), "it's ");
        EXPECT_EQ(row.real(6), 1.25);
        EXPECT_EQ(row.integer(7), 45);
        EXPECT_EQ(row.real(7), 45.0);
        EXPECT_EQ(row.integer(8), 10);
      });
}

TEST_F(WarehouseTest, JsonIsBuiltIn) {
  const auto warehouse = open_duckdb_warehouse("");
  WarehouseBatch batch;
  batch.through = 3;
  batch.events = {event(1, 1, "a", R"({"total":12.5,"nested":{"x":"y"},"tags":["p"]})"),
                  event(2, 1, "a", R"({"total":"text"})"), event(3, 1, "a", "{}")};
  warehouse->append(batch);
  EXPECT_EQ(number(*warehouse,
                   "SELECT count(*) FROM events WHERE"
                   " try_cast(json_extract_string(properties, '$.total') AS DOUBLE) >= $1",
                   {10.0}),
            1);
  EXPECT_EQ(number(*warehouse,
                   "SELECT count(*) FROM events WHERE"
                   " json_extract_string(properties, $1) = 'y'",
                   {"$.nested.x"}),
            1);
}

TEST_F(WarehouseTest, ALongQuestionIsInterrupted) {
  const auto warehouse = open_duckdb_warehouse(
      "", {.memory_limit_mib = 256, .query_deadline = std::chrono::milliseconds(50)});
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(code_of([&] {
                number(*warehouse,
                       "SELECT count(*) FROM range(10000000) a, range(10000000) b"
                       " WHERE hash(a.range, b.range) = 0");
              }),
              ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(number(*warehouse, "SELECT 42"), 42);
  }
}

TEST_F(WarehouseTest, RefusesOtherFilesAndNewerSchemas) {
  std::ofstream(path("text.duckdb")) << std::string(20'000, 'x');
  EXPECT_EQ(code_of([&] { open_duckdb_warehouse(path("text.duckdb")); }), ErrorCode::kCorrupted);
  const std::string file = path("w.duckdb");
  open_duckdb_warehouse(file);
  run_on_file(file, "UPDATE warehouse_state SET schema_version = schema_version + 1");
  EXPECT_EQ(code_of([&] { open_duckdb_warehouse(file); }), ErrorCode::kConflict);
}

TEST_F(WarehouseTest, QueriesRunBesideAppends) {
  const auto warehouse = open_duckdb_warehouse(path("w.duckdb"));
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        // One commit is seen whole: rows and the mark of what is applied agree.
        if (number(
                *warehouse,
                "SELECT (SELECT count(*) FROM events) - (SELECT applied FROM warehouse_state)") !=
            0) {
          ++wrong;
        }
      }
    });
  }
  for (Offset next = 1; next < 20'000; next += 500) warehouse->append(batch_of(next, next + 499));
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(events(*warehouse), 20'000);
}

}  // namespace
}  // namespace rapport
