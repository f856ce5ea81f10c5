#include "messaging/delivery/throttle.h"

#include <gtest/gtest.h>

#include "base/limits/delivery.h"

namespace rapport {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{std::chrono::hours(1)};

TEST(RateGate, GivesItsRateAndNoMore) {
  for (const int64_t rate : {1, 7, 60, 600, 90'000}) {
    RateGate gate(rate);
    int64_t given = 0;
    for (Millis at{0}; at < 5min; at += 1ms) {
      while (gate.ask(kStart + at).count() == 0) ++given;
      if (rate < 100) at += 50ms;
    }
    EXPECT_GE(given, 5 * rate * 97 / 100 - 1) << rate;
    EXPECT_LE(given, 5 * rate + rate / 60 + 1) << rate;
  }
}

TEST(RateGate, WaitersComeOneAfterTheOther) {
  RateGate gate(60);
  EXPECT_EQ(gate.ask(kStart), 0ms);
  EXPECT_EQ(gate.ask(kStart), 1'000ms);
  EXPECT_EQ(gate.ask(kStart), 2'000ms);
  EXPECT_EQ(gate.ask(kStart), 3'000ms);
  EXPECT_EQ(gate.ask(kStart + 1s), 0ms);
  gate.give_back();
  EXPECT_EQ(gate.ask(kStart + 1s), 0ms);
  RateGate open;
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(open.ask(kStart), 0ms);
}

TEST(WarmUp, GrowsByTheDayAndEnds) {
  const Timestamp start = *parse_timestamp("2026-03-01T15:00:00Z");
  const WarmUp plan{start, 100, 50, 5, 300};
  const std::pair<const char*, std::optional<int64_t>> cases[] = {
      {"2026-02-28T23:59:59Z", 0},   {"2026-03-01T00:00:00Z", 100},
      {"2026-03-01T23:59:59Z", 100}, {"2026-03-02T00:00:00Z", 150},
      {"2026-03-03T00:00:00Z", 225}, {"2026-03-04T00:00:00Z", 300},
      {"2026-03-05T00:00:00Z", 300}, {"2026-03-06T00:00:00Z", std::nullopt}};
  for (const auto& [at, allowance] : cases) {
    EXPECT_EQ(warm_up_allowance(plan, *parse_timestamp(at)), allowance) << at;
  }
  const WarmUp endless{start, limits::kMaxWarmUpAllowance, 1'000, 10'000, 0};
  EXPECT_EQ(warm_up_allowance(endless, start + std::chrono::hours(24 * 9'000)),
            limits::kMaxWarmUpAllowance);
}

TEST(Breaker, OpensRestsProbesAndCloses) {
  Breaker breaker;
  for (int i = 1; i < limits::kBreakerFailures; ++i) breaker.failed(kStart);
  EXPECT_EQ(breaker.ask(kStart), 0ms);
  breaker.succeeded();
  for (int i = 0; i < limits::kBreakerFailures; ++i) breaker.failed(kStart);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.ask(kStart), Millis(limits::kBreakerRest));
  breaker.failed(kStart + 1s);  // was on its way
  SteadyTime at = kStart + limits::kBreakerRest;
  EXPECT_EQ(breaker.ask(at), 0ms);
  EXPECT_EQ(breaker.ask(at), 1'000ms);  // one probe at a time
  breaker.failed(at);
  EXPECT_EQ(breaker.ask(at), 2 * Millis(limits::kBreakerRest));
  at += 2 * limits::kBreakerRest;
  EXPECT_EQ(breaker.ask(at), 0ms);
  breaker.succeeded();
  EXPECT_FALSE(breaker.is_open());
  for (int i = 0; i < 1'000; ++i) breaker.failed(at += limits::kMaxBreakerRest);
  EXPECT_EQ(breaker.ask(at), Millis(limits::kMaxBreakerRest));
}

}  // namespace
}  // namespace rapport
