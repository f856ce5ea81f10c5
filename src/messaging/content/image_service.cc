#include "messaging/content/image_service.h"

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "messaging/content/picture.h"

namespace rapport {
namespace {

constexpr std::string_view kAdd =
    "INSERT INTO content_images (id, workspace, name, content_type, width, height, bytes, "
    "added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
constexpr std::string_view kCount =
    "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM content_images WHERE workspace = $1";
constexpr std::string_view kFindOne =
    "SELECT id, name, content_type, width, height, length(bytes), added_at FROM content_images "
    "WHERE workspace = $1 AND id = $2";
constexpr std::string_view kList =
    "SELECT id, name, content_type, width, height, length(bytes), added_at FROM content_images "
    "WHERE workspace = $1 AND (added_at, id) < ($2, $3) ORDER BY added_at DESC, id DESC LIMIT $4";
constexpr std::string_view kRemove = "DELETE FROM content_images WHERE workspace = $1 AND id = $2";
constexpr std::string_view kServe = "SELECT content_type, bytes FROM content_images WHERE id = $1";

StoredImage read_image(Statement& row) {
  StoredImage image;
  image.id = row.text(0);
  image.name = row.text(1);
  image.content_type = row.text(2);
  image.width = static_cast<int>(row.integer(3));
  image.height = static_cast<int>(row.integer(4));
  image.size = static_cast<size_t>(row.integer(5));
  image.added_at = row.time(6);
  return image;
}

}  // namespace

StoredImage ImageService::add(WorkspaceId workspace, std::string_view name, std::string bytes,
                              const Actor& actor) {
  if (trim(name).empty()) throw Error::invalid("name", "is required");
  if (name.size() > limits::kMaxNameBytes) throw Error::invalid("name", "is too long");
  if (bytes.size() > limits::kMaxPictureBytes) {
    throw Error::invalid("data",
                         "is longer than " + std::to_string(limits::kMaxPictureBytes) + " bytes");
  }
  const Picture picture = prepare_picture(std::move(bytes), limits::kMaxPictureWidth);
  const std::string id =
      hex_encode(as_view(hash_128({std::to_string(workspace.value), picture.bytes})));
  return control_.write_value([&](Connection& c) {
    const auto known = c.find(kFindOne, read_image, workspace, id);
    if (known) return *known;
    const bool full = c.find(
                           kCount,
                           [&](Statement& row) {
                             return static_cast<size_t>(row.integer(0)) >= limits::kMaxPictures ||
                                    static_cast<size_t>(row.integer(1)) + picture.bytes.size() >
                                        limits::kMaxPicturesBytes;
                           },
                           workspace)
                          .value_or(false);
    if (full)
      throw Error(ErrorCode::kConflict, "The workspace has as many pictures as it may have");
    c.run(kAdd, id, workspace, name, picture.info.content_type, picture.info.width,
          picture.info.height, Blob{picture.bytes}, clock_.now());
    audit_.record(c, workspace, actor, "image.add", id, name);
    return *c.find(kFindOne, read_image, workspace, id);
  });
}

std::vector<StoredImage> ImageService::list(WorkspaceId workspace, std::string_view before,
                                            size_t limit) const {
  return control_.read_value([&](Connection& c) {
    int64_t at = INT64_MAX;
    if (!before.empty()) {
      const auto from = c.find(kFindOne, read_image, workspace, before);
      if (!from) throw Error::invalid("cursor", "is not one this list gave");
      at = to_micros(from->added_at);
    }
    std::vector<StoredImage> images;
    c.each(
        kList, [&](Statement& row) { images.push_back(read_image(row)); }, workspace, at, before,
        limit);
    return images;
  });
}

void ImageService::remove(WorkspaceId workspace, std::string_view id, const Actor& actor) {
  control_.write([&](Connection& c) {
    const auto image = c.find(kFindOne, read_image, workspace, id);
    if (!image) throw Error::not_found("Image");
    c.run(kRemove, workspace, id);
    audit_.record(c, workspace, actor, "image.remove", id, image->name);
  });
}

std::optional<ImageService::Served> ImageService::find(std::string_view id) const {
  return control_.read_value([&](Connection& c) {
    return c.find(
        kServe,
        [](Statement& row) {
          return Served{std::string(row.text(0)), std::string(row.text(1))};
        },
        id);
  });
}

}  // namespace rapport
