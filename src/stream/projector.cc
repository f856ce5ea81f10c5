#include "stream/projector.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/limits.h"
#include "runtime/log.h"
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

constexpr std::string_view kReadApplied = "SELECT log_offset FROM applied WHERE id = 1";
constexpr std::string_view kWriteApplied = "UPDATE applied SET log_offset = $1 WHERE id = 1";
constexpr std::string_view kAddDeadLetter =
    "INSERT INTO dead_letters (log_offset, workspace, reason) VALUES ($1, $2, $3) "
    "ON CONFLICT DO NOTHING";

}  // namespace

// The records of one batch, and one parsed payload an event. Payload objects are kept between
// batches because their buffers are what makes parsing cheap.
struct Projector::Batch {
  std::deque<std::string> records;
  std::vector<StagedEvent> events;
  std::vector<std::unique_ptr<Payload>> payloads;
  WarehouseBatch warehouse;
  Offset through = 0;

  void add(Offset offset, std::string_view record) {
    const std::string& kept = records.emplace_back(record);
    if (payloads.size() < records.size()) payloads.push_back(std::make_unique<Payload>());
    Payload& payload = *payloads[records.size() - 1];
    StagedEvent staged;
    staged.offset = offset;
    staged.event = decode_event(kept);
    payload.parse(staged.event.type == EventType::kRejected ? "{}" : staged.event.body);
    staged.payload = &payload;
    events.push_back(std::move(staged));
    through = offset;
  }
  void clear() {
    records.clear();
    events.clear();
    warehouse.clear();
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
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || known_end_.load() > applied(); });
      if (stopping_) return;
    }
    try {
      run_batch(limits::kMaxProjectorBatch);
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
    if (offset > applied()) batch.add(offset, record);
  });
  if (batch.events.empty()) return false;
  // Small blocks are common under light load; take more of them while there is room.
  while (batch.events.size() < max_events / 2) {
    const size_t before = batch.events.size();
    log_.read(batch.through + 1, max_events / 2 - before,
              [&](Offset offset, std::string_view record) { batch.add(offset, record); });
    if (batch.events.size() == before) break;
  }
  try {
    apply_batch(batch);
  } catch (const std::exception& error) {
    for (Stage* stage : stages_) stage->settled(false);
    log_warning("projector_batch_retried", {{"error", error.what()}});
    apply_with_isolation(batch);
  }
  settle(batch.through);
  return true;
}

void Projector::apply_batch(Batch& batch) {
  state_.write([&](Connection& connection) {
    batch.warehouse.clear();
    batch.warehouse.through = batch.through;
    StageBatch shared{connection, batch.warehouse, {}};
    for (Stage* stage : stages_) stage->begin(batch.events, shared);
    for (StagedEvent& event : batch.events) {
      for (Stage* stage : stages_) stage->apply(event, shared);
    }
    for (Stage* stage : stages_) stage->flush(shared);
    connection.run(kWriteApplied, batch.through);
    // The warehouse commits first: when the state does not follow, the batch runs again with the
    // same outcome and the warehouse skips what it has.
    warehouse_.append(batch.warehouse);
  });
  for (Stage* stage : stages_) stage->settled(true);
}

void Projector::apply_with_isolation(Batch& batch) {
  std::vector<StagedEvent> all = std::move(batch.events);
  for (StagedEvent& event : all) {
    event.customer = {};
    event.merged.clear();
    batch.events.assign(1, event);
    batch.through = event.offset;
    try {
      apply_batch(batch);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kCorrupted) throw;
      for (Stage* stage : stages_) stage->settled(false);
      log_error("event_set_aside",
                {{"offset", std::to_string(event.offset)}, {"error", error.what()}});
      state_.write([&](Connection& c) {
        c.run(kAddDeadLetter, event.offset, event.event.workspace, std::string(error.what()));
        c.run(kWriteApplied, event.offset);
      });
    }
  }
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
