// LoadClient: one thread that keeps many keep-alive connections busy with prepared requests.
//
// Closed loop: every connection sends its next request when the last is answered. Open loop: with
// `requests_per_second`, requests are due at fixed times; one that finds no free connection is sent
// late, and its latency still counts from when it was due. Loopback only, plain HTTP/1.1. Answers
// are read, not interpreted: a status that is neither 2xx nor 3xx counts as failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "load/request_source.h"

namespace rapport::bench {

struct LoadOptions {
  uint16_t port = 0;
  size_t connections = 16;
  std::chrono::milliseconds warm_up{500};  // answered but not counted
  std::chrono::milliseconds duration{3'000};
  double requests_per_second = 0;  // 0: closed loop
  std::function<bool()> may_send;  // asked before each request; false holds it back
};

struct LoadResult {
  uint64_t requests = 0;  // counted ones
  uint64_t all_requests = 0;
  uint64_t failed = 0;
  double seconds = 0;
  std::vector<uint32_t> latencies_us;  // sorted
  double per_second() const { return static_cast<double>(requests) / seconds; }
  /// In microseconds; `share` 0…1.
  double percentile_us(double share) const;
};

/// Runs until the time is over or the source is empty, then until every request is answered.
/// Throws kUnavailable when a connection breaks.
LoadResult run_load(RequestSource& source, const LoadOptions& options);

}  // namespace rapport::bench
