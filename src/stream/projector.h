// Projector: reads the log in order and runs the stages; the only writer of state.db and warehouse.
//
// Operation: a batch of log records goes through all stages; then the warehouse rows are written
// (skipping offsets it already has), then state changes, outbox rows and the applied offset commit
// together. A crash anywhere repeats the batch with the same outcome. A batch that a stage refuses
// is tried again event by event; an event that is refused alone is set aside in `dead_letters` with
// its reason, and the log goes on. When storage fails (disk full, damaged file) nothing is set
// aside: the batch is repeated until it succeeds. Concurrency: one thread of its own; `applied` and
// `when_applied` from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "storage/event_log.h"
#include "storage/state_store.h"
#include "storage/warehouse.h"
#include "stream/stage.h"

namespace rapport {

class Projector {
 public:
  /// Stages run in the given order and must outlive the projector.
  Projector(EventLog& log, StateStore& state, Warehouse& warehouse, std::vector<Stage*> stages);
  ~Projector();

  /// Migrates the stages' schemas and reads the applied offset. Call once, before anything else.
  void open();
  void start();
  void stop();
  /// The log grew. Cheap, from any thread.
  void notify(Offset end);

  Offset applied() const { return applied_.load(std::memory_order_acquire); }
  /// Runs `done` once `offset` is applied: now, or on the projector's thread.
  void when_applied(Offset offset, std::function<void()> done);
  /// Blocks until `offset` is applied. False when it took longer than `timeout`.
  bool wait_applied(Offset offset, std::chrono::milliseconds timeout);
  /// Applies everything there is, on the caller's thread; for replay and tests.
  void run_to_end();
  /// How many events an event counts as in a batch, from itself and its size; 1 unless set. Bounds
  /// what one transaction holds. Before `start`.
  void weigh(std::function<size_t(const Event&, size_t bytes)> weight) {
    weight_ = std::move(weight);
  }
  /// Called on the projector's thread after every commit. Add before `start`.
  void on_committed(std::function<void(Offset)> listener);

 private:
  struct Batch;
  void run();
  bool run_batch(size_t max_events);
  /// What a stage said of an event it cannot take, else null. Throws when storage failed.
  std::optional<std::string> apply_batch(Batch& batch);
  void write_batch(Batch& batch, bool& in_stages);
  void apply_with_isolation(Batch& batch);
  void set_aside(const StagedEvent& event, const std::string& reason);
  void settle(Offset through);

  EventLog& log_;
  StateStore& state_;
  Warehouse& warehouse_;
  std::vector<Stage*> stages_;
  std::vector<std::function<void(Offset)>> listeners_;
  std::function<size_t(const Event&, size_t)> weight_ = [](const Event&, size_t) { return 1; };
  std::atomic<Offset> applied_{0};
  std::atomic<Offset> known_end_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<Offset, std::function<void()>> waiters_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rapport
