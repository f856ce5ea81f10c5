#include "stream/log_writer.h"

#include <gtest/gtest.h>

#include <future>

#include "base/limits.h"
#include "runtime/random.h"
#include "storage/storage_test_util.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using stream_test::kStart;
using stream_test::TestLog;
using stream_test::track;

std::vector<NewEvent> tracks(std::initializer_list<const char*> ids) {
  std::vector<NewEvent> events;
  for (const char* id : ids) events.push_back(track(id));
  return events;
}

std::vector<std::string> stored(const EventLog& log) {
  std::vector<std::string> ids;
  log.read(1, SIZE_MAX, [&](Offset, std::string_view record) {
    ids.emplace_back(decode_event(record).message_id);
  });
  return ids;
}

class LogWriterTest : public testing::Test {
 protected:
  std::future<AppendResult> submit(LogWriter& writer, std::vector<NewEvent> events) {
    auto promise = std::make_shared<std::promise<AppendResult>>();
    auto future = promise->get_future();
    writer.submit(std::move(events), [promise](AppendResult r) { promise->set_value(r); });
    return future;
  }

  ManualClock clock_{kStart};
  TestLog log_;
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
};

TEST_F(LogWriterTest, WritesWhatWaitsAsOneBlock) {
  LogWriter writer(log_, *index_, clock_);
  std::vector<Offset> ends;
  writer.on_appended([&](Offset end) { ends.push_back(end); });
  writer.start();
  log_.hold();
  auto first = submit(writer, tracks({"a"}));
  log_.await_append();
  std::vector<std::future<AppendResult>> others;
  for (int i = 0; i < 50; ++i) {
    std::vector<NewEvent> two;
    two.push_back(track("x" + std::to_string(i)));
    two.push_back(track("y" + std::to_string(i)));
    others.push_back(submit(writer, std::move(two)));
  }
  log_.release();
  EXPECT_EQ(first.get().last, 1u);
  for (auto& future : others) {
    const AppendResult result = future.get();
    EXPECT_EQ(result.accepted, 2u);
    EXPECT_EQ(result.last, 101u);
    EXPECT_FALSE(result.failed);
  }
  writer.stop();
  EXPECT_EQ(log_.attempts(), 2);
  EXPECT_EQ(log_.end(), 101u);
  EXPECT_EQ(ends, (std::vector<Offset>{1, 101}));
}

TEST_F(LogWriterTest, DropsRepeatedIdsWhereverTheyAre) {
  LogWriter writer(log_, *index_, clock_);
  writer.start();
  AppendResult result = writer.append(tracks({"a", "b", "a"}));
  EXPECT_EQ(result.accepted, 2u);
  EXPECT_EQ(result.duplicates, 1u);
  result = writer.append(tracks({"b", "c"}));
  EXPECT_EQ(result.accepted, 1u);
  EXPECT_EQ(result.duplicates, 1u);
  result = writer.append(tracks({"a"}));
  EXPECT_EQ(result.accepted, 0u);
  EXPECT_EQ(result.last, 3u);

  // Inside one group, in submissions of two clients.
  log_.hold();
  auto held = submit(writer, tracks({"d"}));
  log_.await_append();
  auto one = submit(writer, tracks({"e"}));
  auto two = submit(writer, tracks({"e", "d"}));
  log_.release();
  EXPECT_EQ(held.get().accepted, 1u);
  EXPECT_EQ(one.get().accepted, 1u);
  EXPECT_EQ(two.get().duplicates, 2u);
  EXPECT_EQ(stored(log_), (std::vector<std::string>{"a", "b", "c", "d", "e"}));

  // Another workspace has ids of its own.
  std::vector<NewEvent> foreign;
  foreign.push_back(track("a", "Did", "{}", WorkspaceId{2}));
  EXPECT_EQ(writer.append(std::move(foreign)).accepted, 1u);
}

TEST_F(LogWriterTest, KnowsIdsAgainWhenTheIndexLostItsTail) {
  {
    LogWriter writer(log_, *index_, clock_);
    writer.start();
    for (int i = 0; i < 100; ++i) writer.append(tracks({("m" + std::to_string(i)).c_str()}));
  }
  // A crash: the index remembers up to offset 40 only, or nothing at all.
  for (const Offset kept : {Offset{40}, Offset{0}}) {
    auto index = make_memory_message_index();
    if (kept > 0) {
      std::vector<MessageKey> keys;
      for (Offset i = 0; i < kept; ++i) {
        keys.push_back(message_key(WorkspaceId{1}, "m" + std::to_string(i)));
      }
      index->mark(keys, kStart, kept);
    }
    const Offset end = log_.end();
    LogWriter writer(log_, *index, clock_);
    writer.start();
    EXPECT_EQ(index->through(), end);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(writer.append(tracks({("m" + std::to_string(i)).c_str()})).duplicates, 1u);
    }
    EXPECT_EQ(log_.end(), end);
  }
}

TEST_F(LogWriterTest, RefusesAnIndexAheadOfTheLog) {
  const std::vector<MessageKey> keys{message_key(WorkspaceId{1}, "lost")};
  index_->mark(keys, kStart, 1);
  LogWriter writer(log_, *index_, clock_);
  EXPECT_EQ(code_of([&] { writer.start(); }), ErrorCode::kCorrupted);
}

TEST_F(LogWriterTest, RefusesWhenTooMuchWaits) {
  LogWriter writer(log_, *index_, clock_);
  writer.start();
  log_.hold();
  const std::string big(1024 * 1024, 'x');
  const auto batch = [&](int n) {
    std::vector<NewEvent> events;
    events.push_back(track("big" + std::to_string(n), "Did", big));
    return events;
  };
  std::vector<std::future<AppendResult>> taken;
  int n = 0;
  ErrorCode code{};
  std::optional<std::chrono::seconds> wait;
  try {
    while (n < 200) {
      taken.push_back(submit(writer, batch(n)));
      ++n;
    }
  } catch (const Error& error) {
    code = error.code();
    wait = error.retry_after();
  }
  EXPECT_EQ(code, ErrorCode::kTooManyRequests);
  EXPECT_TRUE(wait.has_value());
  EXPECT_EQ(static_cast<size_t>(n), limits::kMaxPendingLogBytes / (1024 * 1024) - 1);
  log_.release();
  for (auto& future : taken) EXPECT_EQ(future.get().accepted, 1u);
  // What was refused left nothing behind; with the queue empty there is room again. A single body
  // larger than the bound is taken when nothing waits.
  EXPECT_EQ(writer.append(batch(n)).accepted, 1u);
  std::vector<NewEvent> huge;
  huge.push_back(track("huge", "Did", std::string(limits::kMaxPendingLogBytes + 1, 'x')));
  writer.stop();
  LogWriter idle(log_, *index_, clock_);
  idle.start();
  EXPECT_EQ(idle.append(std::move(huge)).accepted, 1u);
}

TEST_F(LogWriterTest, RefusesWhenTheProjectorIsFarBehind) {
  LogWriter writer(log_, *index_, clock_);
  std::atomic<Offset> applied{0};
  writer.limit_lag([&] { return applied.load(); });
  writer.start();
  writer.append(tracks({"a"}));
  log_.pretended = limits::kMaxProjectorLag;
  EXPECT_EQ(code_of([&] { writer.append(tracks({"b"})); }), ErrorCode::kTooManyRequests);
  applied = 1;
  EXPECT_EQ(writer.append(tracks({"b"})).accepted, 1u);
  applied = 2 * limits::kMaxProjectorLag;  // ahead of the end as seen here: no lag
  EXPECT_EQ(writer.append(tracks({"c"})).accepted, 1u);
}

TEST_F(LogWriterTest, StopWritesWhatWaits) {
  LogWriter writer(log_, *index_, clock_);
  EXPECT_EQ(code_of([&] { writer.append(tracks({"early"})); }), ErrorCode::kUnavailable);
  writer.start();
  log_.hold();
  std::vector<std::future<AppendResult>> waiting;
  waiting.push_back(submit(writer, tracks({"a"})));
  log_.await_append();
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(submit(writer, tracks({("w" + std::to_string(i)).c_str()})));
  }
  std::thread stopper([&] { writer.stop(); });
  log_.release();
  stopper.join();
  for (auto& future : waiting) EXPECT_EQ(future.get().accepted, 1u);
  EXPECT_EQ(log_.end(), 21u);
  EXPECT_EQ(index_->through(), 21u);
  EXPECT_EQ(code_of([&] { writer.append(tracks({"late"})); }), ErrorCode::kUnavailable);
  writer.stop();  // again does nothing
}

TEST_F(LogWriterTest, AFailingDiskIsToldAndForgotten) {
  LogWriter writer(log_, *index_, clock_);
  int announced = 0;
  writer.on_appended([&](Offset) { ++announced; });
  writer.start();
  log_.fail_from(1);
  const AppendResult result = submit(writer, tracks({"a"})).get();
  EXPECT_TRUE(result.failed);
  EXPECT_EQ(result.last, 0u);
  EXPECT_EQ(code_of([&] { writer.append(tracks({"a"})); }), ErrorCode::kUnavailable);
  EXPECT_EQ(log_.end(), 0u);
  // The id is not taken for seen: the client's next try succeeds.
  log_.fail_from(0);
  EXPECT_EQ(writer.append(tracks({"a"})).accepted, 1u);
  writer.stop();
  EXPECT_EQ(announced, 1);
}

TEST_F(LogWriterTest, AGroupOfSeveralBlocksMayBeStoredInPart) {
  LogWriter writer(log_, *index_, clock_);
  std::vector<Offset> ends;
  writer.on_appended([&](Offset end) { ends.push_back(end); });
  writer.start();
  const auto many = [] {
    std::vector<NewEvent> events;
    for (size_t i = 0; i < limits::kMaxLogBlockEvents + 10; ++i) {
      events.push_back(track("m" + std::to_string(i)));
    }
    return events;
  };
  log_.fail_from(2);
  EXPECT_TRUE(submit(writer, many()).get().failed);
  EXPECT_EQ(log_.end(), limits::kMaxLogBlockEvents);
  log_.fail_from(0);
  const AppendResult again = writer.append(many());
  EXPECT_EQ(again.accepted, 10u);
  EXPECT_EQ(again.duplicates, limits::kMaxLogBlockEvents);
  writer.stop();
  EXPECT_EQ(ends,
            (std::vector<Offset>{limits::kMaxLogBlockEvents, limits::kMaxLogBlockEvents + 10}));
}

TEST_F(LogWriterTest, ManyThreadsEachIdOnce) {
  LogWriter writer(log_, *index_, clock_);
  writer.start();
  std::atomic<uint32_t> accepted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      SeededRandom random(static_cast<uint64_t>(t));
      for (int i = 0; i < 300; ++i) {
        std::vector<NewEvent> events;
        for (uint64_t n = 0; n <= random.below(4); ++n) {
          events.push_back(track("id" + std::to_string(random.below(500))));
        }
        accepted += writer.append(std::move(events)).accepted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer.stop();
  auto ids = stored(log_);
  EXPECT_EQ(ids.size(), accepted.load());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST(MessageKeyTest, WorkspaceAndIdDoNotMix) {
  EXPECT_EQ(message_key(WorkspaceId{1}, "a"), message_key(WorkspaceId{1}, "a"));
  EXPECT_NE(message_key(WorkspaceId{1}, "a"), message_key(WorkspaceId{2}, "a"));
  EXPECT_NE(message_key(WorkspaceId{1}, "a"), message_key(WorkspaceId{1}, "b"));
  EXPECT_NE(message_key(WorkspaceId{1}, "a"), message_key(WorkspaceId{1}, "a", true));
  EXPECT_NE(message_key(WorkspaceId{1}, ""),
            message_key(WorkspaceId{1}, std::string_view("\0", 1)));
}

}  // namespace
}  // namespace rapport
