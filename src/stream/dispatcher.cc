#include "stream/dispatcher.h"

#include <algorithm>

#include "base/error.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr size_t kRefill = 256;
constexpr std::chrono::milliseconds kIdlePoll{1'000};
constexpr std::chrono::milliseconds kAfterFailure{1'000};

}  // namespace

Dispatcher::Dispatcher(const StateStore& state, LogWriter& writer, Projector& projector,
                       const Clock& clock, size_t workers)
    : state_(state), writer_(writer), projector_(projector), clock_(clock), workers_(workers) {}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::add_handler(std::string kind, IntentHandler& handler) {
  handlers_[std::move(kind)] = &handler;
}

void Dispatcher::start() {
  for (size_t worker = 0; worker < workers_; ++worker) {
    threads_.emplace_back([this, worker] { work(worker); });
  }
}

void Dispatcher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Dispatcher::notify() {
  {
    const std::lock_guard lock(mutex_);
    changed_ = true;
  }
  wake_.notify_all();
}

size_t Dispatcher::in_flight() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

void Dispatcher::work(size_t worker) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const std::optional<Intent> intent = take(lock);
    if (!intent) {
      wake_.wait_for(lock, kIdlePoll, [this] { return stopping_ || changed_ || !due_.empty(); });
      continue;
    }
    lock.unlock();
    carry_out(*intent, worker);
    lock.lock();
  }
}

std::optional<Intent> Dispatcher::take(std::unique_lock<std::mutex>&) {
  if (due_.empty()) refill();
  if (due_.empty()) return std::nullopt;
  Intent intent = std::move(due_.back());
  due_.pop_back();
  return intent;
}

// Reads on from the cursor; at the end of the outbox starts over, so that deferred intents are seen
// when they fall due. Ids in `taken_` are skipped: they are in flight or not yet applied.
void Dispatcher::refill() {
  changed_ = false;
  for (int pass = 0; pass < 2 && due_.empty(); ++pass) {
    const uint64_t from = cursor_;
    std::vector<Intent> intents;
    state_.read([&](Connection& c) { intents = outbox::list_due(c, from, clock_.now(), kRefill); });
    cursor_ = intents.size() < kRefill ? 0 : intents.back().id;
    for (Intent& intent : intents) {
      if (taken_.insert(intent.id).second) due_.push_back(std::move(intent));
    }
    if (from == 0 && intents.size() < kRefill) break;
  }
  std::reverse(due_.begin(), due_.end());
}

void Dispatcher::carry_out(const Intent& intent, size_t worker) {
  const auto release = [this, id = intent.id] {
    {
      const std::lock_guard lock(mutex_);
      taken_.erase(id);
      changed_ = true;
    }
    wake_.notify_all();
  };
  try {
    const auto handler = handlers_.find(intent.kind);
    if (handler == handlers_.end()) {
      throw Error(ErrorCode::kInternal, "No handler", "no handler for intent " + intent.kind);
    }
    std::vector<NewEvent> events = handler->second->execute(intent, worker);
    const AppendResult result = writer_.append(std::move(events));
    // Held until the outcome is applied: only then has the row gone, or moved on.
    projector_.when_applied(result.last, release);
  } catch (const std::exception& error) {
    log_error("intent_failed", {{"kind", intent.kind}, {"error", error.what()}});
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kAfterFailure, [this] { return stopping_; });
    }
    release();
  }
}

}  // namespace rapport
