#include "runtime/blocking_pool.h"

#include <fmt/format.h>
#include <pthread.h>

#include <exception>

#include "base/error.h"
#include "runtime/log.h"

namespace rapport {

BlockingPool::BlockingPool(std::string name, size_t threads, size_t max_queued)
    : name_(std::move(name)), max_queued_(max_queued) {
  ASSERT(threads > 0);
  threads_.reserve(threads);
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this, i] { run(i); });
}

BlockingPool::~BlockingPool() {
  stop();
}

bool BlockingPool::try_post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= max_queued_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void BlockingPool::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

size_t BlockingPool::queued() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void BlockingPool::run(size_t index) {
  const std::string title = fmt::format("{}-{}", name_.substr(0, 12), index % 100);
  pthread_setname_np(pthread_self(), title.c_str());
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& error) {
      log_error("blocking job failed", {{"pool", name_}, {"detail", error.what()}});
    }
  }
}

}  // namespace rapport
