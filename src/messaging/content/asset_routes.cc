// REST of the brand and of pictures, and the pictures themselves for the readers of messages.
#include <memory>

#include "base/error.h"
#include "base/limits/content.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "messaging/content/content_routes.h"

namespace rapport {
namespace {

struct BrandBody {
  std::string name;
  std::string logo_url;
  std::string primary_color;
  std::string background_color;
  std::string text_color;
  std::string link_color;
  std::string font;
  std::string address;
  std::string footer;
};
BOOST_DESCRIBE_STRUCT(BrandBody, (),
                      (name, logo_url, primary_color, background_color, text_color, link_color,
                       font, address, footer))

struct ImageInput {
  std::string name;
  std::string data;
};
BOOST_DESCRIBE_STRUCT(ImageInput, (), (name, data))

struct ImageBody {
  std::string id;
  std::string name;
  std::string url;
  std::string content_type;
  int64_t width = 0;
  int64_t height = 0;
  int64_t size = 0;
  Timestamp added_at;
};
BOOST_DESCRIBE_STRUCT(ImageBody, (), (id, name, url, content_type, width, height, size, added_at))

using ServicesPtr = std::shared_ptr<const ContentServices>;
using Handler = Response (*)(const ContentServices&, const Request&);

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

BrandBody present(const Brand& b) {
  return {b.name, b.logo_url, b.primary_color, b.background_color, b.text_color, b.link_color,
          b.font, b.address,  b.footer};
}

ImageBody present(const ContentServices& s, const StoredImage& image) {
  return {image.id,    image.name,   s.public_url() + "/i/" + image.id, image.content_type,
          image.width, image.height, static_cast<int64_t>(image.size),  image.added_at};
}

Response get_brand(const ContentServices& s, const Request& request) {
  return Response::json(to_json(present(s.content.brand(workspace_of(request)))));
}

Response put_brand(const ContentServices& s, const Request& request) {
  auto b = parse_json<BrandBody>(request.body);
  const Brand brand{b.name,       b.logo_url,   b.primary_color, b.background_color,
                    b.text_color, b.link_color, b.font,          b.address,
                    b.footer};
  return Response::json(
      to_json(present(s.content.set_brand(workspace_of(request), brand, s.actor(request)))));
}

Response add_image(const ContentServices& s, const Request& request) {
  const auto input = parse_json<ImageInput>(request.body);
  auto bytes = base64_decode(input.data);
  if (!bytes) throw Error::invalid("data", "is not base64");
  const StoredImage image =
      s.images.add(workspace_of(request), input.name, std::move(*bytes), s.actor(request));
  return Response::json(to_json(present(s, image)), 201);
}

Response list_images(const ContentServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto images = s.images.list(workspace_of(request), page.cursor, page.limit + 1);
  Page<ImageBody> body;
  for (const StoredImage& image : images) {
    if (body.items.size() == page.limit) {
      body.next_cursor.emplace(body.items.back().id);
      break;
    }
    body.items.push_back(present(s, image));
  }
  return Response::json(to_json(body));
}

Response remove_image(const ContentServices& s, const Request& request) {
  s.images.remove(workspace_of(request), request.parameter("id"), s.actor(request));
  return Response::no_content();
}

/// For anybody: what is behind an address never changes, so it may be kept for ever.
Response serve_image(const ContentServices& s, const Request& request) {
  auto image = s.images.find(request.parameter("id"));
  if (!image) throw Error::not_found("Image");
  Response response;
  response.content_type = std::move(image->content_type);
  response.body = std::move(image->bytes);
  response.headers = {{"Cache-Control", "public, max-age=31536000, immutable"},
                      {"Cross-Origin-Resource-Policy", "cross-origin"},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"}};
  return response;
}

Route asset_route(const ServicesPtr& services, std::string method, std::string pattern,
                  Permission permission, std::string operation, std::string summary,
                  Handler handler) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.permission = permission;
  route.operation_id = std::move(operation);
  route.summary = std::move(summary);
  route.tag = "content";
  route.handler = [services, handler](const Request& request) {
    return handler(*services, request);
  };
  return route;
}

}  // namespace

void add_asset_routes(const ServicesPtr& services, RouteGroup& group) {
  using P = Permission;
  Route route = asset_route(services, "GET", "/api/v1/brand", P::kCampaignsRead, "getBrand",
                            "Logo, colours, address and footer of the workspace", get_brand);
  route.response_schema = "Brand";
  group.routes.push_back(std::move(route));
  route = asset_route(services, "PUT", "/api/v1/brand", P::kCampaignsWrite, "putBrand",
                      "Replace the brand settings", put_brand);
  route.request_schema = "Brand";
  route.response_schema = "Brand";
  group.routes.push_back(std::move(route));
  route = asset_route(services, "POST", "/api/v1/images", P::kCampaignsWrite, "addImage",
                      "Keep a picture for messages; `data` is base64", add_image);
  route.request_schema = "ImageInput";
  route.response_schema = "Image";
  route.success_status = 201;
  route.max_body_bytes = limits::kMaxPictureBytes * 4 / 3 + limits::kMaxHeaderBytes;
  group.routes.push_back(std::move(route));
  route = asset_route(services, "GET", "/api/v1/images", P::kCampaignsRead, "listImages",
                      "Pictures, newest first", list_images);
  route.response_schema = "ImagePage";
  route.query = page_parameters();
  group.routes.push_back(std::move(route));
  route = asset_route(services, "DELETE", "/api/v1/images/{id}", P::kCampaignsWrite, "removeImage",
                      "Remove a picture", remove_image);
  route.success_status = 204;
  group.routes.push_back(std::move(route));
  group.routes.push_back(asset_route(services, "GET", "/i/{id}", P::kPublic, "serveImage",
                                     "A picture of a message", serve_image));
  group.schemas.push_back(named_schema<BrandBody>("Brand"));
  group.schemas.push_back(named_schema<ImageInput>("ImageInput"));
  group.schemas.push_back(named_schema<ImageBody>("Image"));
  group.schemas.push_back(named_schema<Page<ImageBody>>("ImagePage"));
}

}  // namespace rapport
