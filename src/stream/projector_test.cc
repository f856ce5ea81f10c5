#include "stream/projector.h"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "runtime/random.h"
#include "storage/storage_test_util.h"
#include "stream/outbox.h"
#include "stream/stream_test_support.h"

namespace rapport {
namespace {

using namespace stream_test;

/// Counts events by name, keeps a running sum in memory during a batch, writes warehouse rows, and
/// refuses events called "Poison" (always) and "Hiccup" (the first time).
class CountingStage final : public Stage {
 public:
  std::string_view name() const override { return "counting"; }
  std::span<const Migration> migrations() const override {
    static constexpr std::array kMigrations{Migration{
        1,
        "CREATE TABLE counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL, last INTEGER NOT NULL)"}};
    return kMigrations;
  }
  void apply(StagedEvent& event, StageBatch& batch) override {
    const std::string name(event.event.name);
    if (name == "Poison") throw Error(ErrorCode::kConflict, "does not fit");
    if (name == "Odd") throw std::out_of_range("no such place");
    if (name == "Hiccup" && ++hiccups_ == 1) throw Error(ErrorCode::kInternal, "once");
    if (name == "Disk" && disk_failures_ > 0) {
      --disk_failures_;
      throw Error(ErrorCode::kUnavailable, "disk full");
    }
    Count& count = counts_[name];
    ++count.n;
    count.last = event.offset;
    seen.push_back(event.offset);
    batch.warehouse.events.push_back({event.offset, event.event.workspace, CustomerId{1}, 1,
                                      event.event.name, event.event.timestamp,
                                      event.event.received_at, event.event.message_id,
                                      batch.keep(event.payload->text("").value_or("{}"))});
  }
  void flush(StageBatch& batch) override {
    for (const auto& [name, count] : counts_) {
      batch.state.run(
          "INSERT INTO counts (name, n, last) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
          "SET n = n + excluded.n, last = excluded.last",
          name, count.n, count.last);
    }
    counts_.clear();
  }
  void settled(bool committed) override {
    counts_.clear();
    committed ? ++commits : ++rollbacks;
  }

  std::vector<Offset> seen;
  int commits = 0;
  int rollbacks = 0;
  int disk_failures_ = 0;

 private:
  struct Count {
    int64_t n = 0;
    Offset last = 0;
  };
  std::map<std::string, Count> counts_;
  int hiccups_ = 0;
};

class ProjectorTest : public testing::Test {
 protected:
  void append(std::initializer_list<const char*> names) {
    std::vector<std::string> records;
    for (const char* name : names) {
      records.push_back(track("m" + std::to_string(++ids_), name).record);
    }
    log_->append(records);
  }
  std::vector<Offset> dead_letters() {
    std::vector<Offset> offsets;
    state_.read([&](Connection& c) {
      c.each("SELECT log_offset FROM dead_letters ORDER BY 1",
             [&](Statement& row) { offsets.push_back(row.id(0)); });
    });
    return offsets;
  }
  int64_t count(const std::string& name) {
    return state_.read_value([&](Connection& c) {
      return c
          .find(
              "SELECT n FROM counts WHERE name = $1", [](Statement& s) { return s.integer(0); },
              name)
          .value_or(0);
    });
  }
  std::vector<Offset> warehouse_offsets() {
    std::vector<Offset> offsets;
    warehouse_.query("SELECT log_offset FROM events ORDER BY 1", {},
                     [&](const WarehouseRow& row) { offsets.push_back(row.id(0)); });
    return offsets;
  }

  int ids_ = 0;
  std::unique_ptr<EventLog> log_ = make_memory_event_log();
  TestState state_;
  TestWarehouse warehouse_;
  CountingStage stage_;
};

TEST_F(ProjectorTest, TheCutIntoBlocksDoesNotMatter) {
  SeededRandom random(3);
  for (int i = 0; i < 300; ++i) append({random.below(2) == 0 ? "A" : "B"});
  append({"Poison"});
  for (int i = 0; i < 50; ++i) append({"C"});
  std::vector<std::string> first_state;
  std::vector<std::string> first_rows;
  for (const std::vector<size_t>& sizes :
       {std::vector<size_t>{1}, {4'000}, {7, 1, 100, 3}, {299, 1, 1, 1, 50}}) {
    const auto log = recut(*log_, sizes);
    const auto state = open_sqlite_state_store(":memory:");
    const auto warehouse = open_duckdb_warehouse("");
    CountingStage stage;
    Projector projector(*log, *state, *warehouse, {&stage});
    projector.open();
    projector.run_to_end();
    EXPECT_EQ(projector.applied(), 351u);
    const auto dumped = dump(*state);
    if (first_state.empty()) {
      first_state = dumped;
      first_rows = dump(*warehouse);
    }
    EXPECT_EQ(dumped, first_state);
    EXPECT_EQ(dump(*warehouse), first_rows);
  }
  EXPECT_EQ(first_rows.size(), 350u);
}

TEST_F(ProjectorTest, SetsAsideOnlyTheEventThatCannotBeApplied) {
  append({"A", "Poison", "A", "Odd", "A", "Poison", "A"});
  append({"A"});
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  projector.run_to_end();
  EXPECT_EQ(projector.applied(), 8u);
  EXPECT_EQ(dead_letters(), (std::vector<Offset>{2, 4, 6}));
  EXPECT_EQ(count("A"), 5);
  EXPECT_EQ(warehouse_offsets(), (std::vector<Offset>{1, 3, 5, 7, 8}));
}

TEST_F(ProjectorTest, AStageThatThrowsOnceCostsNothing) {
  append({"A", "Hiccup", "A"});
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  projector.run_to_end();
  EXPECT_EQ(dead_letters(), std::vector<Offset>{});
  EXPECT_EQ(count("A"), 2);
  EXPECT_EQ(count("Hiccup"), 1);
  EXPECT_EQ(warehouse_offsets(), (std::vector<Offset>{1, 2, 3}));
}

TEST_F(ProjectorTest, ACrashBeforeTheStateCommitsRepeatsTheBatch) {
  append({"A", "A", "B"});
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  state_.fail_commits = 1;
  EXPECT_EQ(code_of([&] { projector.run_to_end(); }), ErrorCode::kUnavailable);
  // The warehouse has the rows already, the state has nothing of it.
  EXPECT_EQ(warehouse_.applied(), 3u);
  EXPECT_EQ(projector.applied(), 0u);
  EXPECT_EQ(count("A"), 0);
  append({"A"});
  projector.run_to_end();
  EXPECT_EQ(count("A"), 3);
  EXPECT_EQ(warehouse_offsets(), (std::vector<Offset>{1, 2, 3, 4}));
  EXPECT_EQ(dead_letters(), std::vector<Offset>{});

  // The same over a restart of the program, with a longer batch than the one that failed.
  state_.fail_commits = 1;
  append({"A", "B"});
  EXPECT_EQ(code_of([&] { projector.run_to_end(); }), ErrorCode::kUnavailable);
  append({"B"});
  CountingStage fresh;
  Projector again(*log_, state_, warehouse_, {&fresh});
  again.open();
  EXPECT_EQ(again.applied(), 4u);
  again.run_to_end();
  EXPECT_EQ(count("A"), 4);
  EXPECT_EQ(count("B"), 3);
  EXPECT_EQ(warehouse_offsets(), (std::vector<Offset>{1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(ProjectorTest, AFailingWarehouseSetsNothingAside) {
  append({"A", "A"});
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  for (const ErrorCode code : {ErrorCode::kInternal, ErrorCode::kUnavailable}) {
    warehouse_.fail_code = code;
    warehouse_.fail_appends = 1;
    EXPECT_EQ(code_of([&] { projector.run_to_end(); }), code);
    EXPECT_EQ(projector.applied(), 0u);
  }
  projector.run_to_end();
  EXPECT_EQ(count("A"), 2);
  EXPECT_EQ(dead_letters(), std::vector<Offset>{});
}

TEST_F(ProjectorTest, StorageFailingWhileIsolatingRepeatsNothing) {
  // The batch holds a poison event, so it is applied in parts; the disk fills up in the middle.
  append({"A", "A", "A", "A", "Poison", "Disk", "A"});
  stage_.disk_failures_ = 1;
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  EXPECT_EQ(code_of([&] { projector.run_to_end(); }), ErrorCode::kUnavailable);
  projector.run_to_end();
  EXPECT_EQ(projector.applied(), 7u);
  EXPECT_EQ(count("A"), 5);
  EXPECT_EQ(count("Disk"), 1);
  EXPECT_EQ(dead_letters(), (std::vector<Offset>{5}));
  EXPECT_EQ(warehouse_offsets(), (std::vector<Offset>{1, 2, 3, 4, 6, 7}));
}

TEST_F(ProjectorTest, CallsBackWhenApplied) {
  append({"A", "A"});
  Projector projector(*log_, state_, warehouse_, {&stage_});
  std::vector<Offset> commits;
  projector.on_committed([&](Offset through) { commits.push_back(through); });
  projector.open();
  std::vector<int> called;
  projector.when_applied(0, [&] { called.push_back(0); });
  projector.when_applied(2, [&] { called.push_back(2); });
  projector.when_applied(1, [&] { called.push_back(1); });
  projector.when_applied(3, [&] { called.push_back(3); });
  EXPECT_EQ(called, (std::vector<int>{0}));
  EXPECT_FALSE(projector.wait_applied(2, std::chrono::milliseconds(0)));
  projector.run_to_end();
  EXPECT_EQ(called, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(commits, (std::vector<Offset>{2}));
  EXPECT_TRUE(projector.wait_applied(2, std::chrono::milliseconds(0)));
  append({"A"});
  projector.run_to_end();
  EXPECT_EQ(called, (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(ProjectorTest, FollowsTheLogOnItsOwnThread) {
  TestLog log;
  ManualClock clock(kStart);
  const auto index = make_memory_message_index();
  Projector projector(log, state_, warehouse_, {&stage_});
  projector.open();
  LogWriter writer(log, *index, clock);
  writer.on_appended([&](Offset end) { projector.notify(end); });
  writer.start();
  projector.start();
  for (int i = 0; i < 200; ++i) {
    std::vector<NewEvent> events;
    events.push_back(track("t" + std::to_string(i), "A"));
    const Offset last = writer.append(std::move(events)).last;
    if (i % 20 == 0) {
      EXPECT_TRUE(projector.wait_applied(last, std::chrono::seconds(20)));
    }
  }
  EXPECT_TRUE(projector.wait_applied(log.end(), std::chrono::seconds(20)));
  writer.stop();
  projector.stop();
  EXPECT_EQ(count("A"), 200);
  EXPECT_EQ(stage_.seen.size(), 200u);
}

TEST_F(ProjectorTest, StagesSeeTheBatchContextBeneathTheItems) {
  struct ContextStage final : Stage {
    std::string_view name() const override { return "context"; }
    void apply(StagedEvent& event, StageBatch&) override {
      for (const char* path : {"context.library.name", "context.traits.email", "properties.a"}) {
        seen.push_back(event.payload->text(path).value_or("-"));
      }
    }
    std::vector<std::string> seen;
  } stage;
  Event event;
  event.workspace = WorkspaceId{1};
  event.user_id = "u";
  event.body = R"({"properties":{"a":1},"context":{"traits":{"email":"own@x.y"}}})";
  event.shared_context = R"({"library":{"name":"lib"},"traits":{"email":"batch@x.y"}})";
  std::vector<std::string> records{encode_event(event)};
  event.body = "not JSON";
  records.push_back(encode_event(event));
  event.type = EventType::kRejected;
  event.shared_context = {};
  event.body = R"({"properties":{"a":1}})";  // kept as it was, looked at by nobody
  records.push_back(encode_event(event));
  log_->append(records);
  Projector projector(*log_, state_, warehouse_, {&stage});
  projector.open();
  projector.run_to_end();
  EXPECT_EQ(stage.seen, (std::vector<std::string>{"lib", "own@x.y", "1", "lib", "batch@x.y", "-",
                                                  "-", "-", "-"}));
}

TEST_F(ProjectorTest, LargeBatchesAreBoundedByBytes) {
  const std::string body = R"({"p":")" + std::string(1024 * 1024, 'x') + R"("})";
  for (int i = 0; i < 200; ++i) {
    const std::vector<std::string> one{track("b" + std::to_string(i), "Big", body).record};
    log_->append(one);
  }
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  projector.run_to_end();
  EXPECT_EQ(projector.applied(), 200u);
  EXPECT_GE(stage_.commits, 2);
  EXPECT_EQ(count("Big"), 200);
}

TEST_F(ProjectorTest, ADamagedRecordStopsTheProjection) {
  append({"A"});
  const std::vector<std::string> damaged{"damaged"};
  log_->append(damaged);
  Projector projector(*log_, state_, warehouse_, {&stage_});
  projector.open();
  EXPECT_EQ(code_of([&] { projector.run_to_end(); }), ErrorCode::kCorrupted);
  EXPECT_LE(projector.applied(), 1u);
}

TEST(Outbox, KeepsIntentsUntilTheyAreSettled) {
  const auto state = open_sqlite_state_store(":memory:");
  state->migrate("outbox", outbox::migrations());
  const WorkspaceId one{1};
  const WorkspaceId two{2};
  const auto at = [](int s) { return kStart + std::chrono::seconds(s); };
  const auto due = [&](WorkspaceId workspace, Timestamp now, uint64_t after = 0,
                       size_t limit = 100) {
    std::vector<uint64_t> subjects;
    state->read([&](Connection& c) {
      for (const Intent& intent : outbox::list_due(c, workspace, after, now, limit)) {
        subjects.push_back(intent.subject);
      }
    });
    return subjects;
  };
  using Subjects = std::vector<uint64_t>;
  state->write([&](Connection& c) {
    outbox::add(c, 10, one, "message", 100, at(0));
    outbox::add(c, 11, one, "message", 101, at(5));
    outbox::add(c, 12, two, "message", 100, at(0));
    outbox::add(c, 13, one, "message", 100, at(9));  // already there
    outbox::add(c, 14, one, "webhook", 100, at(0));
  });
  EXPECT_EQ(due(one, at(0)), (Subjects{100, 100}));
  EXPECT_EQ(due(two, at(0)), (Subjects{100}));
  EXPECT_EQ(due(one, at(5)), (Subjects{100, 101, 100}));
  EXPECT_EQ(due(one, at(5), 11), (Subjects{100}));
  EXPECT_EQ(due(one, at(5), 0, 2), (Subjects{100, 101}));
  EXPECT_EQ(due(one, at(-1)), Subjects{});
  EXPECT_EQ(due(WorkspaceId{3}, at(5)), Subjects{});
  state->read([&](Connection& c) {
    EXPECT_EQ(outbox::list_workspaces(c), (std::vector<WorkspaceId>{one, two}));
  });
  state->write([&](Connection& c) {
    EXPECT_EQ(outbox::next_due(c, at(0)), at(5));
    EXPECT_EQ(outbox::next_due(c, at(5)), std::nullopt);
    outbox::remove(c, one, "message", 100);
    outbox::remove(c, one, "message", 999);
    outbox::defer(c, two, "message", 100, at(30));
    outbox::defer(c, two, "message", 100, at(60));
    EXPECT_EQ(outbox::count(c), 3);
    const auto intents = outbox::list_due(c, two, 0, at(60), 10);
    ASSERT_EQ(intents.size(), 1u);
    EXPECT_EQ(intents[0].workspace, two);
    EXPECT_EQ(intents[0].attempts, 2);
    EXPECT_EQ(intents[0].not_before, at(60));
  });
  EXPECT_EQ(due(one, at(59)), (Subjects{101, 100}));
  EXPECT_EQ(due(two, at(59)), Subjects{});
}

}  // namespace
}  // namespace rapport
