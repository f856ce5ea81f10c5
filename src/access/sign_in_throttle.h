// SignInThrottle: slows down guessing, per account and per network address.
//
// An attempt is counted before the password is looked at, so parallel guesses count too, and taken
// back when it was right. After limits::kFreeAccountAttempts (kFreeAddressAttempts) failures the
// wait doubles from 1 s to kMaxAccountWait (kMaxAddressWait); a quiet day forgets. Accounts that do
// not exist are counted alike. IPv6 addresses count by /64. Survives a restart. Thread-safe; calls
// block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits/access.h"
#include "runtime/clock.h"
#include "storage/state_store.h"

namespace rapport {

class SignInThrottle {
 public:
  SignInThrottle(StateStore& control, const Clock& clock) : control_(control), clock_(clock) {}

  /// Counts an attempt, or throws kTooManyRequests with the time to wait and counts nothing.
  void begin(std::string_view email, std::string_view ip);
  /// The password was right: forgets the account's failures and takes one back from the address.
  void succeeded(std::string_view email, std::string_view ip);
  /// The password was not looked at after all: takes the attempt back from both.
  void take_back(std::string_view email, std::string_view ip);
  /// Deletes what a quiet day made void, and the oldest rows beyond limits::kMaxThrottleRows.
  void prune();

 private:
  StateStore& control_;
  const Clock& clock_;
};

/// What addresses are counted by: IPv4 whole, IPv6 by its first 64 bits, else the text.
std::string throttle_address(std::string_view ip);

}  // namespace rapport
