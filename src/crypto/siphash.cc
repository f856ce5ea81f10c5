#include "crypto/siphash.h"

#include <sodium.h>

#include <array>

namespace rapport {

uint64_t siphash_64(const Key128& key, std::string_view bytes) {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(Key128));
  std::array<unsigned char, crypto_shorthash_BYTES> out;
  crypto_shorthash(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                   reinterpret_cast<const unsigned char*>(key.data()));
  uint64_t value = 0;
  for (size_t i = out.size(); i-- > 0;) value = value << 8 | out[i];
  return value;
}

}  // namespace rapport
