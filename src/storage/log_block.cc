#include "storage/log_block.h"

#include <fmt/format.h>
#include <zstd.h>

#include <optional>

#include "base/error.h"
#include "base/limits.h"

namespace rapport {
namespace {

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

std::optional<uint64_t> take_varint(std::string_view& in) {
  uint64_t value = 0;
  for (size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if ((byte & 0x80) == 0) {
      in.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

/// Splits `block.bytes` into its records; false when the framing is not right.
bool split_records(LogBlock& block, Offset first, uint64_t count) {
  std::string_view rest = block.bytes;
  if (take_varint(rest) != first || take_varint(rest) != count) return false;
  block.records.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const auto size = take_varint(rest);
    if (!size || *size > rest.size()) return false;
    block.records.push_back(rest.substr(0, *size));
    rest.remove_prefix(*size);
  }
  return rest.empty();
}

}  // namespace

struct LogBlockCodec::Contexts {
  ZSTD_CCtx* compress = nullptr;
  ZSTD_DCtx* decompress = nullptr;
  ~Contexts() {
    ZSTD_freeCCtx(compress);
    ZSTD_freeDCtx(decompress);
  }
};

LogBlockCodec::LogBlockCodec() : contexts_(std::make_unique<Contexts>()) {}
LogBlockCodec::~LogBlockCodec() = default;

std::string_view LogBlockCodec::encode(Offset first, std::span<const std::string> records) {
  size_t total = 32;
  for (const auto& record : records) total += record.size() + 10;
  if (records.empty() || records.size() > limits::kMaxLogBlockEvents ||
      total > limits::kMaxLogBlockBytes) {
    throw Error(ErrorCode::kPayloadTooLarge, "Too much for one block of the event log.",
                fmt::format("{} records, {} bytes", records.size(), total));
  }
  plain_.clear();
  plain_.reserve(total);
  put_varint(plain_, first);
  put_varint(plain_, records.size());
  for (const auto& record : records) {
    put_varint(plain_, record.size());
    plain_ += record;
  }
  if (contexts_->compress == nullptr) {
    contexts_->compress = ZSTD_createCCtx();
    ENSURE(contexts_->compress != nullptr);
    ZSTD_CCtx_setParameter(contexts_->compress, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(contexts_->compress, ZSTD_c_checksumFlag, 1);
  }
  const size_t bound = ZSTD_compressBound(plain_.size());
  if (packed_.size() < bound) packed_.resize(bound);
  const size_t size = ZSTD_compress2(contexts_->compress, packed_.data(), packed_.size(),
                                     plain_.data(), plain_.size());
  ENSURE(ZSTD_isError(size) == 0);
  return {packed_.data(), size};
}

void LogBlockCodec::decode(std::string_view bytes, Offset first, uint64_t count, LogBlock& block) {
  const auto damaged = [&](std::string_view why) {
    return Error(ErrorCode::kCorrupted,
                 fmt::format("The block at offset {} of the event log is damaged.", first),
                 fmt::format("event log block at offset {}, {} records, {} bytes: {}", first, count,
                             bytes.size(), why));
  };
  if (contexts_->decompress == nullptr) {
    contexts_->decompress = ZSTD_createDCtx();
    ENSURE(contexts_->decompress != nullptr);
  }
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  // Both error values of the function are larger than any block.
  if (size > limits::kMaxLogBlockBytes) throw damaged("no frame");
  block.first = first;
  block.records.clear();
  block.bytes.resize(size);
  const size_t got = ZSTD_decompressDCtx(contexts_->decompress, block.bytes.data(), size,
                                         bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0) throw damaged(ZSTD_getErrorName(got));
  if (got != size || count > limits::kMaxLogBlockEvents || !split_records(block, first, count)) {
    throw damaged("records");
  }
}

}  // namespace rapport
