#include "app/live_hub.h"

#include <chrono>
#include <vector>

namespace rapport {
namespace {

constexpr std::chrono::milliseconds kPace{250};

}  // namespace

class LiveHub::Subscriber final : public WebSocketHandler {
 public:
  explicit Subscriber(LiveHub& hub) : hub_(hub) {}
  void on_open(std::shared_ptr<WebSocketSession> session) override {
    session_ = std::move(session);
    const std::lock_guard lock(hub_.mutex_);
    hub_.sessions_.insert(session_);
  }
  void on_message(std::string_view) override {}
  void on_close() override {
    const std::lock_guard lock(hub_.mutex_);
    hub_.sessions_.erase(session_);
  }

 private:
  LiveHub& hub_;
  std::shared_ptr<WebSocketSession> session_;
};

LiveHub::LiveHub() : thread_([this] { run(); }) {}
LiveHub::~LiveHub() {
  stop();
}

void LiveHub::changed() {
  {
    const std::lock_guard lock(mutex_);
    if (changed_ || sessions_.empty()) return;
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

std::unique_ptr<WebSocketHandler> LiveHub::connect() {
  return std::make_unique<Subscriber>(*this);
}

void LiveHub::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait(lock, [this] { return stopping_ || changed_; });
    changed_ = false;
    const std::vector<std::shared_ptr<WebSocketSession>> sessions(sessions_.begin(),
                                                                  sessions_.end());
    lock.unlock();
    for (const auto& session : sessions) session->send(R"({"type":"changed"})");
    lock.lock();
    wake_.wait_for(lock, kPace, [this] { return stopping_; });
  }
}

}  // namespace rapport
