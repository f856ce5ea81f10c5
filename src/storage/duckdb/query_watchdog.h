// QueryWatchdog: one thread that interrupts DuckDB queries which run past their deadline.
//
// A Watch covers one connection while it lives. The interrupt is repeated until the watch ends,
// because DuckDB forgets one that arrives between parsing and running. Thread-safe.
#pragma once

#include <duckdb.h>

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace rapport {

class QueryWatchdog {
 public:
  QueryWatchdog();
  ~QueryWatchdog();
  QueryWatchdog(const QueryWatchdog&) = delete;
  QueryWatchdog& operator=(const QueryWatchdog&) = delete;

 private:
  struct Entry {
    duckdb_connection connection;
    std::chrono::steady_clock::time_point deadline;
  };

 public:
  class Watch {
   public:
    Watch(QueryWatchdog& dog, duckdb_connection connection, std::chrono::milliseconds limit);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    QueryWatchdog& dog_;
    std::list<Entry>::iterator entry_;
  };

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rapport
