#include "runtime/random.h"

#include <fmt/format.h>
#include <sys/random.h>

#include "base/error.h"

namespace rapport {

__extension__ using Wide = unsigned __int128;

uint64_t Random::below(uint64_t bound) {
  ASSERT(bound > 0);
  return static_cast<uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string Random::bytes(size_t count) {
  std::string out;
  out.reserve(count + 8);
  while (out.size() < count) {
    uint64_t word = next();
    for (int i = 0; i < 8; ++i, word >>= 8) out += static_cast<char>(word & 0xFF);
  }
  out.resize(count);
  return out;
}

uint64_t SystemRandom::next() {
  uint64_t word = 0;
  ASSERT(getrandom(&word, sizeof word, 0) == static_cast<ssize_t>(sizeof word));
  return word;
}

uint64_t SeededRandom::next() {
  const std::lock_guard lock(mutex_);
  uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

std::string make_uuid(Random& random) {
  const uint64_t high = (random.next() & 0xFFFFFFFFFFFF0FFFull) | 0x4000;
  const uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFull) | 0x8000000000000000ull;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFFull);
}

}  // namespace rapport
