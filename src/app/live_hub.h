// LiveHub: tells open consoles over WebSocket what changed, at most four times a second.
//
// A console says {"subscribe":["events",…]} and gets {"topic":"events","data":…} whenever that
// topic's data changed, for its own workspace only, and {"type":"changed","applied":N} besides, so
// that anything else can be asked for again. A topic is a function from workspace to JSON and the
// permission it needs; what a role may not read it is not sent. A connection ends after
// limits::kLiveLifetime, so that a revoked session does not listen on: the console connects again.
// Thread-safe; one thread of its own asks the topics.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/permission.h"
#include "http/websocket.h"
#include "runtime/clock.h"

namespace rapport {

class LiveHub {
 public:
  /// JSON of what the topic tells now; `since` is the log offset told before, 0 at first. Empty:
  /// nothing to tell.
  using Topic = std::function<std::string(WorkspaceId, Offset since, Offset now)>;
  /// Whether the caller may do this.
  using Allows = std::function<bool(const Caller&, Permission)>;

  LiveHub(const Clock& clock, Allows allows);
  ~LiveHub();

  /// Before the first `connect`.
  void add_topic(std::string name, Permission permission, Topic topic);
  /// Cheap, from any thread.
  void changed(Offset applied);
  void stop();
  std::unique_ptr<WebSocketHandler> connect(const Request& request);

 private:
  class Subscriber;
  struct Listener {
    std::shared_ptr<WebSocketSession> session;
    Caller caller;
    std::chrono::steady_clock::time_point ends;
    std::set<std::string, std::less<>> topics;
    std::set<std::string, std::less<>> fresh;  // subscribed, nothing sent yet
  };
  struct TopicRow {
    Permission permission;
    Topic ask;
  };
  struct Told {
    Offset since = 0;
    std::string last;
  };
  using ToldKey = std::pair<uint64_t, std::string>;

  void subscribe(const Subscriber* who, const std::vector<std::string>& topics);
  void run();
  void tell(Offset applied);
  void tell_topic(const std::string& name, const TopicRow& topic, Offset applied,
                  const std::vector<Listener>& listeners);

  const Clock& clock_;
  const Allows allows_;
  std::map<std::string, TopicRow, std::less<>> topics_;
  std::map<ToldKey, Told> told_;  // of the thread
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<const Subscriber*, Listener> listeners_;
  Offset applied_ = 0;
  bool changed_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rapport
