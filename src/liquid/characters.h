// Characters (code points) of UTF-8 text, for positions and lengths as people count them.
//
// Tolerant: a byte that starts no valid sequence counts as one character. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace rapport::liquid {

/// Bytes of the first character; 0 for empty text.
inline size_t first_size(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  size_t size = 1;
  while (size < wanted && size < text.size() && (text[size] & 0xC0) == 0x80) ++size;
  return size;
}

inline size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); text.remove_prefix(first_size(text))) ++count;
  return count;
}

/// Byte offset after `count` characters, or the whole size when there are fewer.
inline size_t offset_of(std::string_view text, size_t count) {
  size_t offset = 0;
  while (count-- > 0 && offset < text.size()) offset += first_size(text.substr(offset));
  return offset;
}

}  // namespace rapport::liquid
