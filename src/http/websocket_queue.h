// The messages that wait for one WebSocket client. Internal to http/.
//
// What handlers hold: a queue of at most limits::kMaxWebSocketQueue messages that survives the
// connection and knows nothing of sockets. Thread-safe; `wake` is called after every change.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "base/limits.h"
#include "http/websocket.h"

namespace rapport {

class WebSocketQueue final : public WebSocketSession {
 public:
  explicit WebSocketQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  bool send(std::string text) override {
    std::function<void()> wake;
    bool taken = true;
    {
      const std::lock_guard lock(mutex_);
      if (closing_) return false;
      taken = queue_.size() < limits::kMaxWebSocketQueue;
      if (taken) {
        queue_.push_back(std::move(text));
      } else {
        closing_ = true;
      }
      wake = wake_;
    }
    if (wake) wake();
    return taken;
  }
  void close() override {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      wake = wake_;
    }
    if (wake) wake();
  }
  bool pop(std::string* text) {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    *text = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }
  bool closing() {
    const std::lock_guard lock(mutex_);
    return closing_;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_ = nullptr;
    queue_.clear();
  }

 private:
  std::mutex mutex_;
  bool closing_ = false;
  std::deque<std::string> queue_;
  std::function<void()> wake_;
};

}  // namespace rapport
