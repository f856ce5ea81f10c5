#include "app/live_hub.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/limits/console.h"
#include "http/json_schema.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kPace{250};
/// Topics that are no projection of the log (an import's upload) are looked at this often.
constexpr std::chrono::seconds kLookAgain{1};

struct Subscription {
  std::vector<std::string> subscribe;
};
BOOST_DESCRIBE_STRUCT(Subscription, (), (subscribe))

}  // namespace

class LiveHub::Subscriber final : public WebSocketHandler {
 public:
  Subscriber(LiveHub& hub, Caller caller) : hub_(hub), caller_(std::move(caller)) {}
  void on_open(std::shared_ptr<WebSocketSession> session) override {
    const std::lock_guard lock(hub_.mutex_);
    hub_.listeners_[this] = {
        std::move(session), caller_, hub_.clock_.steady() + limits::kLiveLifetime, {}, {}};
  }
  void on_message(std::string_view text) override {
    try {
      hub_.subscribe(this, parse_json<Subscription>(text).subscribe);
    } catch (const Error&) {
      // What is not a subscription is not answered.
    }
  }
  void on_close() override {
    const std::lock_guard lock(hub_.mutex_);
    hub_.listeners_.erase(this);
  }

 private:
  LiveHub& hub_;
  const Caller caller_;
};

LiveHub::LiveHub(const Clock& clock, Allows allows)
    : clock_(clock), allows_(std::move(allows)), thread_([this] { run(); }) {}

LiveHub::~LiveHub() {
  stop();
}

void LiveHub::add_topic(std::string name, Permission permission, Topic topic) {
  const std::lock_guard lock(mutex_);
  topics_[std::move(name)] = {permission, std::move(topic)};
}

void LiveHub::changed(Offset applied) {
  {
    const std::lock_guard lock(mutex_);
    applied_ = applied;
    if (changed_ || listeners_.empty()) return;
    changed_ = true;
  }
  wake_.notify_one();
}

void LiveHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<WebSocketHandler> LiveHub::connect(const Request& request) {
  return std::make_unique<Subscriber>(*this, request.caller);
}

void LiveHub::subscribe(const Subscriber* who, const std::vector<std::string>& topics) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = listeners_.find(who);
    if (found == listeners_.end()) return;
    Listener& listener = found->second;
    std::set<std::string, std::less<>> wanted;
    for (const std::string& name : topics) {
      const auto topic = topics_.find(name);
      if (topic == topics_.end() || !allows_(listener.caller, topic->second.permission)) continue;
      wanted.insert(name);
      if (!listener.topics.contains(name)) listener.fresh.insert(name);
    }
    listener.topics = std::move(wanted);
    changed_ = true;
  }
  wake_.notify_one();
}

void LiveHub::tell_topic(const std::string& name, const TopicRow& topic, Offset applied,
                         const std::vector<Listener>& listeners) {
  std::map<uint64_t, std::vector<const Listener*>> by_workspace;
  for (const Listener& listener : listeners) {
    if (listener.topics.contains(name))
      by_workspace[listener.caller.workspace].push_back(&listener);
  }
  for (const auto& [workspace, who] : by_workspace) {
    Told& told = told_.try_emplace(ToldKey{workspace, name}, Told{applied, {}}).first->second;
    std::string data;
    try {
      data = topic.ask(WorkspaceId{workspace}, told.since, applied);
    } catch (const std::exception& error) {
      log_warning("live_topic_failed", {{"topic", name}, {"error", error.what()}});
      continue;
    }
    told.since = applied;
    if (data.empty()) continue;
    const bool same = data == told.last;
    const std::string message = fmt::format("{{\"topic\":{},\"data\":{}}}", json_quote(name), data);
    for (const Listener* listener : who) {
      if (!same || listener->fresh.contains(name)) listener->session->send(message);
    }
    told.last = std::move(data);
  }
}

void LiveHub::tell(Offset applied) {
  std::vector<Listener> listeners;
  std::map<std::string, TopicRow, std::less<>> topics;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [who, listener] : listeners_) {
      listeners.push_back(listener);
      listener.fresh.clear();
    }
    topics = topics_;
  }
  if (listeners.empty()) told_.clear();
  const auto now = clock_.steady();
  const std::string changed = fmt::format(R"({{"type":"changed","applied":{}}})", applied);
  for (const Listener& listener : listeners) {
    if (now >= listener.ends) {
      listener.session->close();
    } else {
      listener.session->send(changed);
    }
  }
  for (const auto& [name, topic] : topics) tell_topic(name, topic, applied, listeners);
}

void LiveHub::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kLookAgain, [this] { return stopping_ || changed_; });
    if (stopping_) return;
    changed_ = false;  // also with nobody there: a wait for what is true already never lets go
    if (listeners_.empty()) continue;
    const Offset applied = applied_;
    lock.unlock();
    tell(applied);
    lock.lock();
    wake_.wait_for(lock, kPace, [this] { return stopping_; });
  }
}

}  // namespace rapport
