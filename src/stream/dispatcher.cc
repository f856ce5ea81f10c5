#include "stream/dispatcher.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits/delivery.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr size_t kRefill = 256;
constexpr std::chrono::milliseconds kIdlePoll{1'000};
constexpr std::chrono::milliseconds kAfterFailure{1'000};

}  // namespace

Dispatcher::Dispatcher(const StateStore& state, LogWriter& writer, Projector& projector,
                       const Clock& clock, size_t workers)
    : state_(state),
      writer_(writer),
      projector_(projector),
      clock_(clock),
      workers_(workers),
      workers_a_lane_(workers > 1 ? workers - (workers + 3) / 4 : 1) {}

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
    const std::optional<Intent> intent = take();
    if (!intent) {
      auto wait = kIdlePoll;
      if (!held_.empty()) {
        const auto due =
            std::chrono::ceil<std::chrono::milliseconds>(held_.begin()->first - clock_.steady());
        wait = std::clamp(due, std::chrono::milliseconds(1), kIdlePoll);
      }
      // Whoever waited in vain looks again: what was deferred may be due.
      if (!wake_.wait_for(lock, wait, [this] { return stopping_ || changed_; })) changed_ = true;
      continue;
    }
    lock.unlock();
    carry_out(*intent, worker);
    lock.lock();
    // Nobody is woken for it: this worker takes the next one itself.
    --lanes_[intent->workspace].running;
  }
}

// The lane after the last one that has work and a worker to spare; reads the outbox again when a
// change may have brought more.
std::optional<Intent> Dispatcher::take() {
  if (auto intent = take_held()) return intent;
  for (int pass = 0; pass < 2; ++pass) {
    auto it = lanes_.upper_bound(last_lane_);
    for (size_t looked = 0; looked < lanes_.size(); ++looked, ++it) {
      if (it == lanes_.end()) it = lanes_.begin();
      Lane& lane = it->second;
      if (lane.due.empty() || lane.running >= workers_a_lane_) continue;
      last_lane_ = it->first;
      Intent intent = std::move(lane.due.back());
      lane.due.pop_back();
      if (lane.due.empty()) changed_ = true;
      ++lane.running;
      return intent;
    }
    // Those that wait for a free place in a lane do not read the outbox each time.
    if (pass == 0 && changed_) refill();
  }
  return std::nullopt;
}

// Each lane reads on from its cursor; at its end it starts over, so that deferred intents are seen
// when they fall due. Ids in `taken_` are skipped: they are in flight or not yet applied.
void Dispatcher::refill() {
  changed_ = false;
  if (held_.size() >= limits::kMaxHeldIntents) return;
  state_.read([&](Connection& c) {
    for (const WorkspaceId workspace : outbox::list_workspaces(c)) {
      Lane& lane = lanes_[workspace];
      for (int pass = 0; pass < 2 && lane.due.empty(); ++pass) {
        const uint64_t from = lane.cursor;
        std::vector<Intent> intents = outbox::list_due(c, workspace, from, clock_.now(), kRefill);
        lane.cursor = intents.size() < kRefill ? 0 : intents.back().id;
        for (Intent& intent : intents) {
          if (taken_.insert(intent.id).second) lane.due.push_back(std::move(intent));
        }
        std::reverse(lane.due.begin(), lane.due.end());
        if (from == 0 && intents.size() < kRefill) break;
      }
    }
  });
}

// Held intents stay in `taken_`, so that the outbox does not bring them a second time.
void Dispatcher::hold(const Intent& intent, std::chrono::milliseconds wait) {
  const std::lock_guard lock(mutex_);
  held_.emplace(clock_.steady() + wait, intent);
}

std::optional<Intent> Dispatcher::take_held() {
  if (held_.empty() || held_.begin()->first > clock_.steady()) return std::nullopt;
  Intent intent = std::move(held_.begin()->second);
  held_.erase(held_.begin());
  ++lanes_[intent.workspace].running;
  return intent;
}

void Dispatcher::release(const Intent& intent) {
  const std::lock_guard lock(mutex_);
  taken_.erase(intent.id);
  changed_ = true;
}

bool Dispatcher::wait_unless_stopping(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void Dispatcher::carry_out(const Intent& intent, size_t worker) {
  std::vector<NewEvent> events;
  try {
    const auto handler = handlers_.find(intent.kind);
    if (handler == handlers_.end()) {
      throw Error(ErrorCode::kInternal, "No handler", "no handler for intent " + intent.kind);
    }
    events = handler->second->execute(intent, worker);
  } catch (const IntentHeld& held) {
    return hold(intent, held.wait);
  } catch (const std::exception& error) {
    log_error("intent_failed", {{"kind", intent.kind}, {"error", error.what()}});
    wait_unless_stopping(kAfterFailure);
    return release(intent);
  }
  // Not released when the dispatcher stops: the effect happened, and only a restart may repeat it.
  record(intent, std::move(events));
}

bool Dispatcher::record(const Intent& intent, std::vector<NewEvent> events) {
  while (true) {
    try {
      const AppendResult result = writer_.append(events);
      // Held until the outcome is applied: only then has the row gone, or moved on.
      projector_.when_applied(result.last, [this, intent] { release(intent); });
      return true;
    } catch (const std::exception& error) {
      log_error("outcome_not_recorded", {{"kind", intent.kind}, {"error", error.what()}});
      if (!wait_unless_stopping(kAfterFailure)) return false;
    }
  }
}

}  // namespace rapport
