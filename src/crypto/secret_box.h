// Small secrets at rest (a provider's password): XChaCha20-Poly1305 with a random nonce.
//
// The result is nonce, ciphertext and tag: 40 bytes longer than the secret. `context` is bound, not
// stored: a box sealed for one row does not open in another. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "crypto/secret_key.h"

namespace rapport {

/// Raw bytes to store as a BLOB.
std::string seal_secret(const SecretKey& key, std::string_view secret, std::string_view context);
/// Throws kCorrupted when the box was altered, cut, or sealed with another key or context.
std::string open_secret(const SecretKey& key, std::string_view box, std::string_view context);

}  // namespace rapport
