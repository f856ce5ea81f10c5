// The only source of chance. Production asks the kernel; tests, the demo shop and rehearsals use a
// seed.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace rapport {

/// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t next() = 0;
  /// Uniform in [0, bound); bound > 0. Lemire's multiply-shift; bias below 2^-32 for bound < 2^32.
  uint64_t below(uint64_t bound);
  /// Uniform in [0, 1) with 53 bits.
  double uniform();
  /// `count` random bytes.
  std::string bytes(size_t count);
};

/// getrandom(2): fit for secrets.
class SystemRandom final : public Random {
 public:
  uint64_t next() override;
};

/// SplitMix64 from a seed (Steele, Lea, Flood 2014): the same seed gives the same walk. Not for
/// secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() override;

 private:
  std::mutex mutex_;
  uint64_t state_;
};

/// RFC 9562 version 4 UUID text.
std::string make_uuid(Random& random);

}  // namespace rapport
