// CollectService: takes what clients send, durably, and answers as the tracking API asks.
//
// Everything runs without blocking on the caller's io thread; the answer is sent from the log
// writer's or the projector's thread. An event is acknowledged only once it is on disk.
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "customers/collect_parser.h"
#include "http/message.h"
#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "stream/log_writer.h"
#include "stream/projector.h"

namespace rapport {

class CollectService {
 public:
  CollectService(LogWriter& writer, Projector& projector, KeyResolver resolve, const Clock& clock,
                 Random& random, MetricsRegistry& metrics);

  /// `type` null: a batch. `short_path`: a path that only browsers and apps use.
  void collect(std::shared_ptr<Request> request, std::optional<EventType> type, bool short_path,
               ResponseSender send);
  /// History through the management API: larger limits, times as they are.
  void import(std::shared_ptr<Request> request, ResponseSender send);
  /// Answers with a pixel whatever happens.
  void pixel(std::shared_ptr<Request> request, EventType type, ResponseSender send);

 private:
  void accept(std::shared_ptr<Request> request, CollectResult result, ResponseSender send,
              std::function<Response(const AppendResult&)> present);

  LogWriter& writer_;
  Projector& projector_;
  KeyResolver resolve_;
  const Clock& clock_;
  Random& random_;
  Counter& accepted_;
  Counter& duplicates_;
  Counter& rejected_;
  Counter& unknown_key_;
  Counter& clamped_;
};

/// The write key of a request's header or query, empty when there is none: Basic, X-Write-Key,
/// `writeKey`. A Bearer token is not one; such clients carry the key in the body.
std::string header_write_key(const Request& request);

/// An error as the tracking API answers it: a body that is too large or in an unknown coding is a
/// 400 like any other that cannot be read. With the CORS headers, without which a browser client
/// sees a network failure and tries the same again.
Response collect_refusal(const Request& request, const Error& error);

/// 1×1 transparent GIF.
Response pixel_response();

/// `Response` with the CORS headers of collect for this request's origin.
Response with_cors(const Request& request, Response response);

}  // namespace rapport
