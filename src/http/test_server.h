// Helpers of the tests in http/: a server on a free port and a raw socket.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/client.h"
#include "http/server.h"

namespace rapport::testing_http {

/// A blocking TCP connection that sends bytes as given; reads give up after 5 s.
class RawSocket {
 public:
  explicit RawSocket(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{5, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ENSURE(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~RawSocket() { close(fd_); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  /// Everything until the server closes.
  std::string read_all() {
    std::string out;
    while (read_some(&out)) continue;
    return out;
  }
  /// Until `text` has come `times` times or nothing more comes.
  std::string read_until(std::string_view text, int times = 1) {
    std::string out;
    for (;;) {
      int found = 0;
      for (size_t at = out.find(text); at != std::string::npos; at = out.find(text, at + 1)) {
        ++found;
      }
      if (found >= times || !read_some(&out)) return out;
    }
  }

 private:
  bool read_some(std::string* out) {
    char bytes[16384];
    const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    out->append(bytes, static_cast<size_t>(count));
    return true;
  }
  int fd_;
};

/// Status of the first answer in `bytes`, 0 when there is none.
inline int status_of(std::string_view bytes) {
  if (!bytes.starts_with("HTTP/1.1 ") || bytes.size() < 12) return 0;
  return std::stoi(std::string(bytes.substr(9, 3)));
}

inline Route make_route(std::string method, std::string pattern, Handler handler) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.permission = Permission::kPublic;
  route.handler = std::move(handler);
  return route;
}

inline Route make_async_route(std::string method, std::string pattern, AsyncHandler handler) {
  Route route = make_route(std::move(method), std::move(pattern), nullptr);
  route.async_handler = std::move(handler);
  return route;
}

inline std::unique_ptr<HttpServer> start_server(RouteGroup group, const Clock& clock,
                                                HttpServerOptions options = {},
                                                HttpServerHooks hooks = {}) {
  options.port = 0;
  options.io_threads = 2;
  options.blocking_threads = 2;
  Router router;
  router.add(std::move(group));
  auto server =
      std::make_unique<HttpServer>(std::move(options), std::move(router), std::move(hooks), clock);
  server->start();
  return server;
}

inline HttpClient client_of(const HttpServer& server, HttpClientOptions options = {}) {
  return HttpClient("http://127.0.0.1:" + std::to_string(server.port()), std::move(options));
}

}  // namespace rapport::testing_http
