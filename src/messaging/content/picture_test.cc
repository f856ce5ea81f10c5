#include "messaging/content/picture.h"

#include <gd.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace rapport {
namespace {

std::string taken(void* data, int size) {
  std::string bytes(static_cast<const char*>(data), static_cast<size_t>(size));
  gdFree(data);
  return bytes;
}

struct Drawn {
  std::string png, jpeg, gif;
};

Drawn draw(int width, int height) {
  gdImagePtr image = gdImageCreateTrueColor(width, height);
  gdImageFilledRectangle(image, 0, 0, width / 2, height, gdTrueColor(200, 30, 40));
  int size = 0;
  Drawn drawn;
  void* data = gdImagePngPtr(image, &size);
  drawn.png = taken(data, size);
  data = gdImageJpegPtr(image, &size, 80);
  drawn.jpeg = taken(data, size);
  data = gdImageGifPtr(image, &size);
  drawn.gif = taken(data, size);
  gdImageDestroy(image);
  return drawn;
}

TEST(Picture, HeadersAreRead) {
  const Drawn drawn = draw(30, 20);
  const std::pair<const std::string&, const char*> cases[] = {
      {drawn.png, "image/png"}, {drawn.jpeg, "image/jpeg"}, {drawn.gif, "image/gif"}};
  for (const auto& [bytes, type] : cases) {
    const auto info = read_picture_header(bytes);
    ASSERT_TRUE(info) << type;
    EXPECT_EQ(info->content_type, type);
    EXPECT_EQ(info->width, 30);
    EXPECT_EQ(info->height, 20);
    for (size_t size = 0; size < bytes.size(); ++size) read_picture_header(bytes.substr(0, size));
  }
  for (const char* text : {"", "<svg/>", "GIF", "RIFF....WEBP", "\xFF\xD8\xFF"}) {
    EXPECT_FALSE(read_picture_header(text)) << text;
  }
}

TEST(Picture, IsMadeNoWiderThanNeeded) {
  const Drawn drawn = draw(300, 200);
  for (const std::string* bytes : {&drawn.png, &drawn.jpeg, &drawn.gif}) {
    EXPECT_EQ(prepare_picture(*bytes, 300).bytes, *bytes);
    const Picture small = prepare_picture(*bytes, 120);
    EXPECT_EQ(small.info.width, 120);
    EXPECT_EQ(small.info.height, 80);
    const auto info = read_picture_header(small.bytes);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->width, 120);
  }
}

TEST(Picture, IsTurnedUpright) {
  std::string jpeg = draw(60, 20).jpeg;
  const std::string exif(
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 32);
  const auto length = static_cast<char>(exif.size() + 2);
  jpeg.insert(2, std::string("\xFF\xE1\0", 3) + length + exif);
  ASSERT_EQ(read_picture_header(jpeg)->orientation, 6);
  const Picture upright = prepare_picture(jpeg, 1'000);
  EXPECT_EQ(upright.info.width, 20);
  EXPECT_EQ(upright.info.height, 60);
  EXPECT_EQ(read_picture_header(upright.bytes)->orientation, 1);
}

TEST(Picture, BombsAndDamageAreRefused) {
  std::string bomb = draw(10, 10).png;
  for (const size_t at : {18, 22}) bomb[at] = 0x60;  // 24,576 and more pixels each way
  EXPECT_THROW(prepare_picture(bomb, 1'200), Error);
  std::string cut = draw(100, 100).png;
  cut.resize(cut.size() / 2);
  EXPECT_THROW(prepare_picture(cut, 1'200), Error);
  EXPECT_THROW(prepare_picture("<svg onload=alert(1)>", 1'200), Error);
}

}  // namespace
}  // namespace rapport
