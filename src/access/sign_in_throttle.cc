#include "access/sign_in_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace rapport {
namespace {

constexpr std::string_view kFind =
    "SELECT failures, last_at FROM sign_in_attempts WHERE key = $1 AND last_at > $2";
constexpr std::string_view kCount =
    "INSERT INTO sign_in_attempts (key, failures, last_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at";
constexpr std::string_view kForget = "DELETE FROM sign_in_attempts WHERE key = $1";
constexpr std::string_view kTakeBack =
    "UPDATE sign_in_attempts SET failures = failures - 1 WHERE key = $1 AND failures > 0";
constexpr std::string_view kPruneVoid = "DELETE FROM sign_in_attempts WHERE last_at <= $1";
constexpr std::string_view kPruneBeyond =
    "DELETE FROM sign_in_attempts WHERE last_at <= "
    "(SELECT last_at FROM sign_in_attempts ORDER BY last_at DESC LIMIT 1 OFFSET $1)";

struct Attempts {
  int64_t failures = 0;
  Timestamp last_at;
};

// Hashed: what was typed may be a password in the wrong field, and has no bound of its own.
std::string account_key(std::string_view email) {
  return "account:" + sha256_hex(to_lower_ascii(trim(email)));
}

std::string address_key(std::string_view ip) {
  return "address:" + throttle_address(ip);
}

std::chrono::seconds wait_after(int64_t failures, int64_t free, std::chrono::seconds longest) {
  if (failures < free) return std::chrono::seconds(0);
  const int64_t doublings = std::min<int64_t>(failures - free, 20);
  return std::min(longest, std::chrono::seconds(int64_t{1} << doublings));
}

Attempts read_attempts(Connection& c, const std::string& key, Timestamp now) {
  return c
      .find(
          kFind,
          [](Statement& s) {
            return Attempts{s.integer(0), s.time(1)};
          },
          key, now - limits::kForgetAttempts)
      .value_or(Attempts{});
}

/// What is left to wait; zero or less: may try.
Micros remaining(const Attempts& attempts, std::chrono::seconds wait, Timestamp now) {
  if (wait.count() == 0) return Micros(0);
  return attempts.last_at + wait - now;
}

}  // namespace

std::string throttle_address(std::string_view ip) {
  const std::string text(ip);
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text.substr(0, 64);
  const std::string_view bytes(reinterpret_cast<const char*>(v6.s6_addr), sizeof v6.s6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::array<char, INET_ADDRSTRLEN> out{};
    inet_ntop(AF_INET, v6.s6_addr + 12, out.data(), out.size());
    return out.data();
  }
  return hex_encode(bytes.substr(0, 8)) + "/64";
}

void SignInThrottle::begin(std::string_view email, std::string_view ip) {
  const Timestamp now = clock_.now();
  const std::string account = account_key(email);
  const std::string address = address_key(ip);
  control_.write([&](Connection& c) {
    const Attempts by_account = read_attempts(c, account, now);
    const Attempts by_address = read_attempts(c, address, now);
    const Micros left = std::max(
        remaining(
            by_account,
            wait_after(by_account.failures, limits::kFreeAccountAttempts, limits::kMaxAccountWait),
            now),
        remaining(
            by_address,
            wait_after(by_address.failures, limits::kFreeAddressAttempts, limits::kMaxAddressWait),
            now));
    if (left > Micros(0)) {
      throw Error(ErrorCode::kTooManyRequests, "Too many failed sign-ins; try again later.")
          .with_retry_after(std::chrono::ceil<std::chrono::seconds>(left));
    }
    c.run(kCount, account, by_account.failures + 1, now);
    c.run(kCount, address, by_address.failures + 1, now);
  });
}

void SignInThrottle::succeeded(std::string_view email, std::string_view ip) {
  control_.write([&](Connection& c) {
    c.run(kForget, account_key(email));
    c.run(kTakeBack, address_key(ip));
  });
}

void SignInThrottle::take_back(std::string_view email, std::string_view ip) {
  control_.write([&](Connection& c) {
    c.run(kTakeBack, account_key(email));
    c.run(kTakeBack, address_key(ip));
  });
}

void SignInThrottle::prune() {
  control_.write([&](Connection& c) {
    c.run(kPruneVoid, clock_.now() - limits::kForgetAttempts);
    c.run(kPruneBeyond, limits::kMaxThrottleRows);
  });
}

}  // namespace rapport
