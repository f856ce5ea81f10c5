// Coroutines as the program uses them: Task, and the group that owns every spawned one.
//
// Include only from .cc files and headers internal to one module: this pulls in Asio. A TaskGroup
// is the only place that spawns; whoever owns it waits for its tasks before the io_context dies.
// Tasks take their parameters by value. Thread-safe.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "runtime/log.h"

namespace rapport {

template <class T = void>
using Task = boost::asio::awaitable<T>;

class TaskGroup {
 public:
  /// Runs `task` on `executor`; an exception that leaves it is logged.
  template <class Executor>
  void spawn(const Executor& executor, Task<> task) {
    {
      const std::lock_guard lock(mutex_);
      ++running_;
    }
    boost::asio::co_spawn(executor, std::move(task), [this](std::exception_ptr failure) {
      if (failure) report(failure);
      // Notified under the lock: the waiter may destroy the group right after.
      const std::lock_guard lock(mutex_);
      --running_;
      ended_.notify_all();
    });
  }

  /// True when every task ended within `patience`.
  bool wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, patience, [this] { return running_ == 0; });
  }

 private:
  static void report(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log_warning("task failed", {{"detail", error.what()}});
    }
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
};

}  // namespace rapport
