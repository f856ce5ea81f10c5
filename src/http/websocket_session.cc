#include "http/websocket_session.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <mutex>

#include "base/limits.h"

namespace rapport {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;

/// What handlers hold: a bounded queue that survives the connection and knows nothing of sockets.
class Outgoing final : public WebSocketSession {
 public:
  explicit Outgoing(std::function<void()> wake) : wake_(std::move(wake)) {}

  bool send(std::string text) override {
    std::function<void()> wake;
    bool taken = true;
    {
      const std::lock_guard lock(mutex_);
      if (closing_) return false;
      taken = queue_.size() < limits::kMaxWebSocketQueue;
      if (taken) {
        queue_.push_back(std::move(text));
      } else {
        closing_ = true;
      }
      wake = wake_;
    }
    if (wake) wake();
    return taken;
  }
  void close() override {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      wake = wake_;
    }
    if (wake) wake();
  }
  bool pop(std::string* text) {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    *text = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }
  bool closing() {
    const std::lock_guard lock(mutex_);
    return closing_;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_ = nullptr;
    queue_.clear();
  }

 private:
  std::mutex mutex_;
  bool closing_ = false;
  std::deque<std::string> queue_;
  std::function<void()> wake_;
};

template <class Stream>
class Link : public std::enable_shared_from_this<Link<Stream>> {
 public:
  Link(Stream stream, Worker& worker)
      : socket_(std::move(stream)), wakeup_(worker.context, SteadyTime::max()) {}

  Task<> run(std::shared_ptr<Worker> worker, std::shared_ptr<Request> request,
             WebSocketFactory factory) {
    using boost::asio::experimental::awaitable_operators::operator&&;
    auto timeouts = beast::websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeouts.idle_timeout = limits::kIdleDeadline;
    timeouts.handshake_timeout = limits::kHeaderDeadline;
    timeouts.keep_alive_pings = true;
    socket_.set_option(timeouts);
    socket_.read_message_max(limits::kMaxWebSocketMessageBytes);
    beast::http::request<beast::http::empty_body> upgrade{beast::http::verb::get, "/", 11};
    for (const auto& [name, value] : request->headers) upgrade.insert(name, value);
    error_code ec;
    co_await socket_.async_accept(upgrade, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    outgoing_ = std::make_shared<Outgoing>([worker, weak = this->weak_from_this()] {
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
    error_code ignored;
    beast::get_lowest_layer(socket_).close(ignored);
    ended_ = true;
    wakeup_.cancel();
  }

 private:
  Task<> read_all() {
    beast::flat_buffer buffer;
    while (!ended_) {
      error_code ec;
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
    error_code ec;
    socket_.text(true);
    while (!ended_) {
      std::string text;
      if (outgoing_->pop(&text)) {
        co_await socket_.async_write(asio::buffer(text),
                                     asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
      } else if (outgoing_->closing()) {
        co_await socket_.async_close(beast::websocket::close_code::normal,
                                     asio::redirect_error(asio::use_awaitable, ec));
        break;
      } else {
        co_await wakeup_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
      }
    }
    abort();
  }

  beast::websocket::stream<Stream, false> socket_;  // without compression: messages are short
  asio::steady_timer wakeup_;
  std::shared_ptr<Outgoing> outgoing_;
  std::unique_ptr<WebSocketHandler> handler_;
  bool ended_ = false;
};

template <class Stream>
Task<> run_link(Stream stream, std::shared_ptr<Worker> worker, std::shared_ptr<Request> request,
                WebSocketFactory factory, AbortHook hook) {
  auto link = std::make_shared<Link<Stream>>(std::move(stream), *worker);
  hook([weak = std::weak_ptr(link)] {
    if (const auto held = weak.lock()) held->abort();
  });
  co_await link->run(worker, std::move(request), std::move(factory));
}

}  // namespace

Task<> run_websocket(Socket stream, std::shared_ptr<Worker> worker,
                     std::shared_ptr<Request> request, WebSocketFactory factory, AbortHook hook) {
  return run_link(std::move(stream), std::move(worker), std::move(request), std::move(factory),
                  std::move(hook));
}

Task<> run_websocket(TlsStream stream, std::shared_ptr<Worker> worker,
                     std::shared_ptr<Request> request, WebSocketFactory factory, AbortHook hook) {
  return run_link(std::move(stream), std::move(worker), std::move(request), std::move(factory),
                  std::move(hook));
}

}  // namespace rapport
