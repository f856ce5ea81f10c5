// Sends imported events to a running program: requests of one event name each, gzip, several in
// flight, repeated when the program is busy or the connection is lost.
//
// `add` and `finish` belong to one thread; worker threads, each with a connection of its own, post.
// Memory is bounded: `add` blocks while the workers are behind. A repeated request is harmless,
// since each event carries its message id. The last request asks for the applied state, so when
// `finish` returns everything can be read back.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "customers/import/event_builder.h"

namespace rapport {

struct ImportReply {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

/// One connection to the program.
class ImportTransport {
 public:
  virtual ~ImportTransport() = default;
  /// Posts a JSON body. Throws Error(kUnavailable or kDeadlineExceeded) when no reply came.
  virtual ImportReply post(const std::string& path, std::string_view body) = 0;
};
using TransportFactory = std::function<std::unique_ptr<ImportTransport>()>;

/// Connections to the program at `url` with an API key; bodies are sent as gzip.
TransportFactory http_transports(std::string url, std::string key);

/// What became of one request.
struct UploadResult {
  std::string name;
  uint64_t sent = 0;
  uint64_t added = 0;
  uint64_t duplicates = 0;
  struct Rejected {
    uint64_t line = 0;
    std::string reason;
  };
  std::vector<Rejected> rejected;
};

struct UploaderOptions {
  size_t connections = limits::kImportConnections;
  size_t request_events = limits::kImportRequestEvents;
  size_t request_bytes = limits::kImportRequestBytes;
  int attempts = limits::kMaxImportAttempts;
  /// Waits between attempts in place of real time, for tests.
  std::function<void(std::chrono::milliseconds)> pause;
};

class Uploader {
 public:
  /// `on_result` is called from the workers, one call at a time.
  Uploader(TransportFactory transports, UploaderOptions options,
           std::function<void(UploadResult)> on_result);
  /// Gives up what is not sent.
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  /// Throws the error that stopped a worker.
  void add(ImportEvent event);
  /// Sends the rest and waits until all is applied. `tick` is called about ten times a second.
  void finish(const std::function<void()>& tick);
  uint64_t events_sent() const;

 private:
  struct Request {
    std::string name;
    std::string body;
    std::vector<uint64_t> lines;
  };
  void release(Request& request);
  void complete(Request request);
  void enqueue(Request request);
  void flush_all();
  void work();
  void deliver(ImportTransport& transport, const Request& request, const std::string& path);
  ImportReply post_until_taken(ImportTransport& transport, const std::string& path,
                               const std::string& body);
  bool wait_unless_stopped(std::chrono::milliseconds time);
  void settle(const Request& request, const std::string& reply);
  void stop();

  TransportFactory transports_;
  UploaderOptions options_;
  std::function<void(UploadResult)> on_result_;
  std::map<std::string, Request> pending_;
  size_t pending_bytes_ = 0;
  std::optional<Request> held_;  // the newest complete one, so that a last one is there to wait on

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  size_t in_flight_ = 0;
  bool stopping_ = false;
  uint64_t events_sent_ = 0;
  std::exception_ptr failure_;
  std::mutex result_mutex_;
  std::vector<std::thread> workers_;
};

}  // namespace rapport
