// The only source of time. Production reads the system clock; tests and rehearsals move a
// ManualClock.
//
// Thread-safe. `now` is UTC wall time and may jump when the machine's clock is set; `steady` never
// goes back and is for deadlines and measurements.
#pragma once

#include <atomic>
#include <chrono>

#include "base/time.h"

namespace rapport {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

/// Stands still until moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_us_(to_micros(start)) {}
  Timestamp now() const override { return from_micros(now_us_.load()); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(Micros(now_us_.load()));
  }
  void advance(Micros by) { now_us_ += by.count(); }
  void set(Timestamp t) { now_us_ = to_micros(t); }

 private:
  std::atomic<int64_t> now_us_;
};

}  // namespace rapport
