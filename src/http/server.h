// The HTTP/1.1 and WebSocket server: one io thread per core, a bounded pool for blocking handlers.
//
// Every request passes the strict guard, then routing, body limits, the permission hook, the
// declared query parameters, and its handler. Errors become RFC 9457 problems. Everything waits
// under a deadline of `Deadlines`, measured on the given Clock. Connections beyond the limit and
// requests beyond the pool's queue get 503 with Retry-After. `start` and `stop` are called once,
// from one thread; hooks and handlers run on many. `authorise` runs on the pool for a blocking
// route and on the io thread for an async one, where it must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "http/message.h"
#include "http/route.h"
#include "http/router.h"
#include "http/websocket.h"
#include "runtime/clock.h"

namespace rapport {

struct Deadlines {
  std::chrono::milliseconds header = limits::kHeaderDeadline;
  std::chrono::milliseconds body = limits::kBodyDeadline;
  std::chrono::milliseconds write = limits::kWriteDeadline;
  std::chrono::milliseconds handler = limits::kHandlerDeadline;
  std::chrono::milliseconds idle = limits::kIdleDeadline;
  std::chrono::milliseconds stop = limits::kStopDeadline;  // of the machine's clock
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;         // 0: any free one, see port()
  size_t io_threads = 0;        // 0: one per core
  std::string tls_certificate;  // PEM files; both or neither
  std::string tls_key;
  std::vector<std::string> trusted_proxies;  // addresses or CIDR blocks
  size_t blocking_threads = 8;
  size_t blocking_queue = limits::kMaxQueuedRequests;
  size_t max_connections = limits::kMaxConnections;
  std::filesystem::path static_root;  // the built console; empty: none
  Deadlines deadlines;
};

/// What happened to one request, after its last byte was written.
struct FinishedRequest {
  std::string_view method;
  std::string_view route;  // the pattern; "" when none matched, "static" for the console's files
  std::string_view path;
  std::string_view request_id;
  std::string_view remote_ip;
  int status = 0;
  std::chrono::microseconds duration{0};
  size_t bytes = 0;  // of the answer, header included
};

struct HttpServerHooks {
  /// Sets `request.caller` or throws; not called for Permission::kPublic and kIngest routes.
  std::function<void(const Route&, Request&)> authorise;
  /// Metrics and access log; on the io thread, must be quick. The views end with the call.
  std::function<void(const FinishedRequest&)> on_finished;
};

class HttpServer {
 public:
  HttpServer(HttpServerOptions options, Router router, HttpServerHooks hooks, const Clock& clock);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Accepts WebSocket upgrades of `pattern`; before start().
  void websocket(std::string pattern, Permission permission, WebSocketFactory factory);
  /// Binds, listens and serves; throws Error when the address or the certificate cannot be used.
  void start();
  /// The bound port, after start().
  uint16_t port() const;
  size_t connections() const;
  /// Stops accepting, finishes what is in flight, closes idle connections, within Deadlines::stop.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport
