// gzip over zlib, with a bound on what comes out. Thread-safe; scratch memory is kept per thread.
#pragma once

#include <string>
#include <string_view>

namespace rapport {

/// A gzip file of `bytes`; level 1 to 9.
std::string gzip_compress(std::string_view bytes, int level = 5);

/// Throws kInvalidArgument (field "body") when `bytes` is not gzip to its end, kPayloadTooLarge
/// when it would expand beyond `max_bytes`. Several members in a row are one text.
std::string gzip_decompress(std::string_view bytes, size_t max_bytes);

/// True when an Accept-Encoding value lists `coding` and does not weigh it zero.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace rapport
