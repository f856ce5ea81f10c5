#include "storage/message_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "storage/storage_test_util.h"

namespace rapport {
namespace {

using MessageIndexTest = FolderTest;

constexpr Timestamp kStart = from_micros(1'700'000'000'000'000);

/// Spread like a hash is; two numbers never give the same key.
MessageKey key_of(uint64_t number) {
  const uint64_t mixed = (number ^ (number >> 31)) * 0x9E3779B97F4A7C15ull;
  const uint64_t words[] = {mixed ^ (mixed << 29), number};
  MessageKey key;
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

std::vector<MessageKey> keys_of(uint64_t from, uint64_t count) {
  std::vector<MessageKey> keys;
  for (uint64_t i = 0; i < count; ++i) keys.push_back(key_of(from + i));
  return keys;
}

size_t found(MessageIndex& index, const std::vector<MessageKey>& keys) {
  std::vector<bool> seen;
  index.find(keys, seen);
  EXPECT_EQ(seen.size(), keys.size());
  return static_cast<size_t>(std::count(seen.begin(), seen.end(), true));
}

TEST_F(MessageIndexTest, FindsWhatWasMarked) {
  for (const auto& index : {open_rocksdb_message_index(path("ids")), make_memory_message_index()}) {
    EXPECT_EQ(index->through(), 0u);
    std::vector<bool> seen(5, true);
    index->find({}, seen);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(found(*index, keys_of(0, 300)), 0u);
    index->mark(keys_of(0, 200), kStart, 200);
    EXPECT_EQ(index->through(), 200u);
    index->mark({}, kStart, 150);
    EXPECT_EQ(index->through(), 200u);
    index->mark({}, kStart, 250);
    EXPECT_EQ(index->through(), 250u);
    EXPECT_EQ(found(*index, keys_of(0, 300)), 200u);
    index->find(keys_of(198, 4), seen);
    EXPECT_EQ(seen, (std::vector<bool>{true, true, false, false}));
  }
}

TEST_F(MessageIndexTest, LastingKeysOutliveTheWindow) {
  const auto index = open_rocksdb_message_index(path("ids"));
  index->mark(keys_of(0, 500), kStart, 1'000, keys_of(500, 500));
  index->flush();
  index->mark({}, kStart + limits::kDedupWindow + std::chrono::hours(2), 1'001, keys_of(1'000, 1));
  index->compact();
  EXPECT_EQ(found(*index, keys_of(0, 500)), 0u);
  EXPECT_EQ(found(*index, keys_of(500, 501)), 501u);
}

TEST_F(MessageIndexTest, ACleanStopKeepsEverything) {
  for (const bool flush : {true, false}) {
    const std::string folder = path(flush ? "flushed" : "closed");
    {
      const auto index = open_rocksdb_message_index(folder);
      index->mark(keys_of(0, 1'000), kStart, 1'000);
      if (flush) index->flush();
    }
    const auto index = open_rocksdb_message_index(folder);
    EXPECT_EQ(index->through(), 1'000u);
    EXPECT_EQ(found(*index, keys_of(0, 1'100)), 1'000u);
  }
}

TEST_F(MessageIndexTest, AfterACrashThroughTellsWhatSurvived) {
  const auto index = open_rocksdb_message_index(path("ids"));
  index->mark(keys_of(0, 1'000), kStart, 1'000);
  index->flush();
  index->mark(keys_of(1'000, 500), kStart, 1'500);
  std::filesystem::copy(path("ids"), path("crashed"), std::filesystem::copy_options::recursive);
  const auto after = open_rocksdb_message_index(path("crashed"));
  EXPECT_EQ(after->through(), 1'000u);
  EXPECT_EQ(found(*after, keys_of(0, 1'500)), 1'000u);
  after->mark(keys_of(1'000, 500), kStart, 1'500);  // what its owner does from the log
  EXPECT_EQ(found(*after, keys_of(0, 1'500)), 1'500u);
}

TEST_F(MessageIndexTest, EverythingBelowThroughIsThereWhenBuffersWereWrittenMeanwhile) {
  const auto index = open_rocksdb_message_index(path("ids"));
  constexpr uint64_t kBatch = 1'000;
  uint64_t marked = 0;
  for (; marked < 900'000; marked += kBatch) {
    index->mark(keys_of(marked, kBatch), kStart, marked + kBatch);
  }
  std::filesystem::copy(path("ids"), path("crashed"), std::filesystem::copy_options::recursive);
  const auto after = open_rocksdb_message_index(path("crashed"));
  const uint64_t through = after->through();
  EXPECT_GT(through, 0u);
  EXPECT_EQ(through % kBatch, 0u);
  EXPECT_EQ(found(*after, keys_of(0, through)), through);
  EXPECT_EQ(found(*after, keys_of(through, marked - through)), 0u);
}

TEST_F(MessageIndexTest, KeysStayForTheWindowAndGoAfterIt) {
  const auto index = open_rocksdb_message_index(path("ids"));
  index->mark(keys_of(0, 1'000), kStart, 1'000);
  index->flush();
  index->mark(keys_of(1'000, 1'000), kStart + std::chrono::hours(3), 2'000);
  index->flush();
  index->mark(keys_of(2'000, 1'000), kStart + limits::kDedupWindow, 3'000);
  index->flush();
  index->compact();
  EXPECT_EQ(found(*index, keys_of(0, 3'000)), 3'000u);
  index->mark(keys_of(3'000, 1), kStart + limits::kDedupWindow + std::chrono::hours(2), 3'001);
  index->flush();
  index->compact();
  EXPECT_EQ(found(*index, keys_of(0, 1'000)), 0u);
  EXPECT_EQ(found(*index, keys_of(1'000, 2'001)), 2'001u);
  EXPECT_EQ(index->through(), 3'001u);
}

TEST_F(MessageIndexTest, TellsADamagedFile) {
  {
    const auto index = open_rocksdb_message_index(path("ids"));
    index->mark(keys_of(0, 50'000), kStart, 50'000);
  }
  for (const auto& entry : std::filesystem::directory_iterator(path("ids"))) {
    if (entry.path().extension() != ".sst") continue;
    std::FILE* const file = std::fopen(entry.path().c_str(), "r+");
    for (long at = 100; at < static_cast<long>(entry.file_size()) - 4'096; at += 512) {
      std::fseek(file, at, SEEK_SET);
      std::fputc(0x5A, file);
    }
    std::fclose(file);
  }
  EXPECT_EQ(code_of([&] {
              const auto index = open_rocksdb_message_index(path("ids"));
              found(*index, keys_of(0, 50'000));
            }),
            ErrorCode::kCorrupted);
}

}  // namespace
}  // namespace rapport
