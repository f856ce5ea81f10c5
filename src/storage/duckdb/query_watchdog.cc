#include "storage/duckdb/query_watchdog.h"

#include <algorithm>

namespace rapport {

using Clock = std::chrono::steady_clock;

QueryWatchdog::QueryWatchdog() : thread_([this] { run(); }) {}

QueryWatchdog::~QueryWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

QueryWatchdog::Watch::Watch(QueryWatchdog& dog, duckdb_connection connection,
                            std::chrono::milliseconds limit)
    : dog_(dog) {
  const std::lock_guard lock(dog_.mutex_);
  dog_.entries_.push_back({connection, Clock::now() + limit});
  entry_ = std::prev(dog_.entries_.end());
  // Deadlines are nearly alike: only the first entry changes when the thread must wake.
  if (dog_.entries_.size() == 1) dog_.changed_.notify_one();
}

QueryWatchdog::Watch::~Watch() {
  const std::lock_guard lock(dog_.mutex_);
  dog_.entries_.erase(entry_);
}

void QueryWatchdog::run() {
  constexpr auto kRepeat = std::chrono::milliseconds(20);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (entries_.empty()) {
      changed_.wait(lock);
      continue;
    }
    auto next = Clock::time_point::max();
    const auto now = Clock::now();
    for (Entry& entry : entries_) {
      if (entry.deadline <= now) {
        duckdb_interrupt(entry.connection);
        entry.deadline = now + kRepeat;
      }
      next = std::min(next, entry.deadline);
    }
    changed_.wait_until(lock, next);
  }
}

}  // namespace rapport
