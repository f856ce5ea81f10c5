// What holds a provider back: rates, warm-up allowances, and a circuit breaker.
//
// Pure rules over a time that the caller gives; not thread-safe, the pool that owns them locks.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace rapport {

using SteadyTime = std::chrono::steady_clock::time_point;
using Millis = std::chrono::milliseconds;

/// Evenly spaced permits: `per_minute` of them, a burst of at most one second's worth or one.
class RateGate {
 public:
  /// 0: no limit.
  explicit RateGate(int64_t per_minute = 0);

  /// Zero: may go now, and is counted. Else how long to wait before asking again; each who asks
  /// gets a place further back, so that those who wait do not come all at once.
  Millis ask(SteadyTime now);
  /// Gives back a permit that was not used.
  void give_back();

 private:
  std::chrono::nanoseconds interval_{0};
  std::chrono::nanoseconds burst_{0};
  SteadyTime next_{};   // when a permit is free without burst
  SteadyTime queue_{};  // the last place given to one who waits
};

/// A daily allowance that grows: `first_day` messages on the first day, `growth_percent` more each
/// day, at most `ceiling` (0: none), and after `days` no limit at all.
struct WarmUp {
  Timestamp started_at;
  int64_t first_day = 0;
  int64_t growth_percent = 0;
  int64_t days = 0;
  int64_t ceiling = 0;
};

/// How many messages may go on the day (UTC) of `now`; null: no limit any more.
std::optional<int64_t> warm_up_allowance(const WarmUp& plan, Timestamp now);
/// Days since 1970-01-01, UTC.
int64_t day_of(Timestamp at);

/// Opens after limits::kBreakerFailures failures in a row, lets one probe through after a rest that
/// doubles, closes with the first success.
class Breaker {
 public:
  /// Zero: may try. Else how long it rests.
  Millis ask(SteadyTime now);
  void succeeded();
  void failed(SteadyTime now);
  /// The probe was not used.
  void give_back();
  bool is_open() const { return open_; }

 private:
  int failures_ = 0;
  bool open_ = false;
  bool probing_ = false;
  Millis rest_{0};
  SteadyTime until_{};
};

}  // namespace rapport
