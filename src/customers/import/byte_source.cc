#include "customers/import/byte_source.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace rapport {
namespace {

constexpr size_t kChunkBytes = 256 * 1024;

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::string& path) : file_(std::fopen(path.c_str(), "rb")) {
    struct stat status {};
    if (!file_) throw Error::invalid("file", path + ": " + std::strerror(errno));
    if (fstat(fileno(file_.get()), &status) != 0 || !S_ISREG(status.st_mode)) {
      throw Error::invalid("file", path + ": not a regular file");
    }
    size_ = static_cast<uint64_t>(status.st_size);
  }
  size_t read(char* into, size_t size) override {
    const size_t count = std::fread(into, 1, size, file_.get());
    if (count < size && std::ferror(file_.get())) {
      throw Error::invalid("file", "reading failed after " + std::to_string(position_) + " bytes");
    }
    position_ += count;
    return count;
  }
  uint64_t stored_position() const override { return position_; }
  uint64_t stored_size() const override { return size_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t position_ = 0;
  uint64_t size_ = 0;
};

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t read(char* into, size_t size) override {
    const size_t count = std::min(size, bytes_.size() - position_);
    std::memcpy(into, bytes_.data() + position_, count);
    position_ += count;
    return count;
  }
  uint64_t stored_position() const override { return position_; }
  uint64_t stored_size() const override { return bytes_.size(); }

 private:
  std::string bytes_;
  size_t position_ = 0;
};

/// Gives back the two bytes that were looked at, then the rest.
class PeekedSource final : public ByteSource {
 public:
  PeekedSource(std::string head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}
  size_t read(char* into, size_t size) override {
    if (given_ == head_.size()) return rest_->read(into, size);
    const size_t count = std::min(size, head_.size() - given_);
    std::memcpy(into, head_.data() + given_, count);
    given_ += count;
    return count;
  }
  uint64_t stored_position() const override { return rest_->stored_position(); }
  uint64_t stored_size() const override { return rest_->stored_size(); }

 private:
  std::string head_;
  size_t given_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> stored)
      : stored_(std::move(stored)), input_(kChunkBytes) {
    ENSURE(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK);
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  size_t read(char* into, size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, kChunkBytes * 16));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0 && !refill()) {
        if (in_member_) fail("ends in the middle");
        return 0;
      }
      in_member_ = true;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        in_member_ = false;
        inflateReset(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail("is damaged");
      }
    }
    return wanted - stream_.avail_out;
  }
  uint64_t stored_position() const override { return stored_->stored_position(); }
  uint64_t stored_size() const override { return stored_->stored_size(); }

 private:
  bool refill() {
    const size_t count = stored_->read(input_.data(), input_.size());
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }
  [[noreturn]] void fail(const char* how) const {
    throw Error::invalid("file", std::string("the gzip data ") + how + " (near byte " +
                                     std::to_string(stored_->stored_position()) + ")");
  }

  std::unique_ptr<ByteSource> stored_;
  std::vector<char> input_;
  z_stream stream_{};
  bool in_member_ = false;
};

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> stored) {
  std::string head(2, '\0');
  size_t filled = 0;
  while (filled < head.size()) {
    const size_t count = stored->read(head.data() + filled, head.size() - filled);
    if (count == 0) break;
    filled += count;
  }
  head.resize(filled);
  const bool gzip = head == "\x1f\x8b";
  auto whole = std::make_unique<PeekedSource>(std::move(head), std::move(stored));
  if (!gzip) return whole;
  return std::make_unique<GzipSource>(std::move(whole));
}

}  // namespace

std::unique_ptr<ByteSource> open_file_source(const std::string& path) {
  return decompressed(std::make_unique<FileSource>(path));
}

std::unique_ptr<ByteSource> make_text_source(std::string bytes) {
  return decompressed(std::make_unique<TextSource>(std::move(bytes)));
}

}  // namespace rapport
