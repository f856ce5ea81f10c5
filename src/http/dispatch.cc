#include "http/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/text.h"
#include "http/gzip.h"
#include "http/problem.h"
#include "http/response_writer.h"
#include "runtime/log.h"
#include "runtime/random.h"

namespace rapport {
namespace {

bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

void read_query(std::string_view raw, Request& request) {
  if (raw.empty()) return;
  for (const std::string_view pair : split(raw, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional<std::string>(std::in_place)
                                                  : percent_decode(pair.substr(equals + 1), true);
    if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) {
      throw Error::invalid(name.value_or("query"), "is not UTF-8 in percent-encoding");
    }
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
}

void check_query(const Route& route, const Request& request) {
  for (const QueryParameter& parameter : route.query) {
    const auto value = request.query_value(parameter.name);
    if (!value) {
      if (parameter.required) throw Error::invalid(parameter.name, "is required");
    } else if (parameter.type == "integer" && !parse_int(*value)) {
      throw Error::invalid(parameter.name, "must be an integer");
    } else if (parameter.type == "boolean" && *value != "true" && *value != "false") {
      throw Error::invalid(parameter.name, "must be true or false");
    }
  }
}

void authorise(ServerCore& core, const Route& route, Request& request) {
  if (route.permission == Permission::kPublic || route.permission == Permission::kIngest) return;
  if (!core.hooks.authorise) {
    throw Error(ErrorCode::kPermissionDenied, "Nobody may do this", "no authorise hook");
  }
  core.hooks.authorise(route, request);
}

void run_blocking(ServerCore& core, const Route& route, std::shared_ptr<Request> request,
                  std::shared_ptr<Exchange> exchange) {
  const bool posted = core.pool.try_post([&core, &route, request, exchange] {
    Response response;
    try {
      authorise(core, route, *request);
      check_query(route, *request);
      response = route.handler(*request);
      compress_response(request->header("accept-encoding"), response);
    } catch (...) {
      response = response_of(std::current_exception(), *request, &route);
    }
    exchange->answer(std::move(response));
  });
  if (!posted) {
    throw Error(ErrorCode::kUnavailable, "The server is busy")
        .with_retry_after(std::chrono::seconds(1));
  }
}

/// What an async handler answers with; small answers only are compressed on the io thread.
ResponseSender make_sender(std::shared_ptr<Request> request, std::shared_ptr<Exchange> exchange) {
  return [request = std::move(request), exchange = std::move(exchange)](Response response) {
    compress_response(request->header("accept-encoding"), response);
    exchange->answer(std::move(response));
  };
}

/// A page of another site must not open a socket with this browser's cookie.
void check_origin(const Request& request) {
  std::string_view origin = request.header("origin");
  if (origin.empty()) return;
  const size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
  if (!equals_ignore_case(origin, request.header("host"))) {
    throw Error(ErrorCode::kPermissionDenied, "The page that connects is of another site");
  }
}

}  // namespace

ServerCore::ServerCore(HttpServerOptions o, Router r, HttpServerHooks h, const Clock& c)
    : options(std::move(o)),
      router(std::move(r)),
      hooks(std::move(h)),
      clock(c),
      proxies(options.trusted_proxies),
      pool("blocking", std::max<size_t>(1, options.blocking_threads), options.blocking_queue),
      id_seed(SystemRandom().next()) {
  if (!options.static_root.empty()) files.emplace(options.static_root);
}

void BodyCharge::add(size_t bytes) {
  charged_ += bytes;
  if (core_.body_bytes.fetch_add(bytes) + bytes > limits::kMaxBufferedBodyBytes) {
    throw Error(ErrorCode::kUnavailable, "The server is busy")
        .with_retry_after(std::chrono::seconds(1));
  }
}

// SplitMix64's mixing of a counter.
std::string make_request_id(ServerCore& core) {
  uint64_t z = core.id_seed + (++core.id_count) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  std::string id(16, '0');
  for (size_t i = 0; i < 16; ++i, z >>= 4) id[15 - i] = "0123456789abcdef"[z & 15];
  return id;
}

std::shared_ptr<Request> make_request(ServerCore& core, const RequestHead& head,
                                      const std::string& peer_ip, bool tls) {
  auto request = std::make_shared<Request>();
  request->method = head.method;
  request->received_at = core.clock.now();
  request->headers.reserve(head.fields.size());
  for (const auto& [name, value] : head.fields) {
    request->headers.emplace_back(to_lower_ascii(name), value);
  }
  const std::string_view given_id = request->header("x-request-id");
  request->request_id = is_request_id(given_id) ? std::string(given_id) : make_request_id(core);
  request->remote_ip = peer_ip;
  request->secure = tls;
  if (!core.proxies.empty() && core.proxies.trusts(peer_ip)) {
    // Several fields of one name are one list; the nearest proxy wrote the last of them.
    std::string chain;
    std::string_view scheme;
    for (const auto& [name, value] : request->headers) {
      if (name == "x-forwarded-for") chain += (chain.empty() ? "" : ",") + value;
      if (name == "x-forwarded-proto") scheme = value;
    }
    request->remote_ip = core.proxies.client_ip(peer_ip, chain);
    if (!scheme.empty()) request->secure = equals_ignore_case(scheme, "https");
  }
  return request;
}

Destination find_destination(ServerCore& core, const RequestHead& head, Request& request) {
  request.path = percent_decode(head.raw_path, false).value_or("");
  read_query(head.raw_query, request);
  Destination destination;
  if (head.upgrade_websocket) {
    RouteMatch match = core.websocket_router.find("GET", head.raw_path);
    if (match.route) {
      check_origin(request);
      destination.route = match.route;
      destination.websocket = true;
      request.parameters = std::move(match.parameters);
    }
  }
  if (!destination.route) {
    RouteMatch match = core.router.find(head.method, head.raw_path);
    destination.route = match.route;
    request.parameters = std::move(match.parameters);
  }
  if (!destination.route) return destination;
  request.route = destination.route->pattern;
  destination.max_body_bytes = destination.route->max_body_bytes;
  return destination;
}

void decode_body(Request& request, size_t max_body_bytes, BodyCharge& charge) {
  const std::string_view coding = request.header("content-encoding");
  if (coding.empty() || equals_ignore_case(coding, "identity") || request.body.empty()) return;
  if (!equals_ignore_case(coding, "gzip") && !equals_ignore_case(coding, "x-gzip")) {
    throw Error(ErrorCode::kUnsupportedMedia, "The only Content-Encoding is gzip");
  }
  std::string plain = gzip_decompress(request.body, max_body_bytes);
  charge.add(plain.size());
  request.body = std::move(plain);
}

void run_route(ServerCore& core, const Destination& destination, std::shared_ptr<Request> request,
               std::shared_ptr<Exchange> exchange) {
  const Route& route = *destination.route;
  if (!route.async_handler) return run_blocking(core, route, std::move(request), exchange);
  authorise(core, route, *request);
  check_query(route, *request);
  ResponseSender sender = make_sender(request, std::move(exchange));
  route.async_handler(std::move(request), std::move(sender));
}

bool run_piece(ServerCore& core, const std::function<std::string()>& next_piece,
               std::shared_ptr<Request> request, std::shared_ptr<Exchange> exchange) {
  // A copy: the connection may be gone before the job has run.
  return core.pool.try_post([next_piece, request, exchange] {
    Response piece;
    try {
      piece.body = next_piece();
    } catch (...) {
      piece = response_of(std::current_exception(), *request, nullptr);
    }
    exchange->answer(std::move(piece));
  });
}

Response answer_without_route(ServerCore& core, const RequestHead& head, Request& request) {
  const RouteMatch match = core.router.find(head.method, head.raw_path);
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (head.method == "OPTIONS" && (!match.allow.empty() || head.raw_path == "*")) {
    Response response = Response::no_content();
    response.headers.emplace_back(
        "Allow", match.allow.empty() ? "GET, HEAD, POST, PUT, DELETE, OPTIONS" : match.allow);
    return response;
  }
  if (!match.allow.empty()) {
    Response response = problem_response(
        Error(ErrorCode::kMethodNotAllowed, fmt::format("Allowed here: {}", match.allow)),
        request.request_id);
    response.headers.emplace_back("Allow", match.allow);
    return response;
  }
  if (core.files && reads) {
    if (auto response = core.files->serve(request)) {
      request.route = "static";
      return std::move(*response);
    }
  }
  return problem_response(Error(ErrorCode::kNotFound, "Nothing answers at this address"),
                          request.request_id);
}

Response response_of(const std::exception_ptr& failure, const Request& request,
                     const Route* route) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (http_status(error.code()) >= 500 && error.code() != ErrorCode::kUnavailable) {
      log_error("request failed", {{"request_id", request.request_id},
                                   {"route", request.route},
                                   {"code", code_name(error.code())},
                                   {"detail", error.what()}});
    }
    if (route && route->refusal_handler) return route->refusal_handler(request, error);
    return problem_response(error, request.request_id);
  } catch (const std::exception& error) {
    log_error("request failed", {{"request_id", request.request_id},
                                 {"route", request.route},
                                 {"code", "internal"},
                                 {"detail", error.what()}});
  } catch (...) {
    log_error("request failed", {{"request_id", request.request_id}, {"route", request.route}});
  }
  return problem_response(Error(ErrorCode::kInternal, "The request failed; it was logged"),
                          request.request_id);
}

}  // namespace rapport
