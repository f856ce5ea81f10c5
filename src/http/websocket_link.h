// What an upgraded connection does, for any kind of stream. Internal to http/: plain and TLS
// connections are two translation units, because each takes half a minute of the compiler together.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <memory>

#include "base/limits.h"
#include "http/websocket_queue.h"
#include "http/websocket_session.h"
#include "runtime/log.h"

namespace rapport {

template <class Stream>
class WebSocketLink : public std::enable_shared_from_this<WebSocketLink<Stream>> {
 public:
  WebSocketLink(Stream stream, Worker& worker)
      : socket_(std::move(stream)), wakeup_(worker.context, SteadyTime::max()) {}

  Task<> run(std::shared_ptr<Worker> worker, std::shared_ptr<Request> request,
             WebSocketFactory factory) {
    using boost::asio::experimental::awaitable_operators::operator&&;
    auto timeouts =
        boost::beast::websocket::stream_base::timeout::suggested(boost::beast::role_type::server);
    timeouts.idle_timeout = limits::kIdleDeadline;
    timeouts.handshake_timeout = limits::kHeaderDeadline;
    timeouts.keep_alive_pings = true;
    socket_.set_option(timeouts);
    socket_.read_message_max(limits::kMaxWebSocketMessageBytes);
    boost::beast::http::request<boost::beast::http::empty_body> upgrade{
        boost::beast::http::verb::get, "/", 11};
    for (const auto& [name, value] : request->headers) upgrade.insert(name, value);
    boost::system::error_code ec;
    co_await socket_.async_accept(upgrade, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    outgoing_ = std::make_shared<WebSocketQueue>([worker, weak = this->weak_from_this()] {
      asio::post(worker->context, [weak] {
        if (const auto link = weak.lock()) link->wakeup_.cancel();
      });
    });
    handler_ = factory(*request);
    handler_->on_open(outgoing_);
    co_await (read_all() && write_all());
    outgoing_->end();
    handler_->on_close();
  }

  /// Fails every pending operation.
  void abort() {
    boost::system::error_code ignored;
    boost::beast::get_lowest_layer(socket_).close(ignored);
    ended_ = true;
    wakeup_.cancel();
  }

 private:
  Task<> read_all() {
    boost::beast::flat_buffer buffer;
    while (!ended_) {
      boost::system::error_code ec;
      co_await socket_.async_read(buffer, asio::redirect_error(asio::use_awaitable, ec));
      if (ec) break;
      try {
        handler_->on_message({static_cast<const char*>(buffer.data().data()), buffer.size()});
      } catch (const std::exception& error) {
        log_error("message handler failed", {{"detail", error.what()}});
        break;
      }
      buffer.consume(buffer.size());
    }
    abort();
  }

  Task<> write_all() {
    boost::system::error_code ec;
    socket_.text(true);
    while (!ended_) {
      std::string text;
      if (outgoing_->pop(&text)) {
        co_await socket_.async_write(asio::buffer(text),
                                     asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
      } else if (outgoing_->closing()) {
        co_await socket_.async_close(boost::beast::websocket::close_code::normal,
                                     asio::redirect_error(asio::use_awaitable, ec));
        break;
      } else {
        co_await wakeup_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      }
    }
    abort();
  }

  boost::beast::websocket::stream<Stream, false>
      socket_;  // without compression: messages are short
  asio::steady_timer wakeup_;
  std::shared_ptr<WebSocketQueue> outgoing_;
  std::unique_ptr<WebSocketHandler> handler_;
  bool ended_ = false;
};

template <class Stream>
Task<> run_websocket_link(Stream stream, std::shared_ptr<Worker> worker,
                          std::shared_ptr<Request> request, WebSocketFactory factory,
                          AbortHook hook) {
  auto link = std::make_shared<WebSocketLink<Stream>>(std::move(stream), *worker);
  hook([weak = std::weak_ptr(link)] {
    if (const auto held = weak.lock()) held->abort();
  });
  co_await link->run(worker, std::move(request), std::move(factory));
}

}  // namespace rapport
