#include "storage/event_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/limits.h"
#include "storage/log_block.h"
#include "storage/sqlite/sqlite_connection.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

using Records = std::vector<std::string>;
using EventLogTest = FolderTest;

Records numbered(size_t count, const std::string& tag) {
  Records records;
  for (size_t i = 0; i < count; ++i) records.push_back(tag + std::to_string(i));
  return records;
}

/// Everything from `from` on, and the offset read() gave.
std::pair<Records, Offset> read_all(const EventLog& log, Offset from, size_t min_records) {
  Records records;
  Offset expected = std::max<Offset>(from, 1);
  const Offset next = log.read(from, min_records, [&](Offset offset, std::string_view record) {
    EXPECT_EQ(offset, expected++);
    records.emplace_back(record);
  });
  return {records, next};
}

TEST_F(EventLogTest, AppendsReadsAndReopens) {
  const std::string file = path("events.db");
  {
    const auto log = open_sqlite_event_log(file);
    EXPECT_EQ(log->end(), 0u);
    EXPECT_EQ(read_all(*log, 1, 10), std::make_pair(Records{}, Offset{1}));
    EXPECT_EQ(log->find(1), std::nullopt);
    EXPECT_EQ(log->append(numbered(3, "a")), 1u);
    EXPECT_EQ(log->append(Records{""}), 4u);
    EXPECT_EQ(log->end(), 4u);
  }
  const auto log = open_sqlite_event_log(file);
  EXPECT_EQ(log->end(), 4u);
  EXPECT_EQ(log->append(numbered(2, "b")), 5u);
  EXPECT_EQ(read_all(*log, 0, 100).first, (Records{"a0", "a1", "a2", "", "b0", "b1"}));
  EXPECT_EQ(read_all(*log, 2, 1), std::make_pair(Records{"a1", "a2"}, Offset{4}));
  EXPECT_EQ(read_all(*log, 7, 1), std::make_pair(Records{}, Offset{7}));
  EXPECT_EQ(log->find(0), std::nullopt);
  EXPECT_EQ(log->find(4), "");
  EXPECT_EQ(log->find(6), "b1");
  EXPECT_EQ(log->find(7), std::nullopt);
}

TEST_F(EventLogTest, KeepsEveryReturnedAppendAfterACrash) {
  const auto log = open_sqlite_event_log(path("events.db"));
  for (int round = 1; round <= 5; ++round) {
    log->append(numbered(10, "r"));
    const std::string copy = "crashed" + std::to_string(round);
    copy_as_crashed("events.db", copy);
    const auto after = open_sqlite_event_log(path(copy));
    EXPECT_EQ(after->end(), 10u * static_cast<size_t>(round));
    EXPECT_EQ(after->find(after->end()), "r9");
    const Offset next = after->end() + 1;
    EXPECT_EQ(after->append(Records{"next"}), next);
  }
}

TEST_F(EventLogTest, ForgetsAHalfWrittenBlock) {
  const auto log = open_sqlite_event_log(path("events.db"));
  log->append(numbered(10, "a"));
  const auto before = std::filesystem::file_size(path("events.db-wal"));
  log->append(numbered(1'000, "b"));
  const auto after = std::filesystem::file_size(path("events.db-wal"));
  ASSERT_GT(after, before);
  for (const auto cut : {before, before + 1, (before + after) / 2, after - 1}) {
    const std::string copy = "cut" + std::to_string(cut);
    copy_as_crashed("events.db", copy);
    std::filesystem::resize_file(path(copy + "-wal"), cut);
    const auto crashed = open_sqlite_event_log(path(copy));
    EXPECT_EQ(crashed->end(), 10u);
    EXPECT_EQ(read_all(*crashed, 1, 100).first, numbered(10, "a"));
    EXPECT_EQ(crashed->append(numbered(2, "c")), 11u);
  }
}

TEST_F(EventLogTest, NamesADamagedBlock) {
  const std::string file = path("events.db");
  {
    const auto log = open_sqlite_event_log(file);
    log->append(numbered(100, "a"));
    log->append(numbered(100, "b"));
    log->append(numbered(100, "c"));
  }
  const struct {
    const char* name;
    const char* sql;
  } cases[] = {
      {"altered",
       "UPDATE blocks SET bytes = CAST(substr(bytes, 1, 20) || x'00' || substr(bytes, 22)"
       " AS BLOB) WHERE first_offset = 101"},
      {"cut", "UPDATE blocks SET bytes = substr(bytes, 1, 30) WHERE first_offset = 101"},
      {"empty", "UPDATE blocks SET bytes = x'' WHERE first_offset = 101"},
      {"count", "UPDATE blocks SET count = 99 WHERE first_offset = 101"},
      {"moved",
       "UPDATE blocks SET bytes = (SELECT bytes FROM blocks WHERE first_offset = 1)"
       " WHERE first_offset = 101"},
      {"missing", "DELETE FROM blocks WHERE first_offset = 101"},
  };
  for (const auto& c : cases) {
    copy_as_crashed("events.db", c.name);
    SqliteConnection(path(c.name), "").execute_script(c.sql);
    const auto log = open_sqlite_event_log(path(c.name));
    EXPECT_EQ(log->find(100), "a99") << c.name;
    EXPECT_EQ(log->find(201), "c0") << c.name;
    EXPECT_EQ(code_of([&] { log->find(150); }), ErrorCode::kCorrupted) << c.name;
    size_t seen = 0;
    EXPECT_EQ(code_of([&] { log->read(1, 300, [&](Offset, std::string_view) { ++seen; }); }),
              ErrorCode::kCorrupted)
        << c.name;
    EXPECT_EQ(seen, 100u) << c.name;
  }
}

TEST_F(EventLogTest, RefusesANewerFormatAndOtherFiles) {
  { SqliteConnection(path("newer"), "").execute_script("PRAGMA user_version=2"); }
  EXPECT_EQ(code_of([&] { open_sqlite_event_log(path("newer")); }), ErrorCode::kConflict);
  std::FILE* const file = std::fopen(path("text").c_str(), "w");
  std::fputs(std::string(5'000, 'x').c_str(), file);
  std::fclose(file);
  EXPECT_EQ(code_of([&] { open_sqlite_event_log(path("text")); }), ErrorCode::kCorrupted);
}

TEST_F(EventLogTest, RefusesBlocksBeyondTheLimits) {
  for (const auto& log : {open_sqlite_event_log(path("events.db")), make_memory_event_log()}) {
    EXPECT_EQ(code_of([&] { log->append({}); }), ErrorCode::kPayloadTooLarge);
    EXPECT_EQ(code_of([&] { log->append(Records(limits::kMaxLogBlockEvents + 1)); }),
              ErrorCode::kPayloadTooLarge);
    EXPECT_EQ(log->append(Records(limits::kMaxLogBlockEvents)), 1u);
  }
}

TEST_F(EventLogTest, BehavesLikeTheMemoryLogOnRandomUse) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 chance(seed);
    const std::string file = path("random" + std::to_string(seed));
    auto stored = open_sqlite_event_log(file);
    const auto model = make_memory_event_log();
    for (int step = 0; step < 60; ++step) {
      const auto action = chance() % 8;
      const Offset at = chance() % (model->end() + 3);
      if (action < 3) {
        Records records(1 + chance() % 50);
        for (auto& record : records) {
          record.assign(chance() % 300, static_cast<char>(chance() % 256));
        }
        ASSERT_EQ(stored->append(records), model->append(records));
      } else if (action < 5) {
        ASSERT_EQ(stored->find(at), model->find(at));
      } else if (action < 7) {
        const size_t least = chance() % 100;
        ASSERT_EQ(read_all(*stored, at, least), read_all(*model, at, least));
      } else {
        stored.reset();
        stored = open_sqlite_event_log(file);
      }
      ASSERT_EQ(stored->end(), model->end());
    }
  }
}

TEST_F(EventLogTest, ReadersFollowTheAppender) {
  const auto log = open_sqlite_event_log(path("events.db"));
  constexpr Offset kRecords = 2'000;
  std::vector<std::thread> readers;
  std::atomic<size_t> wrong{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      Offset next = 1;
      while (next <= kRecords) {
        const Offset durable = log->end();
        next = log->read(next, 100, [&](Offset offset, std::string_view record) {
          if (record != std::to_string(offset)) ++wrong;
        });
        if (durable > 0 && log->find(durable) != std::to_string(durable)) ++wrong;
      }
    });
  }
  for (Offset next = 1; next <= kRecords; next += 20) {
    Records records;
    for (Offset i = 0; i < 20; ++i) records.push_back(std::to_string(next + i));
    log->append(records);
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
}

TEST(LogBlockCodecTest, NoAlteredByteDecodes) {
  LogBlockCodec codec;
  const std::string bytes(codec.encode(7, numbered(20, "record")));
  LogBlock block;
  codec.decode(bytes, 7, 20, block);
  ASSERT_EQ(block.records.size(), 20u);
  EXPECT_EQ(block.records[19], "record19");
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string altered = bytes;
      altered[at] = static_cast<char>(altered[at] ^ (1 << bit));
      try {
        codec.decode(altered, 7, 20, block);
        // A few header bits of a frame carry no meaning; the records must then be the same.
        ASSERT_EQ(block.records.size(), 20u) << at;
        for (size_t i = 0; i < 20; ++i) ASSERT_EQ(block.records[i], "record" + std::to_string(i));
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::kCorrupted) << at;
      }
    }
  }
}

}  // namespace
}  // namespace rapport
