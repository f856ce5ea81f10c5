#include "access/password_gate.h"

#include "base/error.h"
#include "base/limits/access.h"
#include "crypto/password.h"

namespace rapport {
const std::string& PasswordGate::unknown_account_hash() {
  // With today's parameters, or an unknown account would answer faster than a known one.
  static const std::string hash =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
      "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
  return hash;
}

class PasswordGate::Turn {
 public:
  explicit Turn(PasswordGate& gate) : gate_(gate) {
    std::unique_lock lock(gate_.mutex_);
    if (gate_.running_ >= limits::kPasswordHashers) {
      if (gate_.waiting_ >= limits::kPasswordWaiters) {
        throw Error(ErrorCode::kUnavailable, "Too many sign-ins at once; try again shortly.")
            .with_retry_after(std::chrono::seconds(1));
      }
      ++gate_.waiting_;
      gate_.free_.wait(lock, [&] { return gate_.running_ < limits::kPasswordHashers; });
      --gate_.waiting_;
    }
    ++gate_.running_;
  }
  ~Turn() {
    {
      const std::lock_guard lock(gate_.mutex_);
      --gate_.running_;
    }
    gate_.free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  PasswordGate& gate_;
};

std::string PasswordGate::hash(std::string_view password) {
  const Turn turn(*this);
  return hash_password(password);
}

bool PasswordGate::verify(const std::string& hash, std::string_view password) {
  const Turn turn(*this);
  if (hash.empty()) {
    verify_password(unknown_account_hash(), password);
    return false;
  }
  return verify_password(hash, password);
}

}  // namespace rapport
