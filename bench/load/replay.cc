#include "load/replay.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rapport::bench {
namespace {

class FileSource final : public RequestSource {
 public:
  FileSource(const std::string& file, bool once) : once_(once) {
    std::ifstream in(file, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
    std::string_view rest = bytes_;
    while (!rest.empty()) {
      size_t size = 0;
      const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      const auto digits = static_cast<size_t>(read.ptr - rest.data());
      if (read.ec != std::errc() || size == 0 || rest.substr(digits, 1) != "\n" ||
          rest.size() - digits - 1 < size) {
        throw Error::invalid(file, "is not a file of requests with their sizes");
      }
      requests_.push_back(rest.substr(digits + 1, size));
      rest.remove_prefix(digits + 1 + size);
    }
    if (requests_.empty()) throw Error::invalid(file, "has no requests");
  }

  std::string_view next(size_t /*connection*/) override {
    if (next_ == requests_.size()) {
      if (once_) return {};
      next_ = 0;
    }
    return requests_[next_++];
  }

 private:
  bool once_;
  std::string bytes_;
  std::vector<std::string_view> requests_;
  size_t next_ = 0;
};

}  // namespace

LoadResult replay(const std::string& file, bool once, const LoadOptions& options) {
  FileSource source(file, once);
  return run_load(source, options);
}

std::string replay_summary(const LoadResult& result) {
  return fmt::format(
      R"({{"per_second":{:.0f},"p50_ms":{:.2f},"p99_ms":{:.2f},"worst_ms":{:.2f},"failures":{}}})",
      result.per_second(), result.percentile_us(0.5) / 1'000, result.percentile_us(0.99) / 1'000,
      result.percentile_us(1) / 1'000, result.failed);
}

}  // namespace rapport::bench
