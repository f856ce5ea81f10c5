// A fixed number of threads for work that blocks: SQLite, DuckDB, Argon2, compression.
//
// Jobs start in the order they were given. The queue is bounded: a full pool refuses, and the
// caller answers "try later". A job must not throw; one that does is logged and forgotten. `stop`
// runs what is queued, then joins; afterwards every job is refused. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rapport {

class BlockingPool {
 public:
  /// `name` shows in thread lists, at most 12 letters of it.
  BlockingPool(std::string name, size_t threads, size_t max_queued);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// False when the queue is full or the pool stops; the job is then untouched by any thread.
  [[nodiscard]] bool try_post(std::function<void()> job);
  /// Runs what is queued, joins. Idempotent; not from a job.
  void stop();
  /// Jobs waiting, not those running.
  size_t queued() const;

 private:
  void run(size_t index);

  const std::string name_;
  const size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rapport
