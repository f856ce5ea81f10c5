// SegmentStates: the customers' segment states in state.db, read when an event concerns them and
// written once a batch, and the moments at which they change by themselves.
//
// A row's `due` is never later than the first moment at which one of its leaves may change; it may
// be earlier (a later event has moved that moment), which costs a look when it comes and no more.
// The nearest moments are kept in memory, the others in the table's index, so their number is not
// bounded by memory. Concurrency: the projector's thread, inside its transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "segments/segment_state.h"
#include "storage/state_store.h"

namespace rapport {

inline constexpr int64_t kNeverUs = std::numeric_limits<int64_t>::max();

struct CustomerSegments {
  WorkspaceId workspace;
  SegmentState state;
  int64_t due_us = kNeverUs;
  uint64_t generation = 0;  // of the registry when stale numbers were last dropped

 private:
  friend class SegmentStates;
  CustomerId customer_;
  int64_t stored_due_us_ = kNeverUs;
  bool stored_ = false;
  bool dirty_ = false;
};

class SegmentStates {
 public:
  /// The customer's state, empty when nothing is kept. Valid until the next `flush`, `trim` or
  /// `clear`.
  CustomerSegments& get(Connection& state, WorkspaceId workspace, CustomerId customer);
  /// Says that it will be written; call before changing `due_us` by `set_due`.
  void touch(CustomerSegments& segments);
  void set_due(CustomerId customer, CustomerSegments& segments, int64_t due_us);
  /// Of a customer that has become another's.
  void erase(CustomerId customer, CustomerSegments& segments);

  struct Moment {
    int64_t at_us = 0;
    CustomerId customer;
    WorkspaceId workspace;
  };
  /// The first moment not after `until_us`.
  std::optional<Moment> first_due(Connection& state, int64_t until_us);
  /// The next moment there is, as far as read: kNeverUs when there is none.
  int64_t next_due(Connection& state);

  void flush(Connection& state);
  /// Forgets clean states when many are held.
  void trim();
  void clear();

 private:
  void refill(Connection& state);
  void shorten_front();

  std::unordered_map<CustomerId, CustomerSegments> held_;
  std::vector<CustomerSegments*> dirty_;  // of those held, each once
  // Every moment up to `front_end_us_`, of rows written or not.
  std::set<std::pair<int64_t, uint64_t>> front_;
  int64_t front_end_us_ = std::numeric_limits<int64_t>::min();
};

std::string_view segment_states_schema();

/// One row for readers of other threads.
struct StoredSegmentState {
  WorkspaceId workspace;
  int64_t due_us = kNeverUs;
  SegmentState state;
};
std::optional<StoredSegmentState> read_segment_state(Connection& state, CustomerId customer);
/// Visits every row.
void each_segment_state(Connection& state,
                        const std::function<void(CustomerId, WorkspaceId, SegmentState)>& visit);

}  // namespace rapport
