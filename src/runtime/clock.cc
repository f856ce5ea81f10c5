#include "runtime/clock.h"

namespace rapport {

Timestamp SystemClock::now() const {
  return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

std::chrono::steady_clock::time_point SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

}  // namespace rapport
