// One HTTP/1.1 connection: read a header, its body, run the handler, write the answer, again.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/text.h"
#include "http/connection.h"
#include "http/problem.h"
#include "http/response_writer.h"
#include "http/websocket_session.h"

namespace rapport {
namespace {

namespace bhttp = boost::beast::http;
using boost::system::error_code;

constexpr size_t kReadBytes = 4 * 1024;
constexpr size_t kBodyStep = 64 * 1024;     // a body's memory grows as it arrives, by this much
constexpr size_t kJoinedBytes = 16 * 1024;  // smaller answers go out as one buffer
constexpr size_t kWriteStep = 256 * 1024;   // each has its own deadline
constexpr size_t kLingerBytes = 16 * 1024 * 1024;  // a body refused at its header, unread
constexpr std::chrono::seconds kLingerDeadline{2};

template <class Stream>
class Session final : public HttpConnection {
 public:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  Session(ServerCore& core, std::shared_ptr<Worker> worker, Stream stream)
      : HttpConnection(core, std::move(worker)),
        stream_(std::move(stream)),
        wakeup_(worker_->context, SteadyTime::max()),
        buffer_(limits::kMaxHeaderBytes + kBodyStep) {
    error_code ec;
    const auto endpoint = socket().remote_endpoint(ec);
    if (ec) return;
    const auto address = endpoint.address();
    peer_ip_ = address.is_v6() && address.to_v6().is_v4_mapped()
                   ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
                   : address.to_string();
  }

  static Task<> run(std::shared_ptr<Session> self) { co_await self->serve(); }

  void abort() override {
    if (abort_upgraded_) return abort_upgraded_();
    error_code ignored;
    socket().close(ignored);
  }
  void wake() override { wakeup_.cancel(); }

 private:
  auto& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  std::string_view buffered() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  Task<> serve();
  Task<bool> handshake();
  Task<size_t> read_head();
  Task<bool> read_more();
  Task<bool> serve_one(size_t head_size);
  Task<bool> refuse(HeadRefusal refusal);
  Task<bool> read_body(std::shared_ptr<Request> request, size_t limit, BodyCharge* charge);
  Task<bool> read_sized(std::shared_ptr<Request> request, size_t size, BodyCharge* charge);
  Task<bool> read_chunked(std::shared_ptr<Request> request, size_t limit, BodyCharge* charge);
  Task<Response> handle(Destination destination, std::shared_ptr<Request> request);
  Task<Response> await_answer(std::shared_ptr<Exchange> exchange, std::string request_id);
  Task<> upgrade(std::shared_ptr<Request> request);
  Task<bool> send(std::shared_ptr<Request> request, Response response, bool keep);
  Task<bool> send_pieces(std::shared_ptr<Request> request, Response response, bool keep);
  Task<> linger();
  void report(const Request& request, const Response& response, size_t bytes);

  Stream stream_;
  asio::steady_timer wakeup_;
  boost::beast::flat_buffer buffer_;
  RequestHead head_;
  std::string out_;
  std::string peer_ip_;
  SteadyTime started_;
  bool unread_ = false;  // closing with bytes of the client unread: give it time to read the answer
  std::function<void()> abort_upgraded_;
};

template <class Stream>
Task<> Session<Stream>::serve() {
  if (!co_await handshake()) co_return;
  for (;;) {
    const size_t head_size = co_await read_head();
    if (head_size == 0 || !co_await serve_one(head_size)) break;
  }
  if (!abort_upgraded_) co_await linger();
}

template <class Stream>
Task<bool> Session<Stream>::handshake() {
  expect_within(core_.options.deadlines.header);
  if constexpr (kTls) {
    error_code ec;
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;
  }
  co_return true;
}

template <class Stream>
Task<bool> Session<Stream>::read_more() {
  error_code ec;
  const size_t count = co_await stream_.async_read_some(
      buffer_.prepare(kReadBytes), asio::redirect_error(asio::use_awaitable, ec));
  buffer_.commit(count);
  co_return !ec;
}

/// Size of the header at the front of the buffer, or of too much without one; 0: the peer left.
template <class Stream>
Task<size_t> Session<Stream>::read_head() {
  size_t searched = 0;
  idle_ = buffer_.size() == 0;
  if (!idle_) expect_within(core_.options.deadlines.header);
  for (;;) {
    const size_t end = find_head_end(buffered(), searched);
    if (end > 0 || buffered().size() > limits::kMaxHeaderBytes) {
      idle_ = false;
      co_return end > 0 ? end : buffered().size();
    }
    searched = buffered().size();
    if (!co_await read_more()) co_return 0;
    if (idle_) expect_within(core_.options.deadlines.header);
    idle_ = false;
  }
}

template <class Stream>
Task<bool> Session<Stream>::serve_one(size_t head_size) {
  started_ = core_.clock.steady();
  const HeadRefusal refusal = read_request_head(buffered().substr(0, head_size), &head_);
  if (refusal) co_return co_await refuse(refusal);
  BodyCharge charge(core_);
  auto request = make_request(core_, head_, peer_ip_, kTls);
  Destination destination;
  Response response;
  std::exception_ptr failure;
  unread_ = head_.chunked || head_.content_length.value_or(0) > 0;
  try {
    destination = find_destination(core_, head_, *request);
    if (!destination.route) response = answer_without_route(core_, head_, *request);
    // From here on the views of head_ are gone: reading the body reuses the buffer.
    buffer_.consume(head_size);
    if (unread_ && (destination.route || !head_.expect_continue)) {
      if (!co_await read_body(request, destination.max_body_bytes, &charge)) co_return false;
      unread_ = false;
      decode_body(*request, destination.max_body_bytes, charge);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    response = response_of(failure, *request, destination.route);
  } else if (destination.route) {
    response = co_await handle(destination, request);
    if (response.status == 101 && destination.websocket) {
      co_await upgrade(request);
      co_return false;
    }
  }
  const bool keep = head_.keep_alive && !unread_ && !core_.stopping.load();
  co_return co_await send(std::move(request), std::move(response), keep);
}

template <class Stream>
Task<bool> Session<Stream>::refuse(HeadRefusal refusal) {
  auto request = std::make_shared<Request>();
  request->remote_ip = peer_ip_;
  request->request_id = make_request_id(core_);
  Response response = problem_response(Error(refusal.code, std::string(refusal.detail)),
                                       request->request_id, refusal.status);
  unread_ = true;
  co_return co_await send(std::move(request), std::move(response), false);
}

template <class Stream>
Task<bool> Session<Stream>::read_body(std::shared_ptr<Request> request, size_t limit,
                                      BodyCharge* charge) {
  if (head_.content_length.value_or(0) > limit) {
    throw Error(ErrorCode::kPayloadTooLarge,
                "The body is larger than the " + std::to_string(limit) + " bytes allowed here");
  }
  expect_within(core_.options.deadlines.body);
  if (head_.expect_continue && buffer_.size() == 0) {
    error_code ec;
    co_await asio::async_write(stream_, asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25),
                               asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;
  }
  if (head_.chunked) co_return co_await read_chunked(std::move(request), limit, charge);
  co_return co_await read_sized(std::move(request), *head_.content_length, charge);
}

template <class Stream>
Task<bool> Session<Stream>::read_sized(std::shared_ptr<Request> request, size_t size,
                                       BodyCharge* charge) {
  std::string& body = request->body;
  const size_t here = std::min(size, buffer_.size());
  charge->add(here);
  body.assign(buffered().substr(0, here));
  buffer_.consume(here);
  size_t filled = here;
  while (filled < size) {
    if (filled == body.size()) {
      const size_t step = std::min(size - filled, std::max(kBodyStep, filled));
      charge->add(step);
      body.resize(filled + step);
    }
    error_code ec;
    filled +=
        co_await stream_.async_read_some(asio::buffer(body.data() + filled, body.size() - filled),
                                         asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return false;
  }
  co_return true;
}

template <class Stream>
Task<bool> Session<Stream>::read_chunked(std::shared_ptr<Request> request, size_t limit,
                                         BodyCharge* charge) {
  // Beast reads the chunks behind a header of ours, so that none of the client's is read twice.
  bhttp::request_parser<bhttp::string_body> parser;
  parser.eager(true);
  parser.body_limit(limit);
  error_code ec;
  parser.put(
      asio::buffer(std::string_view("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")), ec);
  size_t charged = 0;
  while (!parser.is_done()) {
    size_t used = 0;
    ec = {};
    if (buffer_.size() > 0) used = parser.put(buffer_.data(), ec);
    buffer_.consume(used);
    if (ec == bhttp::error::body_limit) {
      throw Error(ErrorCode::kPayloadTooLarge, "The body is larger than allowed here");
    }
    if (ec && ec != bhttp::error::need_more) throw Error::invalid("body", "is not valid chunks");
    if (parser.is_done()) break;
    const size_t size = parser.get().body().size();
    charge->add(size - charged);
    charged = size;
    if (used > 0 && buffer_.size() > 0 && !ec) continue;
    if (buffer_.size() >= limits::kMaxHeaderBytes) {
      throw Error::invalid("body", "has too long a chunk header");
    }
    if (!co_await read_more()) co_return false;
  }
  request->body = std::move(parser.get().body());
  co_return true;
}

template <class Stream>
Task<Response> Session<Stream>::handle(Destination destination, std::shared_ptr<Request> request) {
  auto exchange = std::make_shared<Exchange>();
  expect_within(core_.options.deadlines.handler);
  std::exception_ptr failure;
  try {
    run_route(core_, destination, request, exchange);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) co_return response_of(failure, *request, destination.route);
  co_return co_await await_answer(std::move(exchange), request->request_id);
}

template <class Stream>
Task<Response> Session<Stream>::await_answer(std::shared_ptr<Exchange> exchange,
                                             std::string request_id) {
  const bool here = exchange->wait([worker = worker_, weak = weak_from_this()] {
    asio::post(worker->context, [weak] {
      if (const auto session = weak.lock()) session->wake();
    });
  });
  handling_ = true;
  while (!here && !exchange->ready() && !expired_) {
    error_code cancelled;
    co_await wakeup_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  handling_ = false;
  if (auto response = exchange->take_or_abandon()) co_return std::move(*response);
  expired_ = false;
  co_return problem_response(Error(ErrorCode::kDeadlineExceeded, "The answer took too long"),
                             request_id);
}

template <class Stream>
Task<> Session<Stream>::upgrade(std::shared_ptr<Request> request) {
  const auto factory = core_.websocket_factories.find(request->route);
  expect_nothing();  // the WebSocket stream pings and times out by itself
  idle_ = true;
  abort_upgraded_ = [] {};
  co_await run_websocket(std::move(stream_), worker_, std::move(request), factory->second,
                         [this](std::function<void()> abort) { abort_upgraded_ = abort; });
}

/// A body in chunks, of which one is in memory at a time; the next is made once this one is sent.
template <class Stream>
Task<bool> Session<Stream>::send_pieces(std::shared_ptr<Request> request, Response response,
                                        bool keep) {
  keep = keep && !head_.http_1_0;  // without chunks only the end of the connection ends the body
  out_.clear();
  append_response_head(response,
                       {worker_->http_date(core_.clock.now()), request->request_id, keep,
                        request->secure, head_.http_1_0},
                       out_);
  size_t total = 0;
  bool ended = request->method == "HEAD";
  bool whole = true;
  error_code ec;
  while (!ended && whole && !ec) {
    auto exchange = std::make_shared<Exchange>();
    expect_within(core_.options.deadlines.handler);
    whole = run_piece(core_, response.next_piece, request, exchange);
    if (!whole) break;
    const Response piece = co_await await_answer(std::move(exchange), request->request_id);
    whole = piece.status == 200;
    ended = piece.body.empty();
    if (!whole) break;
    append_chunk(piece.body, head_.http_1_0, out_);
    total += out_.size();
    expect_within(core_.options.deadlines.write);
    co_await asio::async_write(stream_, asio::buffer(out_),
                               asio::redirect_error(asio::use_awaitable, ec));
    out_.clear();
  }
  if (!out_.empty() && whole && !ec) {
    co_await asio::async_write(stream_, asio::buffer(out_),
                               asio::redirect_error(asio::use_awaitable, ec));
  }
  report(*request, response, total);
  expect_within(core_.options.deadlines.idle);
  co_return keep&& whole && !ec;
}

template <class Stream>
Task<bool> Session<Stream>::send(std::shared_ptr<Request> request, Response response, bool keep) {
  if (response.next_piece) {
    co_return co_await send_pieces(std::move(request), std::move(response), keep);
  }
  const bool head_only =
      request->method == "HEAD" || response.status == 204 || response.status == 304;
  out_.clear();
  append_response_head(response,
                       {worker_->http_date(core_.clock.now()), request->request_id, keep,
                        request->secure, head_.http_1_0},
                       out_);
  std::string_view rest = head_only ? std::string_view() : std::string_view(response.body);
  const size_t total = out_.size() + rest.size();
  if (rest.size() <= kJoinedBytes) {
    out_ += rest;
    rest = {};
  }
  std::string_view first = out_;
  error_code ec;
  do {
    expect_within(core_.options.deadlines.write);
    const std::string_view part = rest.substr(0, kWriteStep);
    const std::array buffers{asio::buffer(first), asio::buffer(part)};
    co_await asio::async_write(stream_, buffers, asio::redirect_error(asio::use_awaitable, ec));
    rest.remove_prefix(part.size());
    first = {};
  } while (!ec && !rest.empty());
  report(*request, response, total);
  expect_within(core_.options.deadlines.idle);
  co_return keep && !ec;
}

template <class Stream>
void Session<Stream>::report(const Request& request, const Response& response, size_t bytes) {
  if (!core_.hooks.on_finished) return;
  FinishedRequest finished;
  finished.method = request.method;
  finished.route = request.route;
  finished.path = request.path;
  finished.request_id = request.request_id;
  finished.remote_ip = request.remote_ip;
  finished.status = response.status;
  finished.duration = std::chrono::floor<Micros>(core_.clock.steady() - started_);
  finished.bytes = bytes;
  core_.hooks.on_finished(finished);
}

/// Closes so that the client can still read the answer: a close with unread bytes would reset.
template <class Stream>
Task<> Session<Stream>::linger() {
  error_code ec;
  if (!socket().is_open()) co_return;
  expect_within(kLingerDeadline);
  if constexpr (kTls) {
    if (!unread_) {
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
      co_return;
    }
  }
  socket().shutdown(Socket::shutdown_send, ec);
  size_t discarded = 0;
  while (unread_ && !ec && discarded < kLingerBytes) {
    buffer_.clear();
    discarded += co_await socket().async_read_some(buffer_.prepare(kReadBytes),
                                                   asio::redirect_error(asio::use_awaitable, ec));
  }
}

}  // namespace

// Coroutines, so that the session is made on its own thread and not on the acceptor's.
Task<> serve_plain(ServerCore* core, std::shared_ptr<Worker> worker, Socket socket) {
  co_await Session<Socket>::run(
      std::make_shared<Session<Socket>>(*core, std::move(worker), std::move(socket)));
}

Task<> serve_tls(ServerCore* core, std::shared_ptr<Worker> worker, TlsStream stream) {
  co_await Session<TlsStream>::run(
      std::make_shared<Session<TlsStream>>(*core, std::move(worker), std::move(stream)));
}

}  // namespace rapport
