#include "crypto/hash.h"

#include <sodium.h>

#include <cstring>

#include "base/text.h"
#include "crypto/sodium.h"

namespace rapport {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// `key` null: plain BLAKE2b.
template <size_t N>
std::array<char, N> hash_parts(const unsigned char* key,
                               std::initializer_list<std::string_view> parts) {
  detail::ensure_sodium();
  const size_t key_bytes = key == nullptr ? 0 : SecretKey::kBytes;
  std::array<char, N> out;
  auto* const result = reinterpret_cast<unsigned char*>(out.data());
  // Short inputs, the common case, are joined on the stack: one call instead of a streaming state.
  std::array<unsigned char, 512> joined;
  size_t total = 0;
  for (const auto part : parts) total += sizeof(uint32_t) + part.size();
  if (total <= joined.size()) {
    size_t at = 0;
    for (const auto part : parts) {
      const auto size = static_cast<uint32_t>(part.size());
      std::memcpy(joined.data() + at, &size, sizeof size);
      if (size > 0) std::memcpy(joined.data() + at + sizeof size, part.data(), size);
      at += sizeof size + size;
    }
    crypto_generichash(result, N, joined.data(), total, key, key_bytes);
    return out;
  }
  crypto_generichash_state state;
  crypto_generichash_init(&state, key, key_bytes, N);
  for (const auto part : parts) {
    const auto size = static_cast<uint32_t>(part.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
    crypto_generichash_update(&state, bytes_of(part), part.size());
  }
  crypto_generichash_final(&state, result, N);
  return out;
}

}  // namespace

Key128 hash_128(std::initializer_list<std::string_view> parts) {
  return hash_parts<16>(nullptr, parts);
}

Key128 keyed_hash_128(const SecretKey& key, std::initializer_list<std::string_view> parts) {
  return hash_parts<16>(key.data(), parts);
}

Key256 keyed_hash_256(const SecretKey& key, std::initializer_list<std::string_view> parts) {
  return hash_parts<32>(key.data(), parts);
}

std::string sha256(std::string_view bytes) {
  detail::ensure_sodium();
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes), bytes.size());
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  return hex_encode(sha256(bytes));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  detail::ensure_sodium();
  std::string out(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
  sodium_memzero(&state, sizeof state);
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace rapport
