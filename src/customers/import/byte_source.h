// A stream of bytes to import: a file or a text, plain or gzip (told apart by its first two bytes).
//
// Used by one thread. `stored_position` counts bytes of the file as stored, so position over size
// is the progress whatever the compression. Concatenated gzip members are one stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace rapport {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills at most `size` bytes; 0 only at the end. Throws Error when unreadable or not valid gzip.
  virtual size_t read(char* into, size_t size) = 0;
  virtual uint64_t stored_position() const = 0;
  virtual uint64_t stored_size() const = 0;
};

/// Throws Error(kInvalidArgument) with field `file` when the file cannot be opened.
std::unique_ptr<ByteSource> open_file_source(const std::string& path);
/// Plain or gzip bytes in memory.
std::unique_ptr<ByteSource> make_text_source(std::string bytes);

}  // namespace rapport
