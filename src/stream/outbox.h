// Outbox: intents ("send message M") that stages write with the state they follow from.
//
// A row lives from the event that wanted the effect to the event that says how it ended; both are
// applied by the projector, so the outbox is a projection like everything else. The Dispatcher
// reads it, carries intents out and appends what happened to the log; it never writes here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "storage/state_store.h"

namespace rapport {

/// A line of intents that keep their order and may be held together.
struct LaneKey {
  WorkspaceId workspace;
  uint64_t group = 0;  // what the intents belong to, as their source numbers it
  uint64_t part = 0;
  auto operator<=>(const LaneKey&) const = default;
};

struct Intent {
  uint64_t id = 0;  // from the offset of the event that wanted it; the order of the outbox
  WorkspaceId workspace;
  std::string kind;      // "message"
  uint64_t subject = 0;  // what it is about: the message id
  int attempts = 0;      // ended so far without success
  Timestamp not_before;
  bool interrupted = false;  // an earlier process may have carried it out already
  size_t source = 0;         // where it waited, set by the dispatcher
  LaneKey lane;
};

/// Where intents wait for the Dispatcher, which calls it under its own lock.
class IntentSource {
 public:
  virtual ~IntentSource() = default;
  /// Lanes that have intents, due or not.
  virtual std::vector<LaneKey> list_lanes(Connection& state) = 0;
  /// Intents due at `now` behind `after` (null: from the first), in order.
  virtual std::vector<Intent> list_due(Connection& state, const LaneKey& lane, const Intent* after,
                                       Timestamp now, size_t limit) = 0;
  /// Whether one more of the lane may start now; true counts it as started.
  virtual bool admit(const LaneKey&, Timestamp /*now*/) { return true; }
  /// Goes before others, and may use every worker.
  virtual bool urgent(const LaneKey&) const { return false; }
};

/// The outbox as a source: a lane a workspace.
class OutboxSource final : public IntentSource {
 public:
  std::vector<LaneKey> list_lanes(Connection& state) override;
  std::vector<Intent> list_due(Connection& state, const LaneKey& lane, const Intent* after,
                               Timestamp now, size_t limit) override;
};

namespace outbox {

std::span<const Migration> migrations();
/// `kind` + `subject` are unique in a workspace; adding again changes nothing.
void add(Connection& state, Offset cause, WorkspaceId workspace, std::string_view kind,
         uint64_t subject, Timestamp not_before);
/// After a failed attempt that will be tried again.
void defer(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject,
           Timestamp not_before);
/// Not before a time, without an attempt.
void hold(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject,
          Timestamp not_before);
void remove(Connection& state, WorkspaceId workspace, std::string_view kind, uint64_t subject);
/// Workspaces that have intents, due or not, by id.
std::vector<WorkspaceId> list_workspaces(Connection& state);
/// Intents of one workspace due at `now` with an id above `after`, in order.
std::vector<Intent> list_due(Connection& state, WorkspaceId workspace, uint64_t after,
                             Timestamp now, size_t limit);
/// When the next one that is not due at `now` becomes so.
std::optional<Timestamp> next_due(Connection& state, Timestamp now);
int64_t count(Connection& state);

}  // namespace outbox
}  // namespace rapport
