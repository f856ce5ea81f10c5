#include "stream/projector.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/error.h"
#include "base/limits.h"
#include "runtime/log.h"
#include "stream/batch_border.h"
#include "stream/outbox.h"

namespace rapport {
namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE applied (id INTEGER PRIMARY KEY CHECK (id = 1), log_offset INTEGER NOT NULL);
INSERT INTO applied (id, log_offset) VALUES (1, 0);
CREATE TABLE dead_letters (
  log_offset INTEGER PRIMARY KEY,
  workspace INTEGER NOT NULL,
  reason TEXT NOT NULL
);
)sql";
constexpr std::array kMigrations{Migration{1, kSchema}};

constexpr size_t kMaxBatchBytes = 64 * 1024 * 1024;  // records of one batch, and a block more
constexpr size_t kReadAtOnce = 64;                   // records, or one block, between two looks

// A commit costs two syncs, whatever it holds: small ones wait for each other, unless somebody
// waits for them.
constexpr std::chrono::milliseconds kSmallCommitEvery{20};
constexpr Offset kLargeCommit = 2'000;  // events

constexpr std::string_view kReadApplied = "SELECT log_offset FROM applied WHERE id = 1";
constexpr std::string_view kWriteApplied = "UPDATE applied SET log_offset = $1 WHERE id = 1";
constexpr std::string_view kAddDeadLetter =
    "INSERT INTO dead_letters (log_offset, workspace, reason) VALUES ($1, $2, $3) "
    "ON CONFLICT DO NOTHING";

/// Whether storage failed, so that the same batch may succeed later. Anything else that a stage
/// throws is about the event.
bool is_storage_failure(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  const auto* known = dynamic_cast<const Error*>(&error);
  return known != nullptr &&
         (known->code() == ErrorCode::kUnavailable ||
          known->code() == ErrorCode::kDeadlineExceeded || known->code() == ErrorCode::kCorrupted);
}

}  // namespace

// The records of one batch. Events are parsed one after the other, by the one payload: its buffers
// take some thirty times the size of an event.
struct Projector::Batch {
  TextArena records;
  TextArena texts;
  std::vector<StagedEvent> events;
  Payload payload;
  WarehouseBatch warehouse;
  Offset through = 0;
  size_t bytes = 0;
  size_t weight = 0;

  void add(Offset offset, std::string_view record, const Projector& owner) {
    bytes += record.size();
    StagedEvent staged;
    staged.offset = offset;
    staged.event = decode_event(records.keep(record));
    weight += owner.weight_(staged.event, record.size());
    events.push_back(std::move(staged));
    through = offset;
  }
  void parse(StagedEvent& staged) {
    if (staged.event.type == EventType::kRejected) {
      payload.parse("{}");
    } else if (staged.event.shared_context.empty()) {
      payload.parse(staged.event.body);
    } else {
      // Stages see the item with its batch's context beneath its own.
      const std::string shared = "{\"context\":" + std::string(staged.event.shared_context) + "}";
      payload.parse(merge_json_under(staged.event.body, shared));
    }
    staged.payload = &payload;
  }
  // An event that is to begin a batch waits for the next, which reads it again.
  void end_before_border(const std::vector<Stage*>& stages) {
    for (const Stage* stage : stages) {
      const auto* border = dynamic_cast<const BatchBorder*>(stage);
      if (border == nullptr) continue;
      for (size_t i = 1; i < events.size(); ++i) {
        if (!border->begins_batch(events[i].event)) continue;
        events.resize(i);
        through = events.back().offset;
      }
    }
  }
  void clear() {
    records.clear();
    events.clear();
    warehouse.clear();
    bytes = 0;
    weight = 0;
  }
};

Projector::Projector(EventLog& log, StateStore& state, Warehouse& warehouse,
                     std::vector<Stage*> stages)
    : log_(log), state_(state), warehouse_(warehouse), stages_(std::move(stages)) {}

Projector::~Projector() {
  stop();
}

void Projector::open() {
  state_.migrate("projector", kMigrations);
  state_.migrate("outbox", outbox::migrations());
  for (Stage* stage : stages_) {
    if (!stage->migrations().empty()) state_.migrate(stage->name(), stage->migrations());
  }
  applied_ = state_.read_value([](Connection& c) {
    return c.find(kReadApplied, [](Statement& row) { return row.id(0); }).value_or(0);
  });
  known_end_ = log_.end();
}

void Projector::start() {
  thread_ = std::thread([this] { run(); });
}

void Projector::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Projector::notify(Offset end) {
  Offset known = known_end_.load();
  while (known < end && !known_end_.compare_exchange_weak(known, end)) {
  }
  // Taking the lock orders this with the projector's check, so that no wake-up is lost.
  { const std::lock_guard lock(mutex_); }
  wake_.notify_all();
}

void Projector::on_committed(std::function<void(Offset)> listener) {
  listeners_.push_back(std::move(listener));
}

void Projector::when_applied(Offset offset, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (applied() < offset) {
      waiters_.emplace(offset, std::move(done));
      wake_.notify_all();
      return;
    }
  }
  done();
}

bool Projector::wait_applied(Offset offset, std::chrono::milliseconds timeout) {
  struct Signal {
    std::mutex mutex;
    std::condition_variable ready;
    bool done = false;
  };
  const auto signal = std::make_shared<Signal>();
  when_applied(offset, [signal] {
    const std::lock_guard lock(signal->mutex);
    signal->done = true;
    signal->ready.notify_all();
  });
  std::unique_lock lock(signal->mutex);
  return signal->ready.wait_for(lock, timeout, [&] { return signal->done; });
}

void Projector::run() {
  std::chrono::steady_clock::time_point next_small_commit{};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || known_end_.load() > applied(); });
      wake_.wait_until(lock, next_small_commit, [this] {
        return stopping_ || !waiters_.empty() || known_end_.load() - applied() >= kLargeCommit;
      });
      if (stopping_) return;
    }
    try {
      run_batch(limits::kMaxProjectorBatch);
      next_small_commit = std::chrono::steady_clock::now() + kSmallCommitEvery;
    } catch (const std::exception& error) {
      // Storage itself failed (disk full, damaged file): nothing was half done, so wait and repeat.
      log_error("projector_failed", {{"error", error.what()}});
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
      if (stopping_) return;
    }
  }
}

void Projector::run_to_end() {
  while (run_batch(limits::kMaxProjectorBatch)) {
  }
}

bool Projector::run_batch(size_t max_events) {
  thread_local Batch batch;
  batch.clear();
  log_.read(applied() + 1, 1, [&](Offset offset, std::string_view record) {
    if (offset > applied()) batch.add(offset, record, *this);
  });
  if (batch.events.empty()) return false;
  // Small blocks are common under light load; take more of them while there is room.
  while (batch.weight < max_events / 2 && batch.bytes < kMaxBatchBytes) {
    const size_t before = batch.events.size();
    log_.read(batch.through + 1, std::min(max_events / 2 - batch.weight, kReadAtOnce),
              [&](Offset offset, std::string_view record) { batch.add(offset, record, *this); });
    if (batch.events.size() == before) break;
  }
  batch.end_before_border(stages_);
  const auto refused = apply_batch(batch);
  if (!refused) {
    settle(batch.through);
    return true;
  }
  log_warning("projector_batch_retried", {{"error", *refused}});
  apply_with_isolation(batch);
  return true;
}

std::optional<std::string> Projector::apply_batch(Batch& batch) {
  bool in_stages = false;
  try {
    write_batch(batch, in_stages);
  } catch (const std::exception& error) {
    // Whatever the stages keep in memory belongs to the transaction that was rolled back.
    for (Stage* stage : stages_) stage->settled(false);
    if (!in_stages || is_storage_failure(error)) throw;
    return error.what();
  }
  for (Stage* stage : stages_) stage->settled(true);
  return std::nullopt;
}

void Projector::write_batch(Batch& batch, bool& in_stages) {
  state_.write([&](Connection& connection) {
    batch.warehouse.clear();
    batch.warehouse.through = batch.through;
    batch.texts.clear();
    StageBatch shared{connection, batch.warehouse, batch.texts};
    in_stages = true;
    for (Stage* stage : stages_) stage->begin(batch.events, shared);
    for (StagedEvent& event : batch.events) {
      batch.parse(event);
      for (Stage* stage : stages_) stage->apply(event, shared);
    }
    for (Stage* stage : stages_) stage->flush(shared);
    in_stages = false;
    connection.run(kWriteApplied, batch.through);
    // The warehouse commits first: when the state does not follow, the batch runs again with the
    // same outcome and the warehouse skips what it has.
    warehouse_.append(batch.warehouse);
  });
}

// Halves the batch until what is refused stands alone. Every part settles by itself, so that a
// failure of storage in between repeats nothing that is committed.
void Projector::apply_with_isolation(Batch& batch) {
  const std::vector<StagedEvent> all = std::move(batch.events);
  const std::function<void(std::span<const StagedEvent>)> apply = [&](auto part) {
    batch.events.assign(part.begin(), part.end());
    for (StagedEvent& event : batch.events) {
      event.customer = {};
      event.merged.clear();
    }
    batch.through = part.back().offset;
    const auto refused = apply_batch(batch);
    if (refused && part.size() > 1) {
      apply(part.first(part.size() / 2));
      apply(part.subspan(part.size() / 2));
      return;
    }
    if (refused) set_aside(part.front(), *refused);
    settle(part.back().offset);
  };
  apply(std::span(all).first(all.size()));
}

void Projector::set_aside(const StagedEvent& event, const std::string& reason) {
  log_error("event_set_aside", {{"offset", std::to_string(event.offset)}, {"error", reason}});
  state_.write([&](Connection& c) {
    c.run(kAddDeadLetter, event.offset, event.event.workspace, reason);
    c.run(kWriteApplied, event.offset);
  });
}

void Projector::settle(Offset through) {
  std::vector<std::function<void()>> ready;
  {
    const std::lock_guard lock(mutex_);
    applied_.store(through, std::memory_order_release);
    const auto end = waiters_.upper_bound(through);
    for (auto it = waiters_.begin(); it != end; ++it) ready.push_back(std::move(it->second));
    waiters_.erase(waiters_.begin(), end);
  }
  for (auto& done : ready) done();
  for (auto& listener : listeners_) listener(through);
}

}  // namespace rapport
