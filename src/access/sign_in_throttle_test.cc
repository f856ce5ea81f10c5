#include "access/sign_in_throttle.h"

#include "access/access_test_support.h"
#include "base/limits/access.h"

namespace rapport {
namespace {

using std::chrono::seconds;

class SignInThrottleTest : public AccessTest {
 protected:
  /// Seconds to wait, 0 when the attempt was counted.
  int64_t attempt(const std::string& email, const std::string& ip) {
    try {
      access->throttle.begin(email, ip);
      return 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kTooManyRequests);
      return error.retry_after().value_or(seconds(-1)).count();
    }
  }
};

TEST_F(SignInThrottleTest, WaitsDoublePerAccountUpToTheLongest) {
  // From many addresses, so that only the account counts.
  int address = 0;
  const auto next_ip = [&] { return "10.0.0." + std::to_string(++address); };
  for (int i = 0; i < limits::kFreeAccountAttempts; ++i) EXPECT_EQ(attempt("a@x.y", next_ip()), 0);
  for (const int64_t wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    EXPECT_EQ(attempt("a@x.y", next_ip()), wait);
    EXPECT_EQ(attempt("A@X.Y ", next_ip()), wait);
    clock.advance(seconds(wait) - Micros(1));
    EXPECT_EQ(attempt("a@x.y", next_ip()), 1);
    clock.advance(Micros(1));
    EXPECT_EQ(attempt("a@x.y", next_ip()), 0);
  }
  EXPECT_EQ(attempt("b@x.y", next_ip()), 0);
}

TEST_F(SignInThrottleTest, WaitsPerAddressOverManyAccounts) {
  int account = 0;
  const auto next_email = [&] { return std::to_string(++account) + "@x.y"; };
  for (int i = 0; i < limits::kFreeAddressAttempts; ++i) {
    EXPECT_EQ(attempt(next_email(), "2001:db8:1:2::1"), 0);
  }
  EXPECT_EQ(attempt(next_email(), "2001:db8:1:2::1"), 1);
  EXPECT_EQ(attempt(next_email(), "2001:db8:1:2:ffff::9"), 1);  // the same /64
  EXPECT_EQ(attempt(next_email(), "2001:db8:1:3::1"), 0);
}

TEST_F(SignInThrottleTest, SuccessForgetsTheAccountAndOneOfTheAddress) {
  for (int i = 0; i < limits::kFreeAccountAttempts; ++i) attempt("a@x.y", "10.0.0.1");
  EXPECT_EQ(attempt("a@x.y", "10.0.0.1"), 1);
  access->throttle.succeeded("a@x.y", "10.0.0.1");
  EXPECT_EQ(attempt("a@x.y", "10.0.0.1"), 0);
  // One good account does not wash an address clean: 5 counted, 1 taken back, 1 counted again.
  for (int i = 0; i < limits::kFreeAddressAttempts - 5; ++i) {
    EXPECT_EQ(attempt(std::to_string(i) + "@x.y", "10.0.0.1"), 0);
  }
  EXPECT_EQ(attempt("z@x.y", "10.0.0.1"), 1);
}

TEST_F(SignInThrottleTest, AQuietDayForgetsAndPruneDeletes) {
  for (int i = 0; i < 30; ++i) attempt("a@x.y", "10.0.0.1");
  EXPECT_EQ(count("sign_in_attempts"), 2);
  access->throttle.prune();
  EXPECT_EQ(count("sign_in_attempts"), 2);
  clock.advance(limits::kForgetAttempts);
  for (int i = 0; i < limits::kFreeAccountAttempts; ++i) EXPECT_EQ(attempt("a@x.y", "9.9.9.9"), 0);
  access->throttle.prune();
  EXPECT_EQ(count("sign_in_attempts"), 2);  // the account and the new address
}

TEST_F(SignInThrottleTest, Addresses) {
  EXPECT_EQ(throttle_address("10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(throttle_address("::ffff:10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(throttle_address("2001:db8::1"), throttle_address("2001:db8::2"));
  EXPECT_NE(throttle_address("2001:db8::1"), throttle_address("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace rapport
