// Stage: what one module does with each event. The projector runs all stages, in a fixed order,
// over a batch of the log inside one transaction of the StateStore.
//
// A stage reads state, keeps what changes in memory during the batch, and writes it in `flush`. It
// is deterministic: everything comes from the event and from state that earlier events made; no
// clock, no chance, nothing of how the log was cut into batches. Then replay ends in the same
// contents. Concurrency: the projector's thread only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/state_store.h"
#include "storage/warehouse.h"
#include "stream/event.h"
#include "stream/payload.h"
#include "stream/text_arena.h"

namespace rapport {

/// One event on its way through the stages.
struct StagedEvent {
  Offset offset = 0;
  Event event;
  /// The item's JSON, parsed once for all stages; there while the event is applied, not in `begin`.
  const Payload* payload = nullptr;
  /// Set by the identity stage; 0 for rejected events.
  CustomerId customer;
  /// Profiles that this event merged into `customer`: later stages move what they keep of them.
  std::vector<CustomerId> merged;
};

/// What the stages of one batch share.
struct StageBatch {
  Connection& state;
  WarehouseBatch& warehouse;
  /// Keeps text alive until the batch is written, for warehouse rows that do not point into
  /// records.
  TextArena& texts;

  std::string_view keep(std::string_view text) { return texts.keep(text); }
};

class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string_view name() const = 0;
  /// Schema of what the stage keeps in state.db.
  virtual std::span<const Migration> migrations() const { return {}; }
  /// Sees the whole batch before the first `apply`, to read ahead in one go.
  virtual void begin(std::span<StagedEvent>, StageBatch&) {}
  virtual void apply(StagedEvent& event, StageBatch& batch) = 0;
  /// Writes what was gathered. Runs once a batch, after every stage applied every event.
  virtual void flush(StageBatch&) {}
  /// After the commit, or after a rollback (then caches that this batch touched must be dropped).
  virtual void settled(bool /*committed*/) {}
};

}  // namespace rapport
