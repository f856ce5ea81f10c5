#include "messaging/content/picture.h"

#include <gd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/limits/content.h"

namespace rapport {
namespace {

constexpr int kJpegQuality = 85;

struct GdDestroy {
  void operator()(gdImagePtr image) const { gdImageDestroy(image); }
};
using GdImage = std::unique_ptr<gdImage, GdDestroy>;

uint32_t big_endian(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

uint32_t little_endian(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = size; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

std::optional<PictureInfo> read_png(std::string_view bytes) {
  if (bytes.size() < 33 || bytes.substr(12, 4) != "IHDR") return std::nullopt;
  PictureInfo info{"image/png", 0, 0, 1, false};
  info.width = static_cast<int>(big_endian(bytes, 16, 4) & 0x7FFFFFFF);
  info.height = static_cast<int>(big_endian(bytes, 20, 4) & 0x7FFFFFFF);
  info.animated = bytes.substr(0, 4'096).find("acTL") != std::string_view::npos;
  return info;
}

/// EXIF's orientation: tag 0x0112 of the first directory of its TIFF part.
int read_orientation(std::string_view exif) {
  if (!exif.starts_with(std::string_view("Exif\0\0", 6))) return 1;
  const std::string_view tiff = exif.substr(6);
  if (tiff.size() < 10) return 1;
  const bool big = tiff.starts_with("MM");
  const auto number = [&](size_t at, size_t size) {
    return big ? big_endian(tiff, at, size) : little_endian(tiff, at, size);
  };
  const size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) return 1;
  const size_t count = number(directory, 2);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.size()) return 1;
    if (number(entry, 2) == 0x0112) return static_cast<int>(number(entry + 8, 2));
  }
  return 1;
}

std::optional<PictureInfo> read_jpeg(std::string_view bytes) {
  PictureInfo info{"image/jpeg", 0, 0, 1, false};
  for (size_t at = 2; at + 9 < bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) != 0xFF) return std::nullopt;
    const auto marker = static_cast<unsigned char>(bytes[at + 1]);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const size_t size = big_endian(bytes, at + 2, 2);
    if (size < 2) return std::nullopt;
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      info.height = static_cast<int>(big_endian(bytes, at + 5, 2));
      info.width = static_cast<int>(big_endian(bytes, at + 7, 2));
      return info;
    }
    if (marker == 0xE1) info.orientation = read_orientation(bytes.substr(at + 4, size - 2));
    at += 2 + size;
  }
  return std::nullopt;
}

std::optional<PictureInfo> read_gif(std::string_view bytes) {
  if (bytes.size() < 13) return std::nullopt;
  PictureInfo info{"image/gif", 0, 0, 1, false};
  info.width = static_cast<int>(little_endian(bytes, 6, 2));
  info.height = static_cast<int>(little_endian(bytes, 8, 2));
  info.animated = bytes.find("NETSCAPE2.0") != std::string_view::npos;
  return info;
}

GdImage decode(const PictureInfo& info, std::string& bytes) {
  const auto size = static_cast<int>(bytes.size());
  gdImagePtr image = nullptr;
  if (info.content_type == "image/png") image = gdImageCreateFromPngPtr(size, bytes.data());
  if (info.content_type == "image/jpeg") image = gdImageCreateFromJpegPtr(size, bytes.data());
  if (info.content_type == "image/gif") image = gdImageCreateFromGifPtr(size, bytes.data());
  return GdImage(image);
}

std::string encode(const PictureInfo& info, gdImagePtr image) {
  int size = 0;
  void* data = nullptr;
  if (info.content_type == "image/jpeg") {
    data = gdImageJpegPtr(image, &size, kJpegQuality);
  } else if (info.content_type == "image/gif") {
    gdImageTrueColorToPalette(image, 1, 256);
    data = gdImageGifPtr(image, &size);
  } else {
    gdImageSaveAlpha(image, 1);
    data = gdImagePngPtr(image, &size);
  }
  if (data == nullptr) throw Error(ErrorCode::kInternal, "The picture could not be written");
  std::string bytes(static_cast<const char*>(data), static_cast<size_t>(size));
  gdFree(data);
  return bytes;
}

GdImage upright(GdImage image, int orientation) {
  const float degrees = orientation == 3 ? 180.F : orientation == 6 ? 270.F : 90.F;
  if (orientation != 3 && orientation != 6 && orientation != 8) return image;
  return GdImage(gdImageRotateInterpolated(image.get(), degrees, 0));
}

Error damaged() {
  return Error::invalid("data", "is a damaged picture");
}

}  // namespace

std::optional<PictureInfo> read_picture_header(std::string_view bytes) {
  std::optional<PictureInfo> info;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) info = read_png(bytes);
  if (bytes.starts_with("\xFF\xD8\xFF")) info = read_jpeg(bytes);
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) info = read_gif(bytes);
  if (info && (info->width <= 0 || info->height <= 0)) return std::nullopt;
  return info;
}

Picture prepare_picture(std::string bytes, int max_width) {
  const auto info = read_picture_header(bytes);
  if (!info) throw Error::invalid("data", "is not a PNG, JPEG or GIF picture");
  const auto pixels = static_cast<int64_t>(info->width) * info->height;
  if (pixels > limits::kMaxPicturePixels) {
    throw Error::invalid("data",
                         "has more than " + std::to_string(limits::kMaxPicturePixels) + " pixels");
  }
  const bool turned = info->orientation == 6 || info->orientation == 8;
  const int shown_width = turned ? info->height : info->width;
  if (info->animated) {
    if (info->width > max_width) {
      throw Error::invalid("data",
                           "moves and is wider than " + std::to_string(max_width) + " pixels");
    }
    return {*info, std::move(bytes)};
  }
  static std::mutex one_at_a_time;  // each may take a hundred megabytes
  const std::lock_guard lock(one_at_a_time);
  GdImage image = decode(*info, bytes);
  if (!image) throw damaged();
  if (info->orientation == 1 && shown_width <= max_width) return {*info, std::move(bytes)};
  image = upright(std::move(image), info->orientation);
  if (!image) throw damaged();
  if (gdImageSX(image.get()) > max_width) {
    const auto height = static_cast<unsigned>(std::max<int64_t>(
        1, static_cast<int64_t>(gdImageSY(image.get())) * max_width / gdImageSX(image.get())));
    image.reset(gdImageScale(image.get(), static_cast<unsigned>(max_width), height));
    if (!image) throw damaged();
  }
  Picture picture{*info, encode(*info, image.get())};
  picture.info.width = gdImageSX(image.get());
  picture.info.height = gdImageSY(image.get());
  picture.info.orientation = 1;
  return picture;
}

}  // namespace rapport
