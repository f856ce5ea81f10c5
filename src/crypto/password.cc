#include "crypto/password.h"

#include <sodium.h>

#include "base/error.h"
#include "crypto/sodium.h"

namespace rapport {

std::string hash_password(std::string_view password) {
  detail::ensure_sodium();
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(),
                            crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::kUnavailable, "The server has no memory left for this now.",
                "Argon2id could not allocate its memory");
  }
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(const std::string& hash, std::string_view password) {
  detail::ensure_sodium();
  // libsodium reads a fixed buffer up to its terminator.
  if (hash.size() >= crypto_pwhash_STRBYTES) return false;
  std::string fixed = hash;
  fixed.resize(crypto_pwhash_STRBYTES);
  return crypto_pwhash_str_verify(fixed.c_str(), password.data(), password.size()) == 0;
}

bool password_needs_rehash(const std::string& hash) {
  detail::ensure_sodium();
  if (hash.size() >= crypto_pwhash_STRBYTES) return true;
  std::string fixed = hash;
  fixed.resize(crypto_pwhash_STRBYTES);
  return crypto_pwhash_str_needs_rehash(fixed.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0;
}

}  // namespace rapport
