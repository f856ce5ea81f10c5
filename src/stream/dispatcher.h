// Dispatcher: carries out the outbox's intents, each once, and records how it ended.
//
// Operation: worker threads take due intents in order, lane by lane, from the outbox and from other
// sources that were added, and give them to the handler of their kind,
// which does the effect and returns the events that say what happened; those are appended to the
// log and, once applied, remove or defer the intent. It starts only after the projector has applied
// the whole log, so an intent that was carried out before a crash is known to be. A crash between
// the effect and the append repeats at most the intents in flight (one a worker). Concurrency:
// limits::kDispatchConcurrency workers; handlers must be thread-safe.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/limits/messaging.h"
#include "runtime/clock.h"
#include "storage/state_store.h"
#include "stream/in_flight.h"
#include "stream/log_writer.h"
#include "stream/outbox.h"
#include "stream/projector.h"

namespace rapport {

/// Thrown by a handler that did nothing because it must wait: the intent comes back after `wait` at
/// the earliest, as if it had not been taken.
struct IntentHeld final : std::exception {
  explicit IntentHeld(std::chrono::milliseconds time) : wait(time) {}
  const char* what() const noexcept override { return "held"; }
  std::chrono::milliseconds wait;
};

class IntentHandler {
 public:
  virtual ~IntentHandler() = default;
  /// Does the effect. `worker` (from 0) lets a handler keep one connection a worker. The events
  /// returned must lead a stage to remove or defer the intent. Throwing leaves it for a later try.
  virtual std::vector<NewEvent> execute(const Intent& intent, size_t worker) = 0;
};

class Dispatcher {
 public:
  Dispatcher(const StateStore& state, LogWriter& writer, Projector& projector, const Clock& clock,
             size_t workers);
  ~Dispatcher();

  void add_handler(std::string kind, IntentHandler& handler);
  /// Beside the outbox. Before `start`; must outlive the dispatcher.
  void add_source(IntentSource& source) { sources_.push_back(&source); }
  /// Notes what is in flight, so that repeats after a kill are known. Before `start`.
  void keep_journal(InFlightJournal& journal) { journal_ = &journal; }
  void start();
  /// Finishes what is in flight and joins.
  void stop();
  /// The outbox may have changed. Cheap, from any thread.
  void notify();
  /// Intents taken and not yet seen to be settled.
  size_t in_flight() const;

 private:
  using LaneId = std::pair<size_t, LaneKey>;  // the source's index first
  /// What is known of one lane's intents.
  struct Lane {
    std::vector<Intent> due;  // next at the back
    std::optional<Intent> cursor;
    bool urgent = false;
  };

  void work(size_t worker);
  std::optional<Intent> take();
  std::optional<Intent> take_from_lanes(bool urgent);
  void refill();
  void refill_lane(Connection& state, const LaneId& id, Timestamp now);
  void carry_out(Intent intent, size_t worker);
  /// False when the dispatcher stops first.
  bool record(const Intent& intent, std::vector<NewEvent> events);
  bool wait_unless_stopping(std::chrono::milliseconds time);
  void release(const Intent& intent);
  void hold(const Intent& intent, std::chrono::milliseconds wait);
  std::optional<Intent> take_held();

  const StateStore& state_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  const size_t workers_;
  const size_t workers_a_workspace_;  // less than all, when there are several
  OutboxSource outbox_;
  std::vector<IntentSource*> sources_{&outbox_};
  InFlightJournal* journal_ = nullptr;
  std::map<std::string, IntentHandler*> handlers_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<LaneId, Lane> lanes_;
  std::map<WorkspaceId, size_t> running_;
  LaneId last_lane_;
  std::unordered_set<uint64_t> taken_;  // ids in flight or waiting for the projector
  std::multimap<std::chrono::steady_clock::time_point, Intent> held_;
  bool changed_ = true;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rapport
