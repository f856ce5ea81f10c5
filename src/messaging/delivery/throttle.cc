#include "messaging/delivery/throttle.h"

#include <algorithm>

#include "base/limits/delivery.h"

namespace rapport {

using std::chrono::nanoseconds;

RateGate::RateGate(int64_t per_minute) {
  if (per_minute <= 0) return;
  interval_ = nanoseconds(std::chrono::minutes(1)) / per_minute;
  burst_ = std::max(nanoseconds(0), nanoseconds(std::chrono::seconds(1)) - interval_);
}

Millis RateGate::ask(SteadyTime now) {
  if (interval_.count() == 0) return Millis(0);
  if (next_ <= now + burst_) {
    next_ = std::max(next_, now) + interval_;
    return Millis(0);
  }
  queue_ = std::max(queue_, next_ - burst_) + interval_;
  return std::max(Millis(1), std::chrono::ceil<Millis>(queue_ - interval_ - now));
}

void RateGate::give_back() {
  next_ -= interval_;
}

int64_t day_of(Timestamp at) {
  return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
}

std::optional<int64_t> warm_up_allowance(const WarmUp& plan, Timestamp now) {
  const int64_t day = day_of(now) - day_of(plan.started_at);
  if (day < 0) return 0;
  if (day >= plan.days) return std::nullopt;
  double allowance = static_cast<double>(plan.first_day);
  const double most =
      static_cast<double>(plan.ceiling > 0 ? plan.ceiling : limits::kMaxWarmUpAllowance);
  for (int64_t i = 0; i < day && allowance < most; ++i) {
    allowance *= 1.0 + static_cast<double>(plan.growth_percent) / 100.0;
  }
  return static_cast<int64_t>(std::min(allowance, most));
}

Millis Breaker::ask(SteadyTime now) {
  if (!open_) return Millis(0);
  if (now < until_) return std::max(Millis(1), std::chrono::ceil<Millis>(until_ - now));
  if (probing_) return Millis(1'000);
  probing_ = true;
  return Millis(0);
}

void Breaker::succeeded() {
  *this = {};
}

void Breaker::failed(SteadyTime now) {
  ++failures_;
  probing_ = false;
  if (failures_ < limits::kBreakerFailures) return;
  // Those that were on their way when it opened do not make it rest longer.
  if (open_ && now < until_) return;
  rest_ =
      open_ ? std::min<Millis>(rest_ * 2, limits::kMaxBreakerRest) : Millis(limits::kBreakerRest);
  open_ = true;
  until_ = now + rest_;
}

void Breaker::give_back() {
  probing_ = false;
}

}  // namespace rapport
