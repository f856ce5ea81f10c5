// From a checked header to a running handler: everything of a request that needs no socket.
//
// ServerCore is what all connections of one server share; it outlives them. Internal to http/.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "http/exchange.h"
#include "http/request_guard.h"
#include "http/router.h"
#include "http/server.h"
#include "http/static_files.h"
#include "http/trusted_proxies.h"
#include "runtime/blocking_pool.h"

namespace rapport {

struct ServerCore {
  ServerCore(HttpServerOptions o, Router r, HttpServerHooks h, const Clock& c);

  const HttpServerOptions options;
  const Router router;
  const HttpServerHooks hooks;
  const Clock& clock;
  const TrustedProxies proxies;
  std::optional<StaticFiles> files;
  Router websocket_router;
  std::unordered_map<std::string, WebSocketFactory> websocket_factories;  // by pattern
  BlockingPool pool;
  std::atomic<size_t> connections{0};
  std::atomic<size_t> body_bytes{0};  // held by requests being read or answered
  std::atomic<bool> stopping{false};
  const uint64_t id_seed;
  std::atomic<uint64_t> id_count{0};
};

/// Bytes of bodies in memory, counted against limits::kMaxBufferedBodyBytes while this lives.
class BodyCharge {
 public:
  explicit BodyCharge(ServerCore& core) : core_(core) {}
  ~BodyCharge() { core_.body_bytes -= charged_; }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;
  /// Throws kUnavailable when the program holds too much already.
  void add(size_t bytes);

 private:
  ServerCore& core_;
  size_t charged_ = 0;
};

/// Unique within a process, made without a kernel call.
std::string make_request_id(ServerCore& core);

/// Copies what handlers see; throws kInvalidArgument for a malformed query.
std::shared_ptr<Request> make_request(ServerCore& core, const RequestHead& head,
                                      const std::string& peer_ip, bool tls);

/// Where a request goes. `route` is null when `refused` or the console's files answer.
struct Destination {
  const Route* route = nullptr;
  bool websocket = false;
  size_t max_body_bytes = limits::kMaxApiBodyBytes;
};

/// Sets the request's route and parameters.
Destination find_destination(ServerCore& core, const RequestHead& head, Request& request);

/// Undoes Content-Encoding within the route's limit.
void decode_body(Request& request, size_t max_body_bytes, BodyCharge& charge);

/// Starts the handler; its answer, or the problem that stands for it, arrives at `exchange`.
void run_route(ServerCore& core, const Destination& destination, std::shared_ptr<Request> request,
               std::shared_ptr<Exchange> exchange);

/// Has the next piece of a long answer made on the blocking pool; it arrives at `exchange`, with a
/// status other than 200 when making it failed. False when the pool has no room.
bool run_piece(ServerCore& core, const std::function<std::string()>& next_piece,
               std::shared_ptr<Request> request, std::shared_ptr<Exchange> exchange);

/// The answer where no route is: files, OPTIONS, 404 or 405.
Response answer_without_route(ServerCore& core, const RequestHead& head, Request& request);

/// The answer that stands for an exception; unexpected ones are logged and say nothing outside.
Response response_of(const std::exception_ptr& failure, const Request& request, const Route* route);

}  // namespace rapport
