#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/text.h"
#include "http/gzip.h"
#include "http/test_server.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_http::client_of;
using testing_http::make_async_route;
using testing_http::make_route;
using testing_http::RawSocket;
using testing_http::start_server;
using testing_http::status_of;

Response echo(const Request& request) {
  return Response::json(request.body);
}

RouteGroup plain_routes() {
  RouteGroup group;
  group.routes = {
      make_route("POST", "/echo", echo),
      make_route("GET", "/items/{id}",
                 [](const Request& r) {
                   return Response::json("{\"id\":" + json_quote(r.parameter("id")) + "}");
                 }),
      make_route("GET", "/big",
                 [](const Request&) { return Response::json(std::string(100'000, 'x')); }),
      make_route("GET", "/ip",
                 [](const Request& r) {
                   return Response::json(r.remote_ip + (r.secure ? " secure" : " plain"));
                 }),
      make_route("GET", "/throws",
                 [](const Request&) -> Response { throw std::runtime_error("secret detail"); }),
      make_route("GET", "/refuses",
                 [](const Request&) -> Response {
                   throw Error(ErrorCode::kTooManyRequests, "slow down")
                       .with_retry_after(std::chrono::seconds(7));
                 }),
      make_route("GET", "/pieces",
                 [](const Request& r) {
                   const bool breaks = r.query_value("break").has_value();
                   auto left = std::make_shared<int>(3);
                   Response response;
                   response.content_type = "text/csv";
                   response.next_piece = [left, breaks]() -> std::string {
                     if (breaks && *left == 1) throw std::runtime_error("torn");
                     return *left > 0 ? "piece " + std::to_string((*left)--) + "\n" : "";
                   };
                   return response;
                 }),
      make_async_route(
          "POST", "/async",
          [](std::shared_ptr<Request> r, ResponseSender send) { send(Response::json(r->body)); }),
      make_async_route("GET", "/thread",
                       [worker = std::make_shared<std::jthread>()](std::shared_ptr<Request>,
                                                                   ResponseSender send) {
                         *worker = std::jthread([send] {
                           send(Response::json("\"first\""));
                           send(Response::json("\"second\""));
                         });
                       }),
  };
  return group;
}

class ServerTest : public testing::Test {
 protected:
  std::string exchange(std::string_view bytes) {
    RawSocket socket(server_->port());
    socket.send(bytes);
    return socket.read_all();
  }

  SystemClock clock_;
  std::unique_ptr<HttpServer> server_ = start_server(plain_routes(), clock_);
};

TEST_F(ServerTest, SendsALongAnswerInPieces) {
  HttpClient client = client_of(*server_);
  EXPECT_EQ(client.send("GET", "/pieces").body, "piece 3\npiece 2\npiece 1\n");
  const std::string both = exchange(
      "GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /ip HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(both, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(both, HasSubstr("\r\n\r\n8\r\npiece 3\n\r\n8\r\npiece 2\n\r\n"));
  EXPECT_THAT(both, HasSubstr("\r\n0\r\n\r\nHTTP/1.1 200"));
  const std::string old = exchange("GET /pieces HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old, HasSubstr("\r\n\r\npiece 3\npiece 2\npiece 1\n"));
  EXPECT_THAT(old, Not(HasSubstr("chunked")));
}

TEST_F(ServerTest, ALongAnswerThatFailsIsSeenToBeTorn) {
  const std::string torn = exchange("GET /pieces?break=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(torn, HasSubstr("piece 2"));
  EXPECT_THAT(torn, Not(HasSubstr("\r\n0\r\n\r\n")));
  EXPECT_THAT(torn, Not(HasSubstr("torn")));
}

TEST_F(ServerTest, AnswersBlockingAndAsyncRoutes) {
  HttpClient client = client_of(*server_);
  EXPECT_EQ(client.send("POST", "/echo", "{\"a\":1}").body, "{\"a\":1}");
  EXPECT_EQ(client.send("POST", "/async", "hello").body, "hello");
  EXPECT_EQ(client.send("GET", "/thread").body, "\"first\"");
  const HttpReply item = client.send("GET", "/items/a%2Fb?x=1");
  EXPECT_EQ(item.status, 200);
  EXPECT_EQ(item.body, "{\"id\":\"a/b\"}");
  EXPECT_EQ(item.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(item.header("x-frame-options"), "DENY");
  EXPECT_EQ(item.header("cache-control"), "no-store");
  EXPECT_THAT(std::string(item.header("content-security-policy")), HasSubstr("default-src 'none'"));
  EXPECT_EQ(item.header("strict-transport-security"), "");
}

TEST_F(ServerTest, TakesOrMakesTheRequestId) {
  HttpClient client = client_of(*server_);
  const auto id = [&](std::string given) {
    return std::string(
        client.send("GET", "/ip", {}, {{"X-Request-Id", given}}).header("x-request-id"));
  };
  EXPECT_EQ(id("abc-1._Z"), "abc-1._Z");
  EXPECT_EQ(id("a b").size(), 16u);
  EXPECT_EQ(id(std::string(65, 'a')).size(), 16u);
  EXPECT_NE(id("!"), id("!"));
}

TEST_F(ServerTest, TurnsErrorsIntoProblems) {
  HttpClient client = client_of(*server_);
  const HttpReply refused = client.send("GET", "/refuses");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "7");
  EXPECT_EQ(refused.header("content-type"), "application/problem+json");
  EXPECT_THAT(refused.body, HasSubstr("\"code\":\"too_many_requests\""));
  EXPECT_THAT(refused.body, HasSubstr(std::string(refused.header("x-request-id"))));
  const HttpReply thrown = client.send("GET", "/throws");
  EXPECT_EQ(thrown.status, 500);
  EXPECT_THAT(thrown.body, Not(HasSubstr("secret detail")));
  EXPECT_EQ(client.send("GET", "/nowhere").status, 404);
  const HttpReply wrong = client.send("DELETE", "/echo");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "POST, OPTIONS");
}

TEST_F(ServerTest, AnswersHeadAndOptions) {
  HttpClient client = client_of(*server_);
  const HttpReply head = client.send("HEAD", "/items/7");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "10");
  EXPECT_EQ(head.body, "");
  const HttpReply options = client.send("OPTIONS", "/items/7");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(options.header("access-control-allow-origin"), "");
}

TEST_F(ServerTest, CompressesLargeAnswersWhenAccepted) {
  const std::string packed = exchange(
      "GET /big HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
  EXPECT_LT(packed.size(), 2'000u);
  EXPECT_THAT(packed, HasSubstr("Content-Encoding: gzip\r\n"));
  const std::string plain = exchange(
      "GET /big HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0\r\nConnection: close\r\n\r\n");
  EXPECT_GT(plain.size(), 100'000u);
  EXPECT_EQ(client_of(*server_).send("GET", "/big").body, std::string(100'000, 'x'));
}

TEST_F(ServerTest, ReadsGzipAndChunkedBodies) {
  HttpClientOptions options;
  options.gzip = true;
  HttpClient client = client_of(*server_, options);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + ",";
  EXPECT_EQ(client.send("POST", "/echo", text).body, text);
  const std::string bomb = gzip_compress(std::string(limits::kMaxApiBodyBytes + 1, 'a'));
  HttpClient raw = client_of(*server_);
  EXPECT_EQ(raw.send("POST", "/echo", bomb, {{"Content-Encoding", "gzip"}}).status, 413);
  EXPECT_EQ(raw.send("POST", "/echo", "nonsense", {{"Content-Encoding", "gzip"}}).status, 400);
  EXPECT_EQ(raw.send("POST", "/echo", "x", {{"Content-Encoding", "br"}}).status, 415);

  RawSocket socket(server_->port());
  socket.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab");
  socket.send("cd\r\n3;x=y\r\nefg\r\n0\r\n\r\nGET /items/next HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string both = socket.read_until("next");
  EXPECT_THAT(both, HasSubstr("\r\n\r\nabcdefgHTTP/1.1 200"));
  EXPECT_EQ(
      status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "zz\r\n")),
      400);
}

TEST_F(ServerTest, BoundsBodiesBeforeReadingThem) {
  const std::string large = std::to_string(limits::kMaxApiBodyBytes + 1);
  EXPECT_EQ(status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + large +
                               "\r\n\r\n")),
            413);
  const std::string continued = exchange(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " + large +
      "\r\n\r\n");
  EXPECT_EQ(status_of(continued), 413);
  RawSocket socket(server_->port());
  socket.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("ok");
  EXPECT_EQ(status_of(socket.read_until("ok")), 200);
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  EXPECT_EQ(status_of(exchange(chunks)), 413);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  RawSocket socket(server_->port());
  std::string bytes;
  for (int i = 0; i < 50; ++i) {
    const std::string id = std::to_string(i);
    bytes += "GET /items/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n";
    bytes += "POST /async HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nend";
  }
  socket.send(bytes);
  const std::string answers = socket.read_until("end", 50);
  size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("{\"id\":\"" + std::to_string(i) + "\"}", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerTest, KeepsOrClosesAsAsked) {
  EXPECT_THAT(exchange("GET /ip HTTP/1.0\r\n\r\n"), HasSubstr("Connection: close"));
  EXPECT_THAT(exchange("GET /ip HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              HasSubstr("Connection: close"));
  RawSocket socket(server_->port());
  socket.send("GET /ip HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(socket.read_until("plain"), HasSubstr("Connection: keep-alive"));
}

TEST_F(ServerTest, RefusesWhatTheGuardRefuses) {
  EXPECT_EQ(status_of(exchange("GET /ip HTTP/1.1\r\n\r\n")), 400);
  EXPECT_EQ(status_of(exchange("POST /echo HTTP/1.1\r\nHost: a\r\n"
                               "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")),
            501);
  EXPECT_EQ(status_of(exchange("GET /" + std::string(20'000, 'a'))), 431);
  EXPECT_EQ(status_of(exchange("GET /?a=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            400);
}

TEST(Server, ChecksPermissionsAndQueryParameters) {
  RouteGroup group;
  Route route = make_route("GET", "/secret", [](const Request& r) {
    return Response::json(json_quote(r.caller.label));
  });
  route.permission = Permission::kCustomersRead;
  route.query = {{"limit", "", "integer", false}, {"kind", "", "string", true}};
  group.routes.push_back(route);
  HttpServerHooks hooks;
  hooks.authorise = [](const Route& asked, Request& request) {
    if (request.header("authorization") != "Bearer good") {
      throw Error(ErrorCode::kUnauthenticated, "who are you");
    }
    request.caller.label = permission_name(asked.permission);
  };
  std::atomic<int> finished{0};
  hooks.on_finished = [&](const FinishedRequest& done) {
    finished += done.route == "/secret" && done.bytes > 0;
  };
  SystemClock clock;
  auto server = start_server(std::move(group), clock, {}, hooks);
  HttpClient client = client_of(*server);
  EXPECT_EQ(client.send("GET", "/secret?kind=a").status, 401);
  const HttpHeaders good{{"Authorization", "Bearer good"}};
  EXPECT_EQ(client.send("GET", "/secret?kind=a", {}, good).body, "\"customers.read\"");
  EXPECT_EQ(client.send("GET", "/secret", {}, good).status, 400);
  const HttpReply wrong = client.send("GET", "/secret?kind=a&limit=ten", {}, good);
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("\"errors\":[{\"field\":\"limit\""));
  server->stop();
  EXPECT_EQ(finished, 4);
}

TEST(Server, RefusesWhenThePoolIsFull) {
  std::promise<void> release;
  std::shared_future<void> released(release.get_future());
  std::atomic<int> running{0};
  RouteGroup group;
  group.routes.push_back(make_route("GET", "/slow", [&](const Request&) {
    ++running;
    released.wait();
    return Response::json("1");
  }));
  group.routes.push_back(make_async_route(
      "GET", "/ping",
      [](std::shared_ptr<Request>, ResponseSender send) { send(Response::json("1")); }));
  SystemClock clock;
  HttpServerOptions options;
  options.io_threads = 1;
  options.blocking_queue = 1;
  auto server = start_server(std::move(group), clock, options);
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 4; ++i) {
    // The first two run, the third waits, the fourth is refused.
    sockets.push_back(std::make_unique<RawSocket>(server->port()));
    sockets.back()->send("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    while (i < 2 && running <= i) std::this_thread::yield();
    // One io thread: when a later request is answered, the earlier one was taken in.
    if (i == 2) {
      EXPECT_EQ(client_of(*server).send("GET", "/ping").status, 200);
    }
  }
  const std::string refused = sockets.back()->read_all();
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1"));
  release.set_value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(sockets[i]->read_all()), 200);
}

TEST(Server, BoundsConnections) {
  SystemClock clock;
  HttpServerOptions options;
  options.max_connections = 2;
  auto server = start_server(plain_routes(), clock, options);
  const std::string get = "GET /ip HTTP/1.1\r\nHost: a\r\n\r\n";
  RawSocket first(server->port());
  first.send(get);
  EXPECT_EQ(status_of(first.read_until("plain")), 200);
  RawSocket second(server->port());
  second.send(get);
  EXPECT_EQ(status_of(second.read_until("plain")), 200);
  RawSocket third(server->port());
  EXPECT_EQ(status_of(third.read_all()), 503);
}

TEST(Server, EndsWhatIsPastItsDeadline) {
  RouteGroup group = plain_routes();
  std::mutex mutex;
  std::vector<ResponseSender> kept;
  group.routes.push_back(
      make_async_route("GET", "/never", [&](std::shared_ptr<Request>, ResponseSender send) {
        const std::lock_guard lock(mutex);
        kept.push_back(send);
      }));
  ManualClock clock(from_micros(1'800'000'000'000'000));
  HttpServerOptions options;
  options.io_threads = 1;
  auto server = start_server(std::move(group), clock, options);
  RawSocket never(server->port());
  never.send("GET /never HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  RawSocket half_head(server->port());
  half_head.send("GET /ip HT");
  RawSocket half_body(server->port());
  half_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  RawSocket idle(server->port());
  idle.send("GET /ip HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(idle.read_until("plain")), 200);
  for (bool seen = false; !seen;) {
    const std::lock_guard lock(mutex);
    seen = !kept.empty() && server->connections() == 4;
  }
  // One io thread: when a later request is answered, the halves before it were taken in.
  EXPECT_EQ(client_of(*server).send("POST", "/async", "x").status, 200);
  clock.advance(std::chrono::seconds(80));
  EXPECT_EQ(status_of(never.read_all()), 504);
  EXPECT_EQ(half_head.read_all(), "");
  EXPECT_EQ(half_body.read_all(), "");
  EXPECT_EQ(idle.read_all(), "");
  kept.at(0)(Response::json("too late"));
  server->stop();
}

TEST(Server, StopsGracefully) {
  std::promise<void> release;
  std::shared_future<void> released(release.get_future());
  std::atomic<bool> running{false};
  RouteGroup group;
  group.routes.push_back(make_route("GET", "/slow", [&](const Request&) {
    running = true;
    released.wait();
    return Response::json("\"done\"");
  }));
  SystemClock clock;
  auto server = start_server(std::move(group), clock);
  RawSocket idle(server->port());
  RawSocket busy(server->port());
  busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  while (!running) std::this_thread::yield();
  std::thread stopper([&] { server->stop(); });
  EXPECT_EQ(idle.read_all(), "");
  release.set_value();
  const std::string answer = busy.read_all();
  stopper.join();
  EXPECT_THAT(answer, HasSubstr("\"done\""));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_EQ(server->connections(), 0u);
}

TEST(Server, BelievesTrustedProxiesOnly) {
  struct Case {
    std::vector<std::string> trusted;
    std::string forwarded;
    std::string expected;
  };
  const Case cases[] = {
      {{}, "9.9.9.9", "127.0.0.1 plain"},
      {{"127.0.0.0/8"}, "9.9.9.9", "9.9.9.9 secure"},
      {{"127.0.0.1", "10.0.0.0/8"}, "1.1.1.1, 9.9.9.9, 10.1.2.3", "9.9.9.9 secure"},
      {{"127.0.0.1"}, "9.9.9.9, nonsense", "127.0.0.1 secure"},
      {{"10.0.0.0/8", "::1/128"}, "9.9.9.9", "127.0.0.1 plain"},
  };
  SystemClock clock;
  for (const Case& c : cases) {
    HttpServerOptions options;
    options.trusted_proxies = c.trusted;
    auto server = start_server(plain_routes(), clock, options);
    EXPECT_EQ(client_of(*server)
                  .send("GET", "/ip", {},
                        {{"X-Forwarded-For", c.forwarded}, {"X-Forwarded-Proto", "https"}})
                  .body,
              c.expected);
  }
  HttpServerOptions wrong;
  wrong.trusted_proxies = {"10.0.0.0/33"};
  EXPECT_THROW(start_server({}, clock, wrong), Error);
}

}  // namespace
}  // namespace rapport
