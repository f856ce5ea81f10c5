#include "crypto/secret_box.h"

#include <sodium.h>

#include "base/error.h"
#include "crypto/sodium.h"

namespace rapport {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string seal_secret(const SecretKey& key, std::string_view secret, std::string_view context) {
  detail::ensure_sodium();
  std::string box(kNonceBytes + secret.size() + kTagBytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(box.data());
  randombytes_buf(bytes, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + kNonceBytes, nullptr, bytes_of(secret),
                                             secret.size(), bytes_of(context), context.size(),
                                             nullptr, bytes, key.data());
  return box;
}

std::string open_secret(const SecretKey& key, std::string_view box, std::string_view context) {
  detail::ensure_sodium();
  const Error damaged(ErrorCode::kCorrupted, "A stored secret cannot be read.",
                      "secret box does not open with this key and context");
  if (box.size() < kNonceBytes + kTagBytes) throw damaged;
  std::string secret(box.size() - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(secret.data()),
                                                 nullptr, nullptr, bytes_of(box) + kNonceBytes,
                                                 box.size() - kNonceBytes, bytes_of(context),
                                                 context.size(), bytes_of(box), key.data()) != 0) {
    throw damaged;
  }
  return secret;
}

}  // namespace rapport
