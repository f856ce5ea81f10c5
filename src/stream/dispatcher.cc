#include "stream/dispatcher.h"

#include <algorithm>
#include <utility>

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
      workers_a_workspace_(workers > 1 ? workers - (workers + 3) / 4 : 1) {}

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
    --running_[intent->workspace];
  }
}

std::optional<Intent> Dispatcher::take() {
  if (auto intent = take_held()) return intent;
  for (int pass = 0; pass < 2; ++pass) {
    for (const bool urgent : {true, false}) {
      if (auto intent = take_from_lanes(urgent)) return intent;
    }
    // Those that wait for a free place in a lane do not read the outbox each time.
    if (pass == 0 && changed_) refill();
  }
  return std::nullopt;
}

// The lane after the last one that has work, leave, and a worker to spare.
std::optional<Intent> Dispatcher::take_from_lanes(bool urgent) {
  auto it = lanes_.upper_bound(last_lane_);
  for (size_t looked = 0; looked < lanes_.size(); ++looked, ++it) {
    if (it == lanes_.end()) it = lanes_.begin();
    const LaneId& id = it->first;
    Lane& lane = it->second;
    if (lane.due.empty() || lane.urgent != urgent) continue;
    size_t& running = running_[id.second.workspace];
    if (running >= (urgent ? workers_ : workers_a_workspace_)) continue;
    if (!sources_[id.first]->admit(id.second, clock_.now())) continue;
    last_lane_ = id;
    Intent intent = std::move(lane.due.back());
    lane.due.pop_back();
    if (lane.due.empty()) changed_ = true;
    ++running;
    return intent;
  }
  return std::nullopt;
}

void Dispatcher::refill() {
  changed_ = false;
  if (held_.size() >= limits::kMaxHeldIntents) return;
  const Timestamp now = clock_.now();
  state_.read([&](Connection& c) {
    for (size_t source = 0; source < sources_.size(); ++source) {
      for (const LaneKey& lane : sources_[source]->list_lanes(c)) {
        refill_lane(c, {source, lane}, now);
      }
    }
  });
  std::erase_if(lanes_,
                [](const auto& lane) { return lane.second.due.empty() && !lane.second.cursor; });
}

// A lane reads on from its cursor; at its end it starts over, so that deferred intents are seen
// when they fall due. Ids in `taken_` are skipped: they are in flight or not yet applied.
void Dispatcher::refill_lane(Connection& state, const LaneId& id, Timestamp now) {
  Lane& lane = lanes_[id];
  IntentSource& source = *sources_[id.first];
  lane.urgent = source.urgent(id.second);
  for (int pass = 0; pass < 2 && lane.due.empty(); ++pass) {
    const std::optional<Intent> from = lane.cursor;
    std::vector<Intent> intents =
        source.list_due(state, id.second, from ? &*from : nullptr, now, kRefill);
    lane.cursor = intents.size() < kRefill ? std::nullopt : std::optional(intents.back());
    for (Intent& intent : intents) {
      if (!taken_.insert(intent.id).second) continue;
      intent.source = id.first;
      intent.lane = id.second;
      lane.due.push_back(std::move(intent));
    }
    std::reverse(lane.due.begin(), lane.due.end());
    if (!from && intents.size() < kRefill) break;
  }
}

// Held intents stay in `taken_`, so that the outbox does not bring them a second time.
void Dispatcher::hold(const Intent& intent, std::chrono::milliseconds wait) {
  const std::lock_guard lock(mutex_);
  held_.emplace(clock_.steady() + wait, intent);
}

// One whose lane is closed meanwhile stays held.
std::optional<Intent> Dispatcher::take_held() {
  const auto end = held_.upper_bound(clock_.steady());
  for (auto it = held_.begin(); it != end; ++it) {
    if (!sources_[it->second.source]->admit(it->second.lane, clock_.now())) continue;
    Intent intent = std::move(it->second);
    held_.erase(it);
    ++running_[intent.workspace];
    return intent;
  }
  return std::nullopt;
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

void Dispatcher::carry_out(Intent intent, size_t worker) {
  if (journal_ != nullptr) intent.interrupted = journal_->begin(intent.id);
  std::vector<NewEvent> events;
  try {
    const auto handler = handlers_.find(intent.kind);
    if (handler == handlers_.end()) {
      throw Error(ErrorCode::kInternal, "No handler", "no handler for intent " + intent.kind);
    }
    events = handler->second->execute(intent, worker);
  } catch (const IntentHeld& held) {
    if (journal_ != nullptr && !intent.interrupted) journal_->end(intent.id);
    return hold(intent, held.wait);
  } catch (const std::exception& error) {
    log_error("intent_failed", {{"kind", intent.kind}, {"error", error.what()}});
    wait_unless_stopping(kAfterFailure);
    return release(intent);
  }
  if (events.empty()) {  // it had ended in the meantime
    if (journal_ != nullptr) journal_->end(intent.id);
    return release(intent);
  }
  // Not released when the dispatcher stops: the effect happened, and only a restart may repeat it.
  if (record(intent, std::move(events)) && journal_ != nullptr) journal_->end(intent.id);
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
