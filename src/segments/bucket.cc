#include "segments/bucket.h"

#include <algorithm>
#include <array>

#include "crypto/siphash.h"

namespace rapport {

BucketHash::BucketHash(std::string_view salt) {
  const std::string digest = sha256(salt);
  std::copy_n(digest.begin(), key_.size(), key_.begin());
}

int BucketHash::of(CustomerId customer) const {
  std::array<char, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(customer.value >> (8 * i) & 0xFF);
  }
  const uint64_t hash = siphash_64(key_, {bytes.data(), bytes.size()});
  // The upper half alone decides: 2^32 / 10,000 is far finer than a hundredth of a percent.
  return static_cast<int>((hash >> 32) * 10'000 >> 32);
}

}  // namespace rapport
