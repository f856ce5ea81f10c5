#include "http/server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/error.h"
#include "http/connection.h"
#include "runtime/log.h"

namespace rapport {
namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

constexpr std::chrono::milliseconds kLookThrough{100};
constexpr std::chrono::milliseconds kAcceptPause{50};  // when the machine has no descriptors left
constexpr std::chrono::milliseconds kForcedEnd{1000};

constexpr std::string_view kFullAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

}  // namespace

struct HttpServer::Impl {
  Impl(HttpServerOptions options, Router router, HttpServerHooks hooks, const Clock& clock)
      : core(std::move(options), std::move(router), std::move(hooks), clock) {}

  ServerCore core;
  std::optional<asio::ssl::context> tls;
  std::vector<std::shared_ptr<Worker>> workers;
  std::optional<Acceptor> acceptor;
  TaskGroup sessions;
  TaskGroup housekeeping;
  uint16_t port = 0;
  bool started = false;
  bool stopped = false;
  std::atomic<bool> ended{false};

  void open();
  void load_certificate();
  void spawn_session(std::shared_ptr<Worker> worker, Socket socket);
  template <class Function>
  void on_every_worker(Function function);
  static Task<> accept_loop(Impl* self);
  static Task<> look_through(Impl* self, std::shared_ptr<Worker> worker);
};

void HttpServer::Impl::load_certificate() {
  const HttpServerOptions& options = core.options;
  if (options.tls_certificate.empty() && options.tls_key.empty()) return;
  tls.emplace(asio::ssl::context::tls_server);
  error_code ec;
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression);
  tls->use_certificate_chain_file(options.tls_certificate, ec);
  if (ec) throw Error::invalid("tls_certificate", "cannot be used: " + ec.message());
  tls->use_private_key_file(options.tls_key, asio::ssl::context::pem, ec);
  if (ec) throw Error::invalid("tls_key", "cannot be used: " + ec.message());
  if (SSL_CTX_check_private_key(tls->native_handle()) != 1) {
    throw Error::invalid("tls_key", "does not belong to the certificate");
  }
}

void HttpServer::Impl::open() {
  const HttpServerOptions& options = core.options;
  error_code ec;
  const auto address =
      asio::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, ec);
  if (ec) throw Error::invalid("listen", fmt::format("\"{}\" is not an address", options.host));
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor.emplace(workers[0]->context);
  acceptor->open(endpoint.protocol(), ec);
  if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    throw Error::invalid("listen", fmt::format("cannot listen on {}:{}: {}", options.host,
                                               options.port, ec.message()));
  }
  port = acceptor->local_endpoint().port();
}

void HttpServer::Impl::spawn_session(std::shared_ptr<Worker> worker, Socket socket) {
  const auto executor = worker->context.get_executor();
  if (tls) {
    sessions.spawn(executor,
                   serve_tls(&core, std::move(worker), TlsStream(std::move(socket), *tls)));
  } else {
    sessions.spawn(executor, serve_plain(&core, std::move(worker), std::move(socket)));
  }
}

Task<> HttpServer::Impl::accept_loop(Impl* self) {
  asio::steady_timer pause(self->workers[0]->context);
  for (size_t next = 0; !self->core.stopping; ++next) {
    const auto& worker = self->workers[next % self->workers.size()];
    Socket socket(worker->context);
    error_code ec;
    co_await self->acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
    if (!self->acceptor->is_open()) break;
    if (ec) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      continue;
    }
    if (self->core.connections.fetch_add(1) >= self->core.options.max_connections) {
      --self->core.connections;
      socket.non_blocking(true, ec);
      if (!self->tls) socket.write_some(asio::buffer(kFullAnswer), ec);
      socket.shutdown(Socket::shutdown_send, ec);
      continue;
    }
    socket.set_option(asio::ip::tcp::no_delay(true), ec);
    self->spawn_session(worker, std::move(socket));
  }
}

/// Ends what is past its deadline, and idle connections once the server stops.
Task<> HttpServer::Impl::look_through(Impl* self, std::shared_ptr<Worker> worker) {
  asio::steady_timer timer(worker->context);
  while (!self->ended) {
    const auto now = self->core.clock.steady();
    for (HttpConnection* connection : worker->connections) {
      connection->check_deadline(now);
      if (self->core.stopping) connection->end_if_idle();
    }
    error_code ec;
    timer.expires_after(kLookThrough);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

template <class Function>
void HttpServer::Impl::on_every_worker(Function function) {
  for (const auto& worker : workers) {
    asio::post(worker->context, [worker = worker.get(), function] {
      for (HttpConnection* connection : worker->connections) function(*connection);
    });
  }
}

HttpServer::HttpServer(HttpServerOptions options, Router router, HttpServerHooks hooks,
                       const Clock& clock)
    : impl_(
          std::make_unique<Impl>(std::move(options), std::move(router), std::move(hooks), clock)) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::websocket(std::string pattern, Permission permission, WebSocketFactory factory) {
  ASSERT(!impl_->started);
  Route route;
  route.method = "GET";
  route.pattern = pattern;
  route.permission = permission;
  // Runs after the permission check; the session sees 101 and upgrades.
  route.handler = [](const Request&) {
    Response response;
    response.status = 101;
    return response;
  };
  RouteGroup group;
  group.routes.push_back(std::move(route));
  impl_->core.websocket_router.add(std::move(group));
  impl_->core.websocket_factories.emplace(std::move(pattern), std::move(factory));
}

void HttpServer::start() {
  Impl& impl = *impl_;
  ASSERT(!impl.started);
  impl.load_certificate();
  const size_t wanted = impl.core.options.io_threads;
  const size_t count = wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
  for (size_t i = 0; i < count; ++i) impl.workers.push_back(std::make_shared<Worker>());
  impl.open();
  impl.started = true;
  impl.housekeeping.spawn(impl.workers[0]->context.get_executor(), Impl::accept_loop(&impl));
  for (const auto& worker : impl.workers) {
    impl.housekeeping.spawn(worker->context.get_executor(), Impl::look_through(&impl, worker));
    worker->thread = std::thread([&context = worker->context] {
      pthread_setname_np(pthread_self(), "http-io");
      context.run();
    });
  }
}

uint16_t HttpServer::port() const {
  return impl_->port;
}

size_t HttpServer::connections() const {
  return impl_->core.connections;
}

void HttpServer::stop() {
  Impl& impl = *impl_;
  if (!impl.started || std::exchange(impl.stopped, true)) return;
  impl.core.stopping = true;
  asio::post(impl.workers[0]->context, [&impl] {
    error_code ignored;
    impl.acceptor->close(ignored);
  });
  impl.on_every_worker([](HttpConnection& connection) { connection.end_if_idle(); });
  const auto patience = std::max(impl.core.options.deadlines.stop - kForcedEnd, kForcedEnd);
  if (!impl.sessions.wait_for(patience)) {
    log_warning("connections cut at stop", {{"connections", connections()}});
    impl.on_every_worker([](HttpConnection& connection) { connection.force_end(); });
    impl.sessions.wait_for(kForcedEnd);
  }
  impl.core.pool.stop();
  impl.ended = true;
  impl.housekeeping.wait_for(kForcedEnd);
  for (const auto& worker : impl.workers) {
    worker->guard.reset();
    worker->context.stop();
    worker->thread.join();
  }
}

}  // namespace rapport
