#include "customers/collect_routes.h"

#include <array>

#include "base/text.h"
#include "http/json_schema.h"

namespace rapport {
namespace {

struct RejectedItem {
  uint64_t index = 0;
  std::string field;
  std::string reason;
  std::string message_id;
};
BOOST_DESCRIBE_STRUCT(RejectedItem, (), (index, field, reason, message_id))

struct CollectAnswer {
  bool success = true;
  std::optional<bool> applied;
  std::optional<std::vector<RejectedItem>> rejected;
};
BOOST_DESCRIBE_STRUCT(CollectAnswer, (), (success, applied, rejected))

struct ImportBody {
  std::vector<RawJson> batch;
};
BOOST_DESCRIBE_STRUCT(ImportBody, (), (batch))

struct ImportAnswer {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  std::vector<RejectedItem> rejected;
};
BOOST_DESCRIBE_STRUCT(ImportAnswer, (), (accepted, duplicates, rejected))

struct CollectPath {
  std::string_view path;
  std::optional<EventType> type;  // null: a batch
  bool short_path;
};

constexpr std::array kPaths{
    CollectPath{"/v1/track", EventType::kTrack, false},
    CollectPath{"/v1/identify", EventType::kIdentify, false},
    CollectPath{"/v1/page", EventType::kPage, false},
    CollectPath{"/v1/screen", EventType::kScreen, false},
    CollectPath{"/v1/group", EventType::kGroup, false},
    CollectPath{"/v1/alias", EventType::kAlias, false},
    CollectPath{"/v1/batch", std::nullopt, false},
    CollectPath{"/v1/import", std::nullopt, false},
    CollectPath{"/beacon/v1/batch", std::nullopt, true},
    CollectPath{"/v1/t", EventType::kTrack, true},
    CollectPath{"/v1/i", EventType::kIdentify, true},
    CollectPath{"/v1/p", EventType::kPage, true},
    CollectPath{"/v1/s", EventType::kScreen, true},
    CollectPath{"/v1/g", EventType::kGroup, true},
    CollectPath{"/v1/a", EventType::kAlias, true},
    CollectPath{"/v1/b", std::nullopt, true},
};

constexpr std::array kPixels{EventType::kIdentify, EventType::kGroup,  EventType::kAlias,
                             EventType::kPage,     EventType::kScreen, EventType::kTrack};

// Twice the batch limit may arrive, so that a body over it is answered as the API documents (400)
// instead of being cut off.
constexpr size_t kMaxCollectBody = 2 * limits::kMaxBatchBytes;

void add_preflight(RouteGroup& group, std::string pattern) {
  Route route;
  route.method = "OPTIONS";
  route.pattern = std::move(pattern);
  route.permission = Permission::kIngest;
  route.async_handler = [](std::shared_ptr<Request> request, ResponseSender send) {
    send(with_cors(*request, Response::no_content()));
  };
  group.routes.push_back(std::move(route));
}

std::string operation_name(std::string_view path) {
  std::string name = "collect";
  for (const std::string_view part : split(path.substr(1), '/')) {
    if (part == "v1") continue;
    name += static_cast<char>(part[0] - ('a' - 'A'));
    name += part.substr(1);
  }
  return name;
}

void add_collect(RouteGroup& group, CollectService& service, const CollectPath& path) {
  Route route;
  route.method = "POST";
  route.pattern = path.path;
  route.permission = Permission::kIngest;
  route.operation_id = operation_name(path.path);
  route.summary = path.type ? "Store one " + std::string(event_type_name(*path.type)) + " event"
                            : "Store a batch of events";
  route.tag = "collect";
  route.query = {{"wait", "true: answer when the events are applied to profiles", "boolean"},
                 {"writeKey", "write key, when it is neither in a header nor in the body"}};
  route.response_schema = "CollectAnswer";
  route.max_body_bytes = kMaxCollectBody;
  route.refusal_handler = collect_refusal;
  route.async_handler = [&service, type = path.type, short_path = path.short_path](
                            std::shared_ptr<Request> request, ResponseSender send) {
    service.collect(std::move(request), type, short_path, std::move(send));
  };
  group.routes.push_back(std::move(route));
  add_preflight(group, std::string(path.path));
}

void add_pixel(RouteGroup& group, CollectService& service, EventType type) {
  Route route;
  route.method = "GET";
  route.pattern = "/v1/pixel/" + std::string(event_type_name(type));
  route.permission = Permission::kIngest;
  route.summary = "Store one event from an image's address; answers with a pixel whatever happens";
  route.tag = "collect";
  route.refusal_handler = [](const Request&, const Error&) { return pixel_response(); };
  route.query = {{"data", "the event as JSON, plain or base64", "string", false}};
  route.async_handler = [&service, type](std::shared_ptr<Request> request, ResponseSender send) {
    service.pixel(std::move(request), type, std::move(send));
  };
  group.routes.push_back(std::move(route));
}

/// What analytics-next needs to start, and where it is to send.
Response settings_response(const Request& request, const std::string& public_url) {
  std::string url = public_url;
  if (url.empty()) {
    url = (request.secure ? "https://" : "http://") + std::string(request.header("host"));
  }
  const size_t colon = url.find("://");
  const std::string protocol = url.substr(0, colon);
  const std::string host = colon == std::string::npos ? url : url.substr(colon + 3);
  std::string body =
      R"({"integrations":{"Segment.io":{"apiKey":)" + json_quote(request.parameter("key")) +
      R"(,"apiHost":)" + json_quote(host + "/v1") + R"(,"protocol":)" + json_quote(protocol) +
      R"(,"addBundledMetadata":true}},"plan":{"track":{"__default":{"enabled":true}},)"
      R"("identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},)"
      R"("metrics":{"sampleRate":0},"edgeFunction":{},"analyticsNextEnabled":true,)"
      R"("legacyVideoPluginsEnabled":false,"remotePlugins":[]})";
  Response response = Response::json(std::move(body));
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  return with_cors(request, std::move(response));
}

void add_settings(RouteGroup& group, const std::string& pattern, const std::string& public_url) {
  Route route;
  route.method = "GET";
  route.pattern = pattern;
  route.permission = Permission::kIngest;
  route.summary = "Settings that client libraries load at start";
  route.tag = "collect";
  route.async_handler = [public_url](std::shared_ptr<Request> request, ResponseSender send) {
    send(settings_response(*request, public_url));
  };
  group.routes.push_back(std::move(route));
  add_preflight(group, pattern);
}

/// The client's own telemetry is accepted and dropped: a refusal makes it complain.
void add_client_metrics(RouteGroup& group, std::string pattern) {
  Route route;
  route.method = "POST";
  route.pattern = pattern;
  route.permission = Permission::kIngest;
  route.max_body_bytes = limits::kMaxBatchBytes;
  route.async_handler = [](std::shared_ptr<Request> request, ResponseSender send) {
    send(with_cors(*request, Response::json(R"({"success":true})")));
  };
  group.routes.push_back(std::move(route));
  add_preflight(group, std::move(pattern));
}

/// The page's snippet asks for the client by this address; it is a file beside the console.
void add_browser_library(RouteGroup& group) {
  Route route;
  route.method = "GET";
  route.pattern = "/analytics.js/v1/{key}/analytics.min.js";
  route.permission = Permission::kIngest;
  route.summary = "The browser client of the tracking API";
  route.tag = "collect";
  route.async_handler = [](std::shared_ptr<Request> request, ResponseSender send) {
    Response response;
    response.status = 302;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("Location", "/analytics-next/standalone.js");
    response.headers.emplace_back("Cache-Control", "public, max-age=300");
    send(with_cors(*request, std::move(response)));
  };
  group.routes.push_back(std::move(route));
}

}  // namespace

RouteGroup make_collect_routes(CollectService& service, std::string public_url) {
  RouteGroup group;
  group.schemas = {named_schema<CollectAnswer>("CollectAnswer"),
                   named_schema<ImportBody>("ImportBody"),
                   named_schema<ImportAnswer>("ImportAnswer")};
  for (const CollectPath& path : kPaths) add_collect(group, service, path);
  for (const EventType type : kPixels) add_pixel(group, service, type);
  add_settings(group, "/v1/projects/{key}/settings", public_url);
  add_settings(group, "/projects/{key}/settings", public_url);
  add_browser_library(group);
  add_client_metrics(group, "/v1/m");
  add_client_metrics(group, "/m");

  Route history;
  history.method = "POST";
  history.pattern = "/api/v1/import";
  history.permission = Permission::kEventsImport;
  history.operation_id = "importEvents";
  history.summary = "Store a batch of historic events";
  history.tag = "collect";
  history.query = {{"wait", "true: answer when the events are applied to profiles", "boolean"}};
  history.request_schema = "ImportBody";
  history.response_schema = "ImportAnswer";
  history.max_body_bytes = limits::kMaxImportBatchBytes;
  history.async_handler = [&service](std::shared_ptr<Request> request, ResponseSender send) {
    service.import(std::move(request), std::move(send));
  };
  group.routes.push_back(std::move(history));
  return group;
}

}  // namespace rapport
