#include "storage/state_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "storage/sqlite/sqlite_connection.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

using StateStoreTest = FolderTest;

constexpr Migration kShop[] = {
    {1, "CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT UNIQUE, value REAL, data BLOB)"},
    {2, "CREATE TABLE items (id INTEGER PRIMARY KEY, shop INTEGER NOT NULL REFERENCES shops(id))"},
};

int64_t count(const StateStore& store, std::string_view table) {
  return store.read_value([&](Connection& c) {
    return *c.find("SELECT count(*) FROM " + std::string(table),
                   [](Statement& s) { return s.integer(0); });
  });
}

void add_shop(StateStore& store, int64_t id, std::string_view name) {
  store.write(
      [&](Connection& c) { c.run("INSERT INTO shops (id, name) VALUES ($1, $2)", id, name); });
}

TEST_F(StateStoreTest, KeepsEveryKindOfValue) {
  const auto store = open_sqlite_state_store(path("state.db"));
  store->migrate("shop", kShop);
  const std::string bytes("\0\x01\xFF", 3);
  store->write([&](Connection& c) {
    c.run("INSERT INTO shops VALUES ($1, $2, $3, $4)", 1, "Trà đá", 2.5, Blob{bytes});
    EXPECT_EQ(c.changes(), 1);
    c.run("INSERT INTO shops VALUES ($1, $2, $3, $4)", WorkspaceId{2}, std::optional<std::string>{},
          nullptr, Blob{""});
    c.run("INSERT INTO shops VALUES ($1, $2, $3, $4)", 3, std::string(), from_micros(-5), nullptr);
  });
  store->read([&](Connection& c) {
    int rows = 0;
    c.each("SELECT id, name, value, data FROM shops ORDER BY id", [&](Statement& s) {
      EXPECT_EQ(s.id(0), static_cast<uint64_t>(++rows));
      if (rows == 1) {
        EXPECT_EQ(s.text(1), "Trà đá");
        EXPECT_EQ(s.real(2), 2.5);
        EXPECT_EQ(s.text(3), bytes);
      } else if (rows == 2) {
        EXPECT_TRUE(s.is_null(1));
        EXPECT_FALSE(s.is_null(3));
        EXPECT_EQ(s.optional_time(2), std::nullopt);
        EXPECT_EQ(s.text(3), "");
      } else {
        EXPECT_FALSE(s.is_null(1));
        EXPECT_EQ(s.text(1), "");
        EXPECT_EQ(s.time(2), from_micros(-5));
        EXPECT_TRUE(s.is_null(3));
      }
    });
    EXPECT_EQ(rows, 3);
  });
}

TEST_F(StateStoreTest, KeepsNothingOfAWriteThatThrows) {
  const auto store = open_sqlite_state_store(path("state.db"));
  store->migrate("shop", kShop);
  add_shop(*store, 1, "a");
  EXPECT_THROW(store->write([&](Connection& c) {
    c.run("INSERT INTO shops (id) VALUES (2)");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(code_of([&] { add_shop(*store, 3, "a"); }), ErrorCode::kConflict);  // unique
  EXPECT_EQ(code_of([&] { add_shop(*store, 1, "b"); }), ErrorCode::kConflict);  // primary key
  EXPECT_EQ(code_of([&] {
              store->write([](Connection& c) { c.run("INSERT INTO items VALUES (1, 99)"); });
            }),
            ErrorCode::kConflict);  // foreign key
  EXPECT_EQ(code_of([&] { store->write([](Connection& c) { c.run("SELEC 1"); }); }),
            ErrorCode::kInternal);
  EXPECT_EQ(count(*store, "shops"), 1);
  add_shop(*store, 2, "b");
  EXPECT_EQ(count(*store, "shops"), 2);
}

TEST_F(StateStoreTest, AWriteInsideAWriteIsRefused) {
  const auto store = open_sqlite_state_store(":memory:");
  EXPECT_EQ(code_of([&] { store->write([&](Connection&) { store->write([](Connection&) {}); }); }),
            ErrorCode::kInternal);
  store->write([](Connection&) {});
}

TEST_F(StateStoreTest, ReadersCannotWriteAndSeeOneSnapshot) {
  for (const std::string& file : {path("state.db"), std::string(":memory:")}) {
    const auto store = open_sqlite_state_store(file);
    store->migrate("shop", kShop);
    EXPECT_EQ(code_of([&] {
                store->read([](Connection& c) { c.run("INSERT INTO shops (id) VALUES (9)"); });
              }),
              ErrorCode::kInternal);
    store->read([&](Connection& c) {
      const auto shops = [&] {
        return c.find("SELECT count(*) FROM shops", [](Statement& s) { return s.integer(0); });
      };
      EXPECT_EQ(shops(), 0);
      add_shop(*store, 1, "written meanwhile");
      EXPECT_EQ(shops(), 0);
    });
    EXPECT_EQ(count(*store, "shops"), 1);
    store->write([&](Connection& c) {
      c.run("INSERT INTO shops (id) VALUES (2)");
      EXPECT_EQ(count(*store, "shops"), 1);
    });
  }
}

TEST_F(StateStoreTest, AStatementLeftHalfReadDoesNotHoldTheNextTransaction) {
  const auto store = open_sqlite_state_store(path("state.db"));
  store->migrate("shop", kShop);
  add_shop(*store, 1, "a");
  add_shop(*store, 2, "b");
  const auto half = [](Connection& c) { EXPECT_TRUE(c.prepare("SELECT id FROM shops").step()); };
  store->read(half);
  store->write(half);
  add_shop(*store, 3, "c");
  EXPECT_EQ(count(*store, "shops"), 3);
}

TEST_F(StateStoreTest, FindsStatementsByTextNotByAddress) {
  const auto store = open_sqlite_state_store(":memory:");
  std::string sql = "SELECT 1";
  const auto value = [&] {
    return store->read_value(
        [&](Connection& c) { return *c.find(sql, [](Statement& s) { return s.integer(0); }); });
  };
  EXPECT_EQ(value(), 1);
  sql[7] = '2';  // the same address and length
  EXPECT_EQ(value(), 2);
  for (int i = 0; i < 3'000; ++i) {
    sql = "SELECT " + std::to_string(i);
    ASSERT_EQ(value(), i);
  }
}

TEST_F(StateStoreTest, ParametersAreKnownByTheirNumber) {
  const auto store = open_sqlite_state_store(":memory:");
  store->write([](Connection& c) {
    c.execute_script("CREATE TABLE pairs (a INTEGER, b INTEGER, c INTEGER)");
    c.run("INSERT INTO pairs (c, a, b) VALUES ($3, $1, $2)", 1, 2, 3);
    c.run("UPDATE pairs SET b = $2 WHERE a = $1 AND a < $2", 1, 20);
    const auto row = c.find(
        "SELECT a, b, c FROM pairs WHERE b = $2 AND a = $1 AND $1 < $2",
        [](Statement& s) { return s.integer(0) * 10'000 + s.integer(1) * 100 + s.integer(2); }, 1,
        20);
    EXPECT_EQ(row, 12'003);
    EXPECT_THROW(c.run("UPDATE pairs SET b = $1", 1, 2), Error);
  });
}

TEST_F(StateStoreTest, MigratesForwardOnly) {
  const std::string file = path("state.db");
  {
    const auto store = open_sqlite_state_store(file);
    store->migrate("shop", std::span(kShop, 1));
    add_shop(*store, 1, "kept");
    EXPECT_EQ(code_of([&] { count(*store, "items"); }), ErrorCode::kInternal);
  }
  const auto store = open_sqlite_state_store(file);
  store->migrate("shop", kShop);
  store->migrate("shop", kShop);
  EXPECT_EQ(count(*store, "shops"), 1);
  EXPECT_EQ(count(*store, "items"), 0);
  constexpr Migration kOther[] = {{1, "CREATE TABLE others (id INTEGER)"}};
  store->migrate("other", kOther);
  EXPECT_EQ(count(*store, "others"), 0);
  EXPECT_EQ(code_of([&] { store->migrate("shop", std::span(kShop, 1)); }), ErrorCode::kConflict);
  constexpr Migration kFailing[] = {{1, "CREATE TABLE more (id INTEGER); SELEC 1"}};
  EXPECT_EQ(code_of([&] { store->migrate("failing", kFailing); }), ErrorCode::kInternal);
  EXPECT_EQ(code_of([&] { count(*store, "more"); }), ErrorCode::kInternal);
}

TEST_F(StateStoreTest, KeepsEveryCommitAfterACrash) {
  const auto store = open_sqlite_state_store(path("state.db"));
  store->migrate("shop", kShop);
  for (int round = 1; round <= 3; ++round) {
    add_shop(*store, round, "shop " + std::to_string(round));
    const std::string copy = "crashed" + std::to_string(round);
    store->write([&](Connection& c) {
      c.run("INSERT INTO shops (id) VALUES (100)");
      copy_as_crashed("state.db", copy);  // in the middle of a transaction
      c.run("DELETE FROM shops WHERE id = 100");
    });
    const auto after = open_sqlite_state_store(path(copy));
    after->migrate("shop", kShop);
    EXPECT_EQ(count(*after, "shops"), round);
  }
}

TEST_F(StateStoreTest, TellsADamagedFile) {
  const std::string file = path("state.db");
  {
    const auto store = open_sqlite_state_store(file);
    store->migrate("shop", kShop);
    for (int i = 0; i < 200; ++i) add_shop(*store, i, std::string(200, 'a') + std::to_string(i));
  }
  const auto size = std::filesystem::file_size(file);
  std::FILE* const out = std::fopen(file.c_str(), "r+");
  std::fseek(out, 4096, SEEK_SET);
  for (auto at = size_t{4096}; at < size; ++at) std::fputc(0x5A, out);
  std::fclose(out);
  const auto store = open_sqlite_state_store(file);
  EXPECT_EQ(code_of([&] { count(*store, "shops"); }), ErrorCode::kCorrupted);
}

TEST_F(StateStoreTest, WritersQueueAndReadersSeeWholeTransactions) {
  const auto store = open_sqlite_state_store(path("state.db"), {.cache_kib = 1024, .readers = 2});
  store->migrate("shop", kShop);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int r = 0; r < 4; ++r) {
    threads.emplace_back([&] {
      while (!done) {
        if (count(*store, "shops") % 2 != 0) ++wrong;
      }
    });
  }
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 50; ++i) {
        store->write([&](Connection& c) {
          const int id = (w * 50 + i) * 2;
          c.run("INSERT INTO shops (id) VALUES ($1)", id);
          c.run("INSERT INTO shops (id) VALUES ($1)", id + 1);
        });
      }
    });
  }
  for (auto& writer : writers) writer.join();
  done = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(count(*store, "shops"), 300);
}

}  // namespace
}  // namespace rapport
