#include "crypto/token.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/sodium.h"

namespace rapport {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string make_token(std::string_view prefix) {
  detail::ensure_sodium();
  std::string token(prefix);
  token.reserve(prefix.size() + kTokenDigits);
  for (size_t i = 0; i < kTokenDigits; ++i) {
    token += kDigits[randombytes_uniform(static_cast<uint32_t>(kDigits.size()))];
  }
  return token;
}

bool is_token(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kTokenDigits || !text.starts_with(prefix)) return false;
  const auto digits = text.substr(prefix.size());
  return std::all_of(digits.begin(), digits.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

std::string token_hash(std::string_view token) {
  return sha256_hex(token);
}

}  // namespace rapport
