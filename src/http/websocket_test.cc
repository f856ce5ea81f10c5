#include "http/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/limits.h"
#include "http/test_server.h"
#include "runtime/clock.h"

namespace rapport {
namespace {

using testing::HasSubstr;
using testing_http::RawSocket;
using testing_http::status_of;

struct Shared {
  std::shared_ptr<WebSocketSession> session;
  std::promise<void> closed;
};

class EchoHandler final : public WebSocketHandler {
 public:
  explicit EchoHandler(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  void on_open(std::shared_ptr<WebSocketSession> session) override {
    session->send("welcome");
    shared_->session = session;
  }
  void on_message(std::string_view text) override {
    if (text == "leave") return shared_->session->close();
    shared_->session->send("echo " + std::string(text));
  }
  void on_close() override { shared_->closed.set_value(); }

 private:
  std::shared_ptr<Shared> shared_;
};

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() {
    HttpServerHooks hooks;
    hooks.authorise = [](const Route&, Request& request) {
      if (request.query_value("key") != "good") throw Error(ErrorCode::kUnauthenticated, "no");
    };
    HttpServerOptions options;
    options.port = 0;
    server_ = std::make_unique<HttpServer>(options, Router(), hooks, clock_);
    server_->websocket("/live/{room}", Permission::kEventsRead, [this](const Request& request) {
      EXPECT_EQ(request.parameter("room"), "7");
      return std::make_unique<EchoHandler>(shared_);
    });
    server_->start();
  }

  static std::string handshake(std::string target, std::string origin) {
    return "GET " + target +
           " HTTP/1.1\r\nHost: here:1\r\nUpgrade: websocket\r\nOrigin: " + origin +
           "\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }
  /// A masked frame with a zero mask, as a client sends it.
  static std::string frame(std::string_view text) {
    return std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') +
           std::string(text);
  }

  SystemClock clock_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebSocketTest, ExchangesMessages) {
  {
    RawSocket socket(server_->port());
    socket.send(handshake("/live/7?key=good", "http://here:1"));
    const std::string opened = socket.read_until("welcome");
    EXPECT_EQ(status_of(opened), 101);
    EXPECT_THAT(opened, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    socket.send(frame("one"));
    EXPECT_THAT(socket.read_until("echo one"), HasSubstr("echo one"));
    socket.send(frame("leave"));
    EXPECT_EQ(socket.read_until("\x88").substr(0, 1), "\x88");
    socket.send(std::string("\x88\x80\0\0\0\0", 6));
  }
  shared_->closed.get_future().wait();
  EXPECT_FALSE(shared_->session->send("too late"));
}

TEST_F(WebSocketTest, AsksForPermissionAndOrigin) {
  const auto status = [&](std::string bytes) {
    RawSocket socket(server_->port());
    socket.send(bytes);
    return status_of(socket.read_until("\r\n\r\n"));
  };
  EXPECT_EQ(status(handshake("/live/7", "http://here:1")), 401);
  EXPECT_EQ(status(handshake("/live/7?key=good", "http://elsewhere")), 403);
  EXPECT_EQ(status(handshake("/other", "http://here:1")), 404);
}

TEST_F(WebSocketTest, EndsWithTheServer) {
  RawSocket socket(server_->port());
  socket.send(handshake("/live/7?key=good", "http://here:1"));
  EXPECT_EQ(status_of(socket.read_until("welcome")), 101);
  server_->stop();
  shared_->closed.get_future().wait();
  server_.reset();
  EXPECT_FALSE(shared_->session->send("gone"));
}

}  // namespace
}  // namespace rapport
