#include "stream/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>

#include "base/text.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using namespace stream_test;

/// "Wanted" asks for an effect, "Done" ends it, "Later" puts it off to its property `at`.
class IntentStage final : public Stage {
 public:
  std::string_view name() const override { return "intents"; }
  void apply(StagedEvent& event, StageBatch& batch) override {
    const Event& e = event.event;
    const auto subject = parse_int(event.payload->text("subject").value_or("0")).value_or(0);
    if (e.name == "Wanted") {
      outbox::add(batch.state, event.offset, e.workspace, "effect", event.offset, e.timestamp);
    } else if (e.name == "Done") {
      outbox::remove(batch.state, e.workspace, "effect", static_cast<uint64_t>(subject));
    } else if (e.name == "Later") {
      outbox::defer(batch.state, e.workspace, "effect", static_cast<uint64_t>(subject),
                    parse_timestamp(event.payload->text("at").value_or("")).value());
    }
  }
};

class RecordingHandler final : public IntentHandler {
 public:
  explicit RecordingHandler(const Clock& clock) : clock_(clock) {}

  std::vector<NewEvent> execute(const Intent& intent, size_t worker) override {
    const Timestamp now = clock_.now();  // once: a test may move it as soon as it is told
    {
      const std::lock_guard lock(mutex_);
      executed[intent.subject].push_back(now);
      order.push_back(intent.subject);
      workers.insert(worker);
      changed_.notify_all();
    }
    if (on_execute) on_execute(intent);
    const bool later = static_cast<size_t>(intent.attempts) < failures_first;
    const std::string subject = std::to_string(intent.subject);
    const std::string body = later ? R"({"subject":")" + subject + R"(","at":")" +
                                         format_timestamp(now + std::chrono::seconds(10)) + R"("})"
                                   : R"({"subject":")" + subject + R"("})";
    std::vector<NewEvent> events;
    events.push_back(track(
        subject + (later ? ":later:" + std::to_string(intent.attempts + 1) : std::string(":done")),
        later ? "Later" : "Done", body, intent.workspace));
    return events;
  }
  void await_executions(size_t n) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      return order.size() >= n;
    })) << order.size();
  }

  std::map<uint64_t, std::vector<Timestamp>> executed;
  std::vector<uint64_t> order;
  std::set<size_t> workers;
  size_t failures_first = 0;
  std::function<void(const Intent&)> on_execute;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() { projector_.open(); }
  ~DispatcherTest() override {
    for (const auto& dispatcher : dispatchers_) dispatcher->stop();
    writer_.stop();
    projector_.stop();
  }

  void start_stream() {
    writer_.on_appended([this](Offset end) { projector_.notify(end); });
    projector_.on_committed([this](Offset) {
      if (Dispatcher* dispatcher = dispatcher_.load()) dispatcher->notify();
      const std::lock_guard lock(mutex_);
      committed_.notify_all();
    });
    writer_.start();
    projector_.start();
  }
  void start_dispatcher(size_t workers = 4, bool with_handler = true) {
    auto dispatcher = std::make_unique<Dispatcher>(state_, writer_, projector_, clock_, workers);
    if (with_handler) dispatcher->add_handler("effect", handler_);
    dispatcher->start();
    dispatcher_ = dispatcher.get();
    dispatchers_.push_back(std::move(dispatcher));
  }
  Dispatcher& dispatcher() { return *dispatcher_.load(); }
  void want(int count, const std::string& prefix = "w") {
    std::vector<NewEvent> events;
    for (int i = 0; i < count; ++i) events.push_back(track(prefix + std::to_string(i), "Wanted"));
    ASSERT_TRUE(
        projector_.wait_applied(writer_.append(std::move(events)).last, std::chrono::seconds(20)));
  }
  int64_t open_intents() {
    return state_.read_value([](Connection& c) { return outbox::count(c); });
  }
  void await_empty_outbox() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(committed_.wait_for(lock, std::chrono::seconds(20),
                                    [this] { return open_intents() == 0; }));
  }

  ManualClock clock_{kStart};
  TestLog log_;
  TestState state_;
  std::unique_ptr<Warehouse> warehouse_ = open_duckdb_warehouse("");
  std::unique_ptr<MessageIndex> index_ = make_memory_message_index();
  IntentStage stage_;
  Projector projector_{log_, state_, *warehouse_, {&stage_}};
  LogWriter writer_{log_, *index_, clock_};
  RecordingHandler handler_{clock_};
  std::mutex mutex_;
  std::condition_variable committed_;
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
  std::atomic<Dispatcher*> dispatcher_{nullptr};  // the last one
};

TEST_F(DispatcherTest, CarriesOutEveryIntentOnce) {
  start_stream();
  want(700);  // more than the dispatcher reads at a time
  start_dispatcher();
  want(300, "x");
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order.size(), 1'000u);
  for (const auto& [subject, times] : handler_.executed) EXPECT_EQ(times.size(), 1u) << subject;
}

TEST_F(DispatcherTest, OneWorkerKeepsTheOrder) {
  start_stream();
  want(50);
  start_dispatcher(1);
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_TRUE(std::is_sorted(handler_.order.begin(), handler_.order.end()));
  EXPECT_EQ(handler_.workers, std::set<size_t>{0});
}

TEST_F(DispatcherTest, DeferredIntentsWaitForTheirTime) {
  handler_.failures_first = 2;
  start_stream();
  start_dispatcher();
  want(5);
  handler_.await_executions(5);
  ASSERT_TRUE(projector_.wait_applied(10, std::chrono::seconds(20)));
  // Not due: nothing happens however often it looks.
  clock_.advance(std::chrono::seconds(9));
  dispatcher().notify();
  want(1, "other");
  handler_.await_executions(6);
  ASSERT_TRUE(projector_.wait_applied(12, std::chrono::seconds(20)));
  EXPECT_EQ(handler_.order.size(), 6u);
  clock_.advance(std::chrono::seconds(1));
  dispatcher().notify();
  handler_.await_executions(11);
  ASSERT_TRUE(projector_.wait_applied(17, std::chrono::seconds(20)));
  clock_.advance(std::chrono::seconds(20));
  dispatcher().notify();
  handler_.await_executions(17);
  clock_.advance(std::chrono::seconds(20));
  dispatcher().notify();
  handler_.await_executions(18);
  await_empty_outbox();
  dispatcher().stop();
  for (const auto& [subject, times] : handler_.executed) EXPECT_EQ(times.size(), 3u) << subject;
}

TEST_F(DispatcherTest, ACrashBetweenEffectAndRecordRepeatsOnlyWhatWasInFlight) {
  start_stream();
  want(3);
  // The first effect is done, then the disk refuses its record, then the program ends.
  std::atomic<int> executions{0};
  handler_.on_execute = [&](const Intent&) {
    if (++executions == 3) log_.fail_from(1);
  };
  start_dispatcher(1);
  handler_.await_executions(3);
  dispatcher().stop();
  ASSERT_TRUE(projector_.wait_applied(log_.end(), std::chrono::seconds(20)));
  EXPECT_EQ(open_intents(), 1);
  log_.fail_from(0);
  start_dispatcher(1);
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order, (std::vector<uint64_t>{1, 2, 3, 3}));
}

TEST_F(DispatcherTest, ARecordedEffectIsNotRepeatedAfterACrash) {
  // The effect of intent 1 was recorded, but the program died before it was applied.
  const std::vector<std::string> records{track("w0", "Wanted").record, track("w1", "Wanted").record,
                                         track("1:done", "Done", R"({"subject":"1"})").record};
  log_.append(records);
  start_stream();
  projector_.notify(log_.end());
  ASSERT_TRUE(projector_.wait_applied(log_.end(), std::chrono::seconds(20)));
  start_dispatcher();
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order, (std::vector<uint64_t>{2}));
}

TEST_F(DispatcherTest, AnEffectIsNotRepeatedWhileTheLogRefusesItsRecord) {
  start_stream();
  want(2);
  std::atomic<int> executions{0};
  handler_.on_execute = [&](const Intent&) {
    // Full when the first effect is done; space again once its record was refused.
    if (++executions == 1) log_.fail_next(2);
  };
  start_dispatcher(1);
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order, (std::vector<uint64_t>{1, 2}));
}

TEST_F(DispatcherTest, ASlowWorkspaceDoesNotStopTheOthers) {
  start_stream();
  want(20);
  std::mutex gate;
  std::condition_variable opened;
  bool open = false;
  handler_.on_execute = [&](const Intent& intent) {
    if (intent.workspace != WorkspaceId{1}) return;
    std::unique_lock lock(gate);
    opened.wait(lock, [&] { return open; });
  };
  start_dispatcher(4);
  handler_.await_executions(3);  // all that one workspace may hold
  std::vector<NewEvent> other;
  other.push_back(track("other", "Wanted", "{}", WorkspaceId{2}));
  const Offset wanted = writer_.append(std::move(other)).last;
  handler_.await_executions(4);
  EXPECT_EQ(handler_.order.back(), wanted);
  {
    const std::lock_guard lock(gate);
    open = true;
  }
  opened.notify_all();
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order.size(), 21u);
}

TEST_F(DispatcherTest, AHandlerThatThrowsIsAskedAgain) {
  std::atomic<int> throws{1};
  handler_.on_execute = [&](const Intent&) {
    if (throws-- > 0) throw std::runtime_error("no");
  };
  start_stream();
  want(1);
  start_dispatcher(1);
  handler_.await_executions(1);
  dispatcher().stop();  // ends the pause after a failure
  EXPECT_EQ(open_intents(), 1);
  start_dispatcher(1);
  await_empty_outbox();
  dispatcher().stop();
  EXPECT_EQ(handler_.order.size(), 2u);
}

TEST_F(DispatcherTest, AnIntentWithoutHandlerStays) {
  start_stream();
  start_dispatcher(1, false);
  want(1);
  dispatcher().stop();
  EXPECT_EQ(open_intents(), 1);
}

}  // namespace
}  // namespace rapport
