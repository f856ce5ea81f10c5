// Dispatcher: carries out the outbox's intents, each once, and records how it ended.
//
// Operation: worker threads take due intents in order and give them to the handler of their kind,
// which does the effect and returns the events that say what happened; those are appended to the
// log and, once applied, remove or defer the intent. It starts only after the projector has applied
// the whole log, so an intent that was carried out before a crash is known to be. A crash between
// the effect and the append repeats at most the intents in flight (one a worker). Concurrency:
// limits::kDispatchConcurrency workers; handlers must be thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "runtime/clock.h"
#include "storage/state_store.h"
#include "stream/log_writer.h"
#include "stream/outbox.h"
#include "stream/projector.h"

namespace rapport {

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
  void start();
  /// Finishes what is in flight and joins.
  void stop();
  /// The outbox may have changed. Cheap, from any thread.
  void notify();
  /// Intents taken and not yet seen to be settled.
  size_t in_flight() const;

 private:
  void work(size_t worker);
  std::optional<Intent> take(std::unique_lock<std::mutex>& lock);
  void refill();
  void carry_out(const Intent& intent, size_t worker);

  const StateStore& state_;
  LogWriter& writer_;
  Projector& projector_;
  const Clock& clock_;
  size_t workers_;
  std::map<std::string, IntentHandler*> handlers_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Intent> due_;             // read from the outbox, next at the back
  std::unordered_set<uint64_t> taken_;  // ids in flight or waiting for the projector
  uint64_t cursor_ = 0;
  bool changed_ = true;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rapport
