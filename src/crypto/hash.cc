#include "crypto/hash.h"

#include <sodium.h>

#include <cstring>
#include <vector>

#include "base/text.h"
#include "crypto/sodium.h"

namespace rapport {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// `parts` with their sizes, one after the other; on the stack when they are short.
class Joined {
 public:
  explicit Joined(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) size_ += sizeof(uint32_t) + part.size();
    if (size_ > short_.size()) long_.resize(size_);
    unsigned char* at = size_ > short_.size() ? long_.data() : short_.data();
    data_ = at;
    for (const auto part : parts) {
      const auto size = static_cast<uint32_t>(part.size());
      std::memcpy(at, &size, sizeof size);
      if (size > 0) std::memcpy(at + sizeof size, part.data(), size);
      at += sizeof size + size;
    }
  }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;
  const unsigned char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::array<unsigned char, 512> short_;
  std::vector<unsigned char> long_;
  const unsigned char* data_ = nullptr;
  size_t size_ = 0;
};

/// `key` null: plain BLAKE2b.
template <size_t N>
std::array<char, N> hash_parts(const unsigned char* key,
                               std::initializer_list<std::string_view> parts) {
  detail::ensure_sodium();
  const size_t key_bytes = key == nullptr ? 0 : SecretKey::kBytes;
  std::array<char, N> out;
  auto* const result = reinterpret_cast<unsigned char*>(out.data());
  const Joined joined(parts);
  crypto_generichash(result, N, joined.data(), joined.size(), key, key_bytes);
  return out;
}

}  // namespace

Key128 hash_128(std::initializer_list<std::string_view> parts) {
  return hash_parts<16>(nullptr, parts);
}

Key128 table_hash_128(std::initializer_list<std::string_view> parts) {
  static const auto key = [] {
    detail::ensure_sodium();
    std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
  }();
  static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(Key128));
  const Joined joined(parts);
  Key128 out;
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(out.data()), joined.data(),
                              joined.size(), key.data());
  return out;
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
