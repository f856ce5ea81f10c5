// The measurements. Each starts what it measures on fresh folders and gives rows for the report.
// Used by one thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "load/measure.h"

namespace rapport::bench {

struct Setup {
  std::string program;  // rapport
  std::string limit;    // rapport_limit
  std::string nginx;    // empty: not installed
  std::string folder;   // on a disk; scratch folders go below it
  int rounds = 5;
  std::chrono::milliseconds duration{3'000};  // of one measurement
};

/// Batches of 100 events, acknowledged.
std::vector<Row> measure_batches(const Setup& setup);
/// Single events, acknowledged.
std::vector<Row> measure_singles(const Setup& setup);
/// Applied, steady: synthetic events and the demo shop.
std::vector<Row> measure_applied(const Setup& setup);
/// From acknowledgement to visible at 10,000 events/s.
std::vector<Row> measure_visible(const Setup& setup);
/// Memory with nothing loaded; start-up after kill -9.
std::vector<Row> measure_idle_and_start(const Setup& setup);
/// Memory at `customers` customers and `events` events.
std::vector<Row> measure_large(const Setup& setup, uint64_t customers, uint64_t events);

}  // namespace rapport::bench
