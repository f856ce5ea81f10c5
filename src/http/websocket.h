// WebSocket as handlers see it: text messages over one connection, no Beast, no Asio.
//
// A factory makes one handler per connection after the permission check; its methods run one at a
// time on the connection's io thread and must not block. `WebSocketSession` may be used from any
// thread and kept after the connection ended. Messages and the send queue are bounded (limits.h): a
// client that does not read is closed. Pings keep an idle connection alive and find a dead one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace rapport {

class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  /// Queues one text message; false when the connection is closed or its queue full (then it
  /// closes).
  virtual bool send(std::string text) = 0;
  virtual void close() = 0;
};

class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void on_open(std::shared_ptr<WebSocketSession> session) = 0;
  virtual void on_message(std::string_view text) = 0;
  virtual void on_close() = 0;
};

using WebSocketFactory = std::function<std::unique_ptr<WebSocketHandler>(const Request&)>;

}  // namespace rapport
