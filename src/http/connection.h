// What the server knows of a connection without knowing its kind of stream, and the io thread it
// lives on. Internal to http/.
//
// Everything here runs on the worker's thread. Deadlines are not timers: a connection writes down
// when its current wait ends, and the worker looks through its connections several times a second.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "http/dispatch.h"
#include "runtime/task.h"

namespace rapport {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsStream = asio::ssl::stream<Socket>;
using SteadyTime = std::chrono::steady_clock::time_point;

class HttpConnection;

struct Worker {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread;
  std::list<HttpConnection*> connections;
  int64_t date_second = -1;
  std::string date;

  /// IMF-fixdate of now; formatted once a second.
  const std::string& http_date(Timestamp now);
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ServerCore& core, std::shared_ptr<Worker> worker);
  virtual ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// Called by the worker's look-through.
  void check_deadline(SteadyTime now);
  /// Ends the connection now if it only waits for a next request.
  void end_if_idle();
  /// Gives up whatever it waits for.
  void force_end();
  /// Closes the socket, so whatever it waits for fails.
  virtual void abort() = 0;
  /// Something the coroutine waits for besides the socket may have happened.
  virtual void wake() = 0;

 protected:
  void expect_within(std::chrono::milliseconds wait);
  void expect_nothing() { deadline_ = SteadyTime::max(); }

  ServerCore& core_;
  const std::shared_ptr<Worker> worker_;
  SteadyTime deadline_ = SteadyTime::max();
  bool idle_ = false;
  bool expired_ = false;
  bool handling_ = false;  // waits for the handler, not for the socket

 private:
  std::list<HttpConnection*>::iterator place_;
};

/// Serves requests until the peer leaves, a deadline passes or the server stops.
Task<> serve_plain(ServerCore* core, std::shared_ptr<Worker> worker, Socket socket);
Task<> serve_tls(ServerCore* core, std::shared_ptr<Worker> worker, TlsStream stream);

}  // namespace rapport
