// PasswordGate: Argon2id for few at a time, so that sign-ins cannot take all memory and all cores.
//
// At most limits::kPasswordHashers run, limits::kPasswordWaiters wait; beyond that kUnavailable
// with Retry-After. Thread-safe; a call takes tens of milliseconds and 64 MiB.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include "base/limits/access.h"

namespace rapport {

class PasswordGate {
 public:
  /// Stands in for the hash of an account that does not exist; nobody knows its password.
  static const std::string& unknown_account_hash();

  /// An Argon2id text to store.
  std::string hash(std::string_view password);
  /// False when the password is wrong. An empty `hash` takes as long and is always false.
  bool verify(const std::string& hash, std::string_view password);

 private:
  class Turn;

  std::mutex mutex_;
  std::condition_variable free_;
  size_t running_ = 0;
  size_t waiting_ = 0;
};

}  // namespace rapport
