// SipHash-2-4 (Aumasson, Bernstein) under a key of the caller: the same for ever, so what comes of
// it may be stored. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/hash.h"

namespace rapport {

uint64_t siphash_64(const Key128& key, std::string_view bytes);

}  // namespace rapport
