// SegmentMemberships: who is in each segment at the last commit of the projector, in memory.
//
// One Roaring bitmap of customer ids a membership; the engine publishes what a batch changed after
// its commit, readers of any thread see one commit at a time. A segment that is being computed for
// the first time has no live membership yet; one being edited keeps the old one until the new is
// ready. Memory: some two bytes a member. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "segments/segment_state.h"

class Roaring64Map;

namespace rapport {

/// A set of customers that shares nothing with the engine.
class CustomerSet {
 public:
  CustomerSet();
  explicit CustomerSet(const ::Roaring64Map& bitmap);
  ~CustomerSet();
  CustomerSet(CustomerSet&&) noexcept;
  CustomerSet& operator=(CustomerSet&&) noexcept;

  void add(CustomerId customer);
  bool contains(CustomerId customer) const;
  uint64_t size() const;
  void each(const std::function<void(CustomerId)>& visit) const;
  const ::Roaring64Map& bitmap() const { return *bitmap_; }

 private:
  std::unique_ptr<::Roaring64Map> bitmap_;
};

struct SegmentProgress {
  bool live = false;       // there is a membership to read
  bool computing = false;  // a new one is being made
  double fraction = 1.0;   // of it
  uint64_t size = 0;
};

/// One customer entering or leaving one membership.
struct MembershipChange {
  PartId slot = 0;
  CustomerId customer;
  bool in = false;
};

class SegmentMemberships {
 public:
  SegmentMemberships();
  ~SegmentMemberships();

  SegmentProgress progress(WorkspaceId workspace, SegmentId segment) const;
  /// Segments of which a new membership is being made, and how far it is.
  std::vector<std::pair<SegmentId, double>> computing(WorkspaceId workspace) const;
  /// Null when the segment has no live membership, as in every question below.
  std::optional<uint64_t> size(WorkspaceId workspace, SegmentId segment) const;
  std::optional<bool> contains(WorkspaceId workspace, SegmentId segment, CustomerId customer) const;
  /// Up to `limit` members with an id above `after`, by id.
  std::optional<std::vector<CustomerId>> page(WorkspaceId workspace, SegmentId segment,
                                              CustomerId after, size_t limit) const;
  std::optional<CustomerSet> snapshot(WorkspaceId workspace, SegmentId segment) const;

  // What follows is the engine's.

  struct Entry {
    std::optional<PartId> live;
    std::optional<PartId> next;
    double fraction = 1.0;
  };
  using Directory = std::map<std::pair<WorkspaceId, SegmentId>, Entry>;

  /// One commit: `changes` in order, then the new directory; memberships it does not name go.
  void publish(std::span<const MembershipChange> changes, const Directory* directory);
  /// Reads on the engine's thread, of what was published.
  uint64_t slot_size(PartId slot) const;
  bool slot_contains(PartId slot, CustomerId customer) const;
  /// Customers in exactly one of the two, by id, and whether in the second.
  void each_difference(std::optional<PartId> before, PartId after,
                       const std::function<void(CustomerId, bool in)>& visit) const;

 private:
  struct Bitmap;
  const Bitmap* live_of(WorkspaceId workspace, SegmentId segment) const;

  mutable std::shared_mutex mutex_;
  std::unordered_map<PartId, std::unique_ptr<Bitmap>> bitmaps_;
  Directory directory_;
};

/// Sizes of every intersection of up to limits::kMaxOverlap sets: entry m counts the customers who
/// are in exactly the sets whose bits m has (entry 0 is not counted).
std::vector<uint64_t> count_exact_overlaps(std::span<const CustomerSet> sets);

}  // namespace rapport
