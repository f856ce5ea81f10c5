// LiveHub: tells open consoles over WebSocket that something changed, at most four times a second.
//
// A message is {"type":"changed"}; the console asks for what it shows again. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "http/websocket.h"

namespace rapport {

class LiveHub {
 public:
  LiveHub();
  ~LiveHub();
  /// Cheap, from any thread.
  void changed();
  void stop();
  std::unique_ptr<WebSocketHandler> connect();

 private:
  class Subscriber;
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::shared_ptr<WebSocketSession>> sessions_;
  bool changed_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rapport
