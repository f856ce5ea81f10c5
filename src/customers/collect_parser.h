// Turns what tracking clients send into log events: the rules of the tracking API, without I/O.
//
// Operation: `parse` reads one body (single event or batch), fills what the server must fill,
// corrects clock skew and encodes. A bad event never costs the others: it becomes a Rejection, and
// a record that keeps it with its reason. Only a body that is not JSON, or too large, throws.
// Concurrency: a parser is one thread's; it keeps its buffers between bodies, that is its point.
// Limits: limits::kMaxEventBytes, kMaxBatchBytes, kMaxBatchEvents (client) or the kMaxImport… ones.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "runtime/random.h"
#include "stream/event.h"
#include "stream/log_writer.h"

namespace rapport {

struct Rejection {
  size_t index = 0;  // in the batch
  std::string field;
  std::string reason;
  std::string message_id;
};

/// What the route and the header say about a body.
struct CollectSource {
  std::optional<EventType> type;  // of a single event; null: a batch
  EventOrigin origin = EventOrigin::kClient;
  bool client_side = false;  // short path or pixel: sent by a browser or an app
  Timestamp received_at;
  std::string remote_ip;
  std::string header_key;  // write key from the header or the query, may be empty
};

struct CollectResult {
  bool known_key = false;
  std::vector<NewEvent> events;  // the good ones, then one record for each rejection
  size_t good = 0;
  size_t clamped = 0;  // timestamps that lay in the future
  std::vector<Rejection> rejections;
};

/// Workspace of a write key; null when there is none.
using KeyResolver = std::function<std::optional<WorkspaceId>(std::string_view write_key)>;

class CollectParser {
 public:
  CollectParser();
  ~CollectParser();

  /// Throws kInvalidArgument for a body that is not one JSON object, or is over its limit. `random`
  /// makes the message ids that are missing.
  CollectResult parse(std::string_view body, const CollectSource& source,
                      const KeyResolver& resolve, Random& random);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `timestamp` a client meant, on our clock: received − (sent − original), never after `received`.
Timestamp correct_clock_skew(std::optional<Timestamp> original, std::optional<Timestamp> sent,
                             Timestamp received, bool& clamped);

}  // namespace rapport
