// SegmentStage: follows every event and keeps the membership of every segment exact.
//
// Operation: an event that concerns a live condition is added to its customer's state, the leaves
// it can change are evaluated, and segments whose leaves changed after them; a change becomes a row
// of the ledger and, after the commit, part of the memberships that readers see. Time is the
// latest `received_at` of the log: each event first fires, in order and at their own instants, the
// moments that have come since the one before; when no event comes, a "Time Reached" does. A
// definition's membership is computed beside the live one, customers by range ("Segment Filled"),
// from the warehouse, which holds all events before such an event as it begins a batch of its own;
// "Segment Ready" switches and tells the difference. After IdentityStage and ProfileStage.
// Concurrency: the projector's thread; `load` before it starts; `offer`, `next_due`, `now` from
// any. Limits: limits::kMaxDueMoments moments an event; what is left follows with the next.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "segments/segment_ledger.h"
#include "segments/segment_memberships.h"
#include "segments/segment_registry.h"
#include "segments/segment_states.h"
#include "segments/segment_subject.h"
#include "stream/batch_border.h"
#include "stream/stage.h"

namespace rapport {

/// One event of a customer, for a fill.
struct FillRow {
  CustomerId customer;
  Offset offset = 0;
  int64_t at_us = 0;
  std::string name;
  std::string properties;
  bool own = false;  // the program itself wrote it
};
/// The events of one fill's customers, read ahead.
struct FillRows {
  SegmentFill fill;
  std::vector<FillRow> rows;  // by customer
};

/// Asks the warehouse for the events that `names` name, of customers above `after` up to `through`,
/// by customer.
std::vector<FillRow> read_fill_rows(const Warehouse& warehouse, WorkspaceId workspace,
                                    const std::vector<EventNames>& names, CustomerId after,
                                    CustomerId through);
/// The names of the events that a condition looks at.
std::vector<EventNames> event_names(const SegmentProgram& program);

/// Names of events as one condition of SQL over the events table; `parameters` grows.
std::string event_names_sql(const std::vector<EventNames>& names,
                            std::vector<WarehouseValue>& parameters);
/// Where the projection's time stands in state.db, in microseconds.
int64_t read_segment_time(Connection& state);

class SegmentStage final : public Stage, public BatchBorder {
 public:
  /// `memberships` must outlive the stage.
  explicit SegmentStage(SegmentMemberships& memberships) : memberships_(memberships) {}
  /// Where fills read; before the first event.
  void read_from(const Warehouse& warehouse) { warehouse_ = &warehouse; }

  std::string_view name() const override { return "segment_engine"; }
  std::span<const Migration> migrations() const override;
  bool begins_batch(const Event& event) const override;
  void begin(std::span<StagedEvent> events, StageBatch& batch) override;
  void apply(StagedEvent& event, StageBatch& batch) override;
  void flush(StageBatch& batch) override;
  void settled(bool committed) override;

  /// Makes the memberships of the stored state readable; after the migrations.
  void load(const StateStore& state);
  /// Spares the fill of these bounds its question.
  void offer(FillRows rows);
  /// No membership changes by itself before this; Timestamp::max() when none ever does.
  Timestamp next_due() const { return from_micros(next_due_us_.load()); }
  /// Where the projection's time stands.
  Timestamp now() const { return from_micros(now_us_.load()); }

 private:
  struct Cause {
    ChangeCause kind = ChangeCause::kEvent;
    Offset offset = 0;
    std::string detail;
  };
  struct Match;
  using Leaves = std::vector<LiveLeaf*>;
  using Versions = std::vector<LiveVersion*>;

  // segment_stage.cc: the way of an event.
  void load(Connection& state);
  void publish_stored(Connection& state);
  SegmentMemberships::Directory make_directory() const;
  void fire_due(const StagedEvent& event, StageBatch& batch, int64_t before_us);
  void apply_customer(const StagedEvent& event, StageBatch& batch, LiveSegments& world);
  Match match(const StagedEvent& event, const LiveSegments& world) const;
  void take_over(const StagedEvent& event, StageBatch& batch, LiveSegments& world,
                 CustomerSegments& segments);
  Leaves timed_leaves(const LiveSegments& world, const SegmentState& state) const;
  CustomerSegments& open(Connection& state, const LiveSegments& world, CustomerId customer);
  void prune(const LiveSegments& world, SegmentState& state) const;
  /// Evaluates the leaves; returns those that changed, and brings the next moment nearer.
  Leaves update_leaves(const SegmentSubject& subject, CustomerSegments& segments,
                       const Leaves& leaves);
  void update_versions(const SegmentSubject& subject, CustomerSegments& segments,
                       const Versions& versions, bool created, const Cause& cause);
  void tell(LiveVersion& version, CustomerId customer, bool in, int64_t at_us, const Cause& cause);

  // segment_fill.cc: definitions and how they become live.
  void apply_own(const StagedEvent& event, StageBatch& batch);
  void apply_filled(const StagedEvent& event, StageBatch& batch);
  std::vector<FillRow> rows_of(const SegmentFill& fill, const Versions& versions);
  void fill_customer(StageBatch& batch, LiveSegments& world, CustomerId customer,
                     std::span<const FillRow> rows, const Versions& versions, const Leaves& leaves);
  void apply_ready(const StagedEvent& event, StageBatch& batch);

  SegmentMemberships& memberships_;
  const Warehouse* warehouse_ = nullptr;
  SegmentRegistry registry_;
  SegmentStates states_;
  SegmentLedger ledger_;
  std::vector<MembershipChange> changes_;  // of this batch
  bool directory_changed_ = false;
  bool loaded_ = false;
  bool published_ = false;
  int64_t time_us_ = 0;
  int64_t batch_next_due_us_ = kNeverUs;
  std::atomic<int64_t> now_us_{0};
  std::atomic<int64_t> next_due_us_{kNeverUs};
  std::mutex offer_mutex_;
  std::optional<FillRows> offered_;
};

/// None twice, in the order of their numbers.
void keep_distinct(std::vector<LiveLeaf*>& leaves);
/// Versions that ask any of the leaves, none twice.
std::vector<LiveVersion*> versions_of(const std::vector<LiveLeaf*>& leaves);

}  // namespace rapport
