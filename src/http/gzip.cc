#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace rapport {
namespace {

constexpr int kGzipWindow = 15 + 16;  // largest window, gzip framing only

class Inflater {
 public:
  Inflater() { ENSURE(inflateInit2(&stream_, kGzipWindow) == Z_OK); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream& fresh() {
    inflateReset(&stream_);
    return stream_;
  }

 private:
  z_stream stream_{};
};

Bytef* input_pointer(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

Error malformed() {
  return Error::invalid("body", "is not valid gzip");
}

}  // namespace

std::string gzip_compress(std::string_view bytes, int level) {
  z_stream stream{};
  ENSURE(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = input_pointer(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  ENSURE(result == Z_STREAM_END);
  return out;
}

std::string gzip_decompress(std::string_view bytes, size_t max_bytes) {
  thread_local Inflater inflater;
  z_stream& stream = inflater.fresh();
  stream.next_in = input_pointer(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  size_t used = 0;
  for (;;) {
    if (used == out.size()) {
      // One byte more than allowed: reaching it proves the text is too long.
      const size_t wanted =
          std::max<size_t>(out.size() * 2, std::max<size_t>(bytes.size() * 4, 4096));
      out.resize(std::min(wanted, max_bytes + 1));
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    const int result = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (used > max_bytes) throw Error(ErrorCode::kPayloadTooLarge, "The body expands too far");
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) throw malformed();
    } else if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out != 0)) {
      throw malformed();
    }
  }
  out.resize(used);
  return out;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  for (const std::string_view item : split(accept_encoding, ',')) {
    const size_t semicolon = item.find(';');
    if (!equals_ignore_case(trim(item.substr(0, semicolon)), coding)) continue;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = trim(item.substr(semicolon + 1));
    return parse_number(weight.starts_with("q=") ? weight.substr(2) : "1").value_or(0) > 0;
  }
  return false;
}

}  // namespace rapport
