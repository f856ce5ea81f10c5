// The percent bucket of a customer under a salt: a fixed number, so ranges under one salt are
// nested and disjoint ones stay disjoint, while two salts are independent.
//
// floor(SipHash-2-4(id as 8 little-endian bytes) * 10000 / 2^64), keyed with the first 16 bytes of
// the salt's SHA-256. A merged customer has the bucket of the survivor. Pure, thread-safe.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "crypto/hash.h"

namespace rapport {

class BucketHash {
 public:
  explicit BucketHash(std::string_view salt);
  /// 0 to 9,999: hundredths of a percent.
  int of(CustomerId customer) const;

 private:
  Key128 key_;
};

}  // namespace rapport
