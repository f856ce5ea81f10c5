// Pictures for messages: what an uploaded file says of itself, and making it no wider than needed.
//
// PNG, JPEG and GIF, which every mail program shows. The header is read before anything is decoded:
// a picture of too many pixels is refused by what it claims, however small its file is. Pure; a
// decoding takes at most limits::kMaxPicturePixels * 4 bytes, and the same again for the result.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rapport {

struct PictureInfo {
  std::string content_type;  // "image/png", "image/jpeg", "image/gif"
  int width = 0;
  int height = 0;
  int orientation = 1;  // of a JPEG's EXIF: 1 upright, 3, 6, 8 turned
  bool animated = false;
};

/// From the header alone; null when it is none of the three.
std::optional<PictureInfo> read_picture_header(std::string_view bytes);

struct Picture {
  PictureInfo info;
  std::string bytes;
};

/// The picture as it is kept: upright and at most `max_width` wide. Throws kInvalidArgument with
/// field "data" when it is too large, damaged, or moving and too wide.
Picture prepare_picture(std::string bytes, int max_width);

}  // namespace rapport
