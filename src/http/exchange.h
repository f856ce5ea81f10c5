// Where the answer to one request arrives: once, from any thread.
//
// The connection asks `wait` on its io thread; when the answer is not there yet, `wake` is called
// later from whichever thread brings it. After `abandon` an answer is dropped, so a handler that is
// too late does no harm.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "http/message.h"

namespace rapport {

class Exchange {
 public:
  /// The first answer counts.
  void answer(Response response) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      if (answered_) return;
      answered_ = true;
      response_ = std::move(response);
      wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
  }
  /// True when the answer is there; else `wake` is kept for it.
  bool wait(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    if (!answered_) wake_ = std::move(wake);
    return answered_;
  }
  bool ready() {
    const std::lock_guard lock(mutex_);
    return response_.has_value();
  }
  /// The answer, or null after giving up waiting for it.
  std::optional<Response> take_or_abandon() {
    const std::lock_guard lock(mutex_);
    answered_ = true;
    wake_ = nullptr;
    return std::exchange(response_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  bool answered_ = false;
  std::optional<Response> response_;
  std::function<void()> wake_;
};

}  // namespace rapport
