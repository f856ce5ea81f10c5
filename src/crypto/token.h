// Bearer tokens: API keys, session ids, CSRF tokens. Random text and the hash that is stored of it.
//
// 32 base-62 digits carry 190 bits, so a plain SHA-256 is enough at rest: there is nothing to
// guess. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

inline constexpr size_t kTokenDigits = 32;

/// `prefix` ("wk_", "rk_", or empty) and 32 random base-62 digits.
std::string make_token(std::string_view prefix);
/// True for a text that `make_token(prefix)` could have made; cheap, to refuse noise early.
bool is_token(std::string_view prefix, std::string_view text);
/// What is stored and looked up: SHA-256 of the token, 64 hex digits.
std::string token_hash(std::string_view token);

}  // namespace rapport
