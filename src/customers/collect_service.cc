#include "customers/collect_service.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "http/problem.h"
#include "runtime/log.h"

namespace rapport {
namespace {

constexpr std::string_view kAllowedHeaders =
    "authorization, content-type, x-retry-count, x-write-key, content-encoding";

CollectParser& parser_of_thread() {
  thread_local CollectParser parser;
  return parser;
}

std::string rejections_json(const std::vector<Rejection>& rejections) {
  std::string json = "[";
  for (const Rejection& r : rejections) {
    if (json.back() != '[') json += ',';
    json += "{\"index\":" + std::to_string(r.index) + ",\"field\":" + json_quote(r.field) +
            ",\"reason\":" + json_quote(r.reason) + ",\"message_id\":" + json_quote(r.message_id) +
            "}";
  }
  return json + "]";
}

/// {"success":true,…}: clients read the status only, people read the rest.
std::string collect_body(const std::vector<Rejection>& rejections, bool applied) {
  std::string body = R"({"success":true)";
  if (applied) body += R"(,"applied":true)";
  if (!rejections.empty()) body += R"(,"rejected":)" + rejections_json(rejections);
  return body + "}";
}

std::string import_body(const AppendResult& result, const std::vector<Rejection>& rejections) {
  // The records that keep rejected events are appended too, but are not accepted events.
  const auto rejected = static_cast<uint32_t>(rejections.size());
  return "{\"accepted\":" + std::to_string(result.accepted - rejected) +
         ",\"duplicates\":" + std::to_string(result.duplicates) +
         ",\"rejected\":" + rejections_json(rejections) + "}";
}

Error refusal_error(const Rejection& rejection) {
  return Error::invalid(rejection.field.empty() ? "body" : rejection.field, rejection.reason);
}

bool wants_wait(const Request& request) {
  return request.query_value("wait").value_or("") == "true";
}

}  // namespace

std::string header_write_key(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() > 6 && equals_ignore_case(authorization.substr(0, 6), "basic ")) {
    const auto decoded = base64_decode(trim(authorization.substr(6)));
    if (decoded) return decoded->substr(0, decoded->find(':'));
  }
  if (const auto key = request.header("x-write-key"); !key.empty()) return std::string(key);
  return std::string(request.query_value("writeKey").value_or(""));
}

Response collect_refusal(const Request& request, const Error& error) {
  const bool unreadable =
      error.code() == ErrorCode::kPayloadTooLarge || error.code() == ErrorCode::kUnsupportedMedia;
  const Error& shown = unreadable ? Error::invalid("body", error.public_detail()) : error;
  return with_cors(request, problem_response(shown, request.request_id));
}

Response pixel_response() {
  Response response;
  response.content_type = "image/gif";
  response.body.assign(
      "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
      "\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
      43);
  response.headers.emplace_back("Cache-Control", "no-store, no-cache, must-revalidate, private");
  return response;
}

Response with_cors(const Request& request, Response response) {
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return response;
  auto& headers = response.headers;
  headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
  headers.emplace_back("Access-Control-Allow-Credentials", "true");
  headers.emplace_back("Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
  headers.emplace_back("Vary", "Origin");
  if (request.method == "OPTIONS") {
    headers.emplace_back("Access-Control-Allow-Methods", "POST, GET, OPTIONS");
    headers.emplace_back("Access-Control-Allow-Headers", std::string(kAllowedHeaders));
    headers.emplace_back("Access-Control-Max-Age", "900");
  }
  return response;
}

CollectService::CollectService(LogWriter& writer, Projector& projector, KeyResolver resolve,
                               const Clock& clock, Random& random, MetricsRegistry& metrics)
    : writer_(writer),
      projector_(projector),
      resolve_(std::move(resolve)),
      clock_(clock),
      random_(random),
      accepted_(metrics.counter("rapport_collect_events_total", "Events stored")),
      duplicates_(metrics.counter("rapport_collect_duplicates_total", "Events seen before")),
      rejected_(metrics.counter("rapport_collect_rejected_total", "Events kept as rejected")),
      unknown_key_(
          metrics.counter("rapport_collect_unknown_key_total", "Requests with an unknown key")),
      clamped_(metrics.counter("rapport_collect_clamped_total",
                               "Events whose time lay in the future and was set to now")) {}

void CollectService::collect(std::shared_ptr<Request> request, std::optional<EventType> type,
                             bool short_path, ResponseSender send) {
  CollectResult result;
  try {
    CollectSource source;
    source.type = type;
    source.client_side = short_path;
    source.received_at = clock_.now();
    source.remote_ip = request->remote_ip;
    source.header_key = header_write_key(*request);
    result = parser_of_thread().parse(request->body, source, resolve_, random_);
  } catch (const Error& error) {
    return send(collect_refusal(*request, error));
  }
  if (!result.known_key) {
    // The documented answer is 200: with 401 or 404 a client would drop its events for ever because
    // of a key that is wrong for a minute. The body says that nothing was kept.
    unknown_key_.add();
    return send(
        with_cors(*request, Response::json(R"({"success":false,"reason":"unknown_write_key"})")));
  }
  const bool applied = wants_wait(*request);
  const bool single = type.has_value();
  auto rejections = std::make_shared<std::vector<Rejection>>(result.rejections);
  accept(request, std::move(result), std::move(send),
         [request, rejections, applied, single](const AppendResult&) {
           if (single && !rejections->empty()) {
             return collect_refusal(*request, refusal_error(rejections->front()));
           }
           return with_cors(*request, Response::json(collect_body(*rejections, applied)));
         });
}

void CollectService::import(std::shared_ptr<Request> request, ResponseSender send) {
  CollectSource source;
  source.origin = EventOrigin::kImport;
  source.received_at = clock_.now();
  source.header_key = "-";  // the caller's key names the workspace, not the body
  const WorkspaceId workspace{request->caller.workspace};
  CollectResult result = parser_of_thread().parse(
      request->body, source, [workspace](std::string_view) { return workspace; }, random_);
  auto rejections = std::make_shared<std::vector<Rejection>>(result.rejections);
  accept(request, std::move(result), std::move(send), [rejections](const AppendResult& appended) {
    return Response::json(import_body(appended, *rejections));
  });
}

void CollectService::accept(std::shared_ptr<Request> request, CollectResult result,
                            ResponseSender send,
                            std::function<Response(const AppendResult&)> present) {
  rejected_.add(result.rejections.size());
  clamped_.add(result.clamped);
  try {
    writer_.submit(std::move(result.events), [this, request, send, present = std::move(present)](
                                                 const AppendResult& appended) {
      if (appended.failed) {
        const Error error = Error(ErrorCode::kUnavailable, "The events could not be stored")
                                .with_retry_after(std::chrono::seconds(5));
        return send(collect_refusal(*request, error));
      }
      accepted_.add(appended.accepted);
      duplicates_.add(appended.duplicates);
      if (!wants_wait(*request)) return send(present(appended));
      projector_.when_applied(appended.last,
                              [send, present, appended] { send(present(appended)); });
    });
  } catch (const Error& error) {
    send(collect_refusal(*request, error));
  }
}

void CollectService::pixel(std::shared_ptr<Request> request, EventType type, ResponseSender send) {
  // An image in a mail must show, whatever was wrong with its data or with us.
  const ResponseSender send_pixel = [send = std::move(send)](const Response&) {
    send(pixel_response());
  };
  try {
    std::string body(trim(request->query_value("data").value_or("")));
    if (!body.starts_with('{')) {
      // Base64 that was put into the address as it is: a plus sign arrives as a space.
      std::replace(body.begin(), body.end(), ' ', '+');
      body = base64_decode(body).value_or("");
    }
    CollectSource source;
    source.type = type;
    source.client_side = true;
    source.received_at = clock_.now();
    source.remote_ip = request->remote_ip;
    source.header_key = header_write_key(*request);
    CollectResult result = parser_of_thread().parse(body, source, resolve_, random_);
    if (result.known_key) {
      return accept(request, std::move(result), send_pixel,
                    [](const AppendResult&) { return pixel_response(); });
    }
    unknown_key_.add();
  } catch (const Error& error) {
    log_debug("pixel_refused", {{"error", error.what()}});
  }
  send_pixel({});
}

}  // namespace rapport
