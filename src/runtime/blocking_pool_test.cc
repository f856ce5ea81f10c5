#include "runtime/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace rapport {
namespace {

TEST(BlockingPool, RunsAllBeforeItStops) {
  std::atomic<int> done{0};
  BlockingPool pool("test", 3, 1'000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.try_post([&] { ++done; }));
  pool.stop();
  EXPECT_EQ(done, 500);
  EXPECT_FALSE(pool.try_post([] {}));
  pool.stop();
}

TEST(BlockingPool, RefusesWhenFull) {
  std::promise<void> running;
  std::promise<void> release;
  BlockingPool pool("test", 1, 2);
  ASSERT_TRUE(pool.try_post([&] {
    running.set_value();
    release.get_future().wait();
  }));
  running.get_future().wait();
  EXPECT_TRUE(pool.try_post([] {}));
  EXPECT_TRUE(pool.try_post([] {}));
  EXPECT_FALSE(pool.try_post([] {}));
  EXPECT_EQ(pool.queued(), 2u);
  release.set_value();
}

TEST(BlockingPool, OutlivesAThrowingJob) {
  std::promise<void> done;
  BlockingPool pool("test", 1, 10);
  ASSERT_TRUE(pool.try_post([] { throw std::runtime_error("expected by the test"); }));
  ASSERT_TRUE(pool.try_post([&] { done.set_value(); }));
  done.get_future().wait();
}

}  // namespace
}  // namespace rapport
