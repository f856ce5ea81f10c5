// The bytes of one event log block: how a group of records is packed, compressed and checked.
//
// A block is one zstd frame (level 1, with content checksum) of: first offset, number of records,
// then each record's length and bytes; numbers are LEB128. A block that was cut, altered or moved
// to another place does not decode. Pure; a codec is used by one thread at a time. Limits:
// limits::kMaxLogBlockEvents records, limits::kMaxLogBlockBytes before compression.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace rapport {

/// A decoded block; records are views into `bytes`.
struct LogBlock {
  Offset first = 0;
  std::string bytes;
  std::vector<std::string_view> records;

  LogBlock() = default;
  LogBlock(const LogBlock&) = delete;  // the views point into this very string
  LogBlock& operator=(const LogBlock&) = delete;
};

class LogBlockCodec {
 public:
  LogBlockCodec();
  ~LogBlockCodec();
  LogBlockCodec(const LogBlockCodec&) = delete;
  LogBlockCodec& operator=(const LogBlockCodec&) = delete;

  /// The block's bytes, valid until the next call. kPayloadTooLarge beyond the limits.
  std::string_view encode(Offset first, std::span<const std::string> records);
  /// Throws kCorrupted, naming the block, unless `bytes` are what `encode` gave for this offset and
  /// number of records.
  void decode(std::string_view bytes, Offset first, uint64_t count, LogBlock& block);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
  std::string plain_;
  std::string packed_;
};

}  // namespace rapport
