// REST of the files that messages carry.
#include <memory>

#include "base/error.h"
#include "base/limits/access.h"
#include "base/limits/delivery.h"
#include "base/text.h"
#include "http/json_schema.h"
#include "messaging/content/content_routes.h"

namespace rapport {
namespace {

struct FileInput {
  std::string name;
  std::string content_type;
  std::string data;
};
BOOST_DESCRIBE_STRUCT(FileInput, (), (name, content_type, data))

struct FileBody {
  std::string id;
  std::string name;
  std::string content_type;
  int64_t size = 0;
  Timestamp added_at;
};
BOOST_DESCRIBE_STRUCT(FileBody, (), (id, name, content_type, size, added_at))

using ServicesPtr = std::shared_ptr<const ContentServices>;

WorkspaceId workspace_of(const Request& request) {
  return WorkspaceId{request.caller.workspace};
}

FileBody present(const StoredFile& file) {
  return {file.id, file.name, file.content_type, static_cast<int64_t>(file.size), file.added_at};
}

Response add_file(const ContentServices& s, const Request& request) {
  auto input = parse_json<FileInput>(request.body);
  auto bytes = base64_decode(input.data);
  if (!bytes) throw Error::invalid("data", "is not base64");
  const StoredFile file = s.files.add(
      workspace_of(request),
      {std::move(input.name), std::move(input.content_type), std::move(*bytes)}, s.actor(request));
  return Response::json(to_json(present(file)), 201);
}

Response list_files(const ContentServices& s, const Request& request) {
  const PageRequest page = parse_page(request);
  const auto files = s.files.list(workspace_of(request), page.cursor, page.limit + 1);
  Page<FileBody> body;
  for (const StoredFile& file : files) {
    if (body.items.size() == page.limit) {
      body.next_cursor.emplace(body.items.back().id);
      break;
    }
    body.items.push_back(present(file));
  }
  return Response::json(to_json(body));
}

Response get_file_content(const ContentServices& s, const Request& request) {
  const auto file = s.files.find(workspace_of(request), request.parameter("id"));
  if (!file) throw Error::not_found("File");
  Response response;
  response.content_type = "application/octet-stream";
  response.body = file->bytes;
  response.headers = {{"Content-Disposition", "attachment"},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"}};
  return response;
}

Response remove_file(const ContentServices& s, const Request& request) {
  s.files.remove(workspace_of(request), request.parameter("id"), s.actor(request));
  return Response::no_content();
}

}  // namespace

void add_file_routes(const ServicesPtr& services, RouteGroup& group) {
  const auto add = [&](std::string method, std::string pattern, Permission permission,
                       std::string operation, std::string summary,
                       Response (*handler)(const ContentServices&, const Request&)) -> Route& {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.permission = permission;
    route.operation_id = std::move(operation);
    route.summary = std::move(summary);
    route.tag = "content";
    route.handler = [services, handler](const Request& r) { return handler(*services, r); };
    return group.routes.emplace_back(std::move(route));
  };
  using P = Permission;
  Route& post = add("POST", "/api/v1/files", P::kCampaignsWrite, "addFile",
                    "Keep a file that campaigns attach; `data` is base64", add_file);
  post.request_schema = "FileInput";
  post.response_schema = "File";
  post.success_status = 201;
  post.max_body_bytes = limits::kMaxAttachmentBytes * 4 / 3 + limits::kMaxHeaderBytes;
  Route& list = add("GET", "/api/v1/files", P::kCampaignsRead, "listFiles",
                    "Files that campaigns may attach, newest first", list_files);
  list.response_schema = "FilePage";
  list.query = page_parameters();
  add("GET", "/api/v1/files/{id}/content", P::kCampaignsRead, "getFileContent", "What is in a file",
      get_file_content);
  add("DELETE", "/api/v1/files/{id}", P::kCampaignsWrite, "removeFile",
      "Remove a file that no campaign carries", remove_file)
      .success_status = 204;
  group.schemas.push_back(named_schema<FileInput>("FileInput"));
  group.schemas.push_back(named_schema<FileBody>("File"));
  group.schemas.push_back(named_schema<Page<FileBody>>("FilePage"));
}

}  // namespace rapport
