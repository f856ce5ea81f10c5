// Hashes and message authentication: BLAKE2b with a key, SHA-256, HMAC-SHA-256, comparison.
//
// Keyed hashes take any number of parts and are unambiguous: ("ab","c") and ("a","bc") differ.
// BLAKE2b (RFC 7693) for what only Rapport reads: message keys, link signatures; SHA-256 and HMAC
// (FIPS 180-4, RFC 2104) where an outside standard asks for them. Pure and thread-safe.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/secret_key.h"

namespace rapport {

using Key128 = std::array<char, 16>;
using Key256 = std::array<char, 32>;

/// 128 bits of plain BLAKE2b over `parts`: a name for content, not a secret.
Key128 hash_128(std::initializer_list<std::string_view> parts);
/// 128 bits of SipHash-2-4 over `parts` under a key that is new in every process: for tables in
/// memory, never stored or sent. A tenth of the time of the others.
Key128 table_hash_128(std::initializer_list<std::string_view> parts);
/// 128 bits of keyed BLAKE2b over `parts`; about 0.3 µs for short ones.
Key128 keyed_hash_128(const SecretKey& key, std::initializer_list<std::string_view> parts);
/// 256 bits of keyed BLAKE2b over `parts`: a signature only the key's holder can make.
Key256 keyed_hash_256(const SecretKey& key, std::initializer_list<std::string_view> parts);

/// 32 raw bytes.
std::string sha256(std::string_view bytes);
/// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// 32 raw bytes; `key` of any length.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Takes the same time wherever the first difference is; false when lengths differ.
bool constant_time_equal(std::string_view a, std::string_view b);

template <size_t N>
std::string_view as_view(const std::array<char, N>& bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace rapport
