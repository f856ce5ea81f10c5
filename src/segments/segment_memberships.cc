#include "segments/segment_memberships.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <roaring/roaring64map.hh>

#include "base/error.h"
#include "base/limits/segment_engine.h"

// The iterators compare by members that are not const, which C++20 lets stand either way around.
#ifdef __clang__
#pragma clang diagnostic ignored "-Wambiguous-reversed-operator"
#endif

namespace rapport {

CustomerSet::CustomerSet() : bitmap_(std::make_unique<Roaring64Map>()) {}
CustomerSet::CustomerSet(const Roaring64Map& bitmap)
    : bitmap_(std::make_unique<Roaring64Map>(bitmap)) {}
CustomerSet::~CustomerSet() = default;
CustomerSet::CustomerSet(CustomerSet&&) noexcept = default;
CustomerSet& CustomerSet::operator=(CustomerSet&&) noexcept = default;

void CustomerSet::add(CustomerId customer) {
  bitmap_->add(customer.value);
}
bool CustomerSet::contains(CustomerId customer) const {
  return bitmap_->contains(customer.value);
}
uint64_t CustomerSet::size() const {
  return bitmap_->cardinality();
}
void CustomerSet::each(const std::function<void(CustomerId)>& visit) const {
  for (const uint64_t id : *bitmap_) visit(CustomerId{id});
}

struct SegmentMemberships::Bitmap {
  Roaring64Map members;
  uint64_t size = 0;  // counting a bitmap costs a walk
};

SegmentMemberships::SegmentMemberships() = default;
SegmentMemberships::~SegmentMemberships() = default;

const SegmentMemberships::Bitmap* SegmentMemberships::live_of(WorkspaceId workspace,
                                                              SegmentId segment) const {
  static const Bitmap kEmpty;
  const auto entry = directory_.find({workspace, segment});
  if (entry == directory_.end() || !entry->second.live) return nullptr;
  const auto found = bitmaps_.find(*entry->second.live);
  return found == bitmaps_.end() ? &kEmpty : found->second.get();
}

SegmentProgress SegmentMemberships::progress(WorkspaceId workspace, SegmentId segment) const {
  const std::shared_lock lock(mutex_);
  const auto entry = directory_.find({workspace, segment});
  if (entry == directory_.end()) return {false, true, 0.0, 0};
  SegmentProgress progress;
  progress.live = entry->second.live.has_value();
  progress.computing = entry->second.next.has_value();
  progress.fraction = entry->second.fraction;
  if (const Bitmap* bitmap = live_of(workspace, segment)) progress.size = bitmap->size;
  return progress;
}

std::vector<std::pair<SegmentId, double>> SegmentMemberships::computing(
    WorkspaceId workspace) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<SegmentId, double>> out;
  for (auto entry = directory_.lower_bound({workspace, SegmentId{}});
       entry != directory_.end() && entry->first.first == workspace; ++entry) {
    if (entry->second.next) out.emplace_back(entry->first.second, entry->second.fraction);
  }
  return out;
}

std::optional<uint64_t> SegmentMemberships::size(WorkspaceId workspace, SegmentId segment) const {
  const std::shared_lock lock(mutex_);
  const Bitmap* bitmap = live_of(workspace, segment);
  return bitmap ? std::optional(bitmap->size) : std::nullopt;
}

std::optional<bool> SegmentMemberships::contains(WorkspaceId workspace, SegmentId segment,
                                                 CustomerId customer) const {
  const std::shared_lock lock(mutex_);
  const Bitmap* bitmap = live_of(workspace, segment);
  return bitmap ? std::optional(bitmap->members.contains(customer.value)) : std::nullopt;
}

std::optional<std::vector<CustomerId>> SegmentMemberships::page(WorkspaceId workspace,
                                                                SegmentId segment, CustomerId after,
                                                                size_t limit) const {
  const std::shared_lock lock(mutex_);
  const Bitmap* bitmap = live_of(workspace, segment);
  if (!bitmap) return std::nullopt;
  std::vector<CustomerId> out;
  auto at = bitmap->members.begin();
  const auto end = bitmap->members.end();
  if (bitmap->size > 0) at.move(after.value + 1);
  for (; at != end && out.size() < limit; ++at) out.push_back(CustomerId{*at});
  return out;
}

std::optional<CustomerSet> SegmentMemberships::snapshot(WorkspaceId workspace,
                                                        SegmentId segment) const {
  const std::shared_lock lock(mutex_);
  const Bitmap* bitmap = live_of(workspace, segment);
  if (!bitmap) return std::nullopt;
  return CustomerSet(bitmap->members);
}

void SegmentMemberships::publish(std::span<const MembershipChange> changes,
                                 const Directory* directory) {
  if (changes.empty() && !directory) return;
  const std::unique_lock lock(mutex_);
  for (const MembershipChange& change : changes) {
    std::unique_ptr<Bitmap>& bitmap = bitmaps_[change.slot];
    if (!bitmap) bitmap = std::make_unique<Bitmap>();
    if (change.in) {
      bitmap->size += bitmap->members.addChecked(change.customer.value) ? 1 : 0;
    } else {
      bitmap->size -= bitmap->members.removeChecked(change.customer.value) ? 1 : 0;
    }
  }
  if (!directory) return;
  directory_ = *directory;
  std::unordered_map<PartId, std::unique_ptr<Bitmap>> named;
  for (const auto& [key, entry] : directory_) {
    for (const auto& slot : {entry.live, entry.next}) {
      if (!slot) continue;
      const auto found = bitmaps_.find(*slot);
      if (found != bitmaps_.end()) named.emplace(*slot, std::move(found->second));
    }
  }
  bitmaps_ = std::move(named);
}

uint64_t SegmentMemberships::slot_size(PartId slot) const {
  const std::shared_lock lock(mutex_);
  const auto found = bitmaps_.find(slot);
  return found == bitmaps_.end() ? 0 : found->second->size;
}

bool SegmentMemberships::slot_contains(PartId slot, CustomerId customer) const {
  const std::shared_lock lock(mutex_);
  const auto found = bitmaps_.find(slot);
  return found != bitmaps_.end() && found->second->members.contains(customer.value);
}

void SegmentMemberships::each_difference(
    std::optional<PartId> before, PartId after,
    const std::function<void(CustomerId, bool in)>& visit) const {
  const std::shared_lock lock(mutex_);
  static const Roaring64Map kEmpty;
  const auto bitmap = [&](std::optional<PartId> slot) -> const Roaring64Map& {
    const auto found = slot ? bitmaps_.find(*slot) : bitmaps_.end();
    return found == bitmaps_.end() ? kEmpty : found->second->members;
  };
  const Roaring64Map& now = bitmap(after);
  for (const uint64_t id : bitmap(before) ^ now) visit(CustomerId{id}, now.contains(id));
}

// Each set marks its bit in a block of 65,536 customers, block by block of the ids that occur, so
// the cost is one pass over the members whatever the number of intersections.
std::vector<uint64_t> count_exact_overlaps(std::span<const CustomerSet> sets) {
  ENSURE(sets.size() <= limits::kMaxOverlap);
  std::vector<uint64_t> counts(size_t{1} << sets.size());
  constexpr uint64_t kBlock = 1 << 16;
  std::vector<uint8_t> marks(kBlock);
  std::vector<uint32_t> marked;
  using Iterator = ::Roaring64MapSetBitForwardIterator;
  std::vector<Iterator> at;
  std::vector<Iterator> end;
  for (const CustomerSet& set : sets) {
    at.push_back(set.bitmap().begin());
    end.push_back(set.bitmap().end());
  }
  while (true) {
    uint64_t block = UINT64_MAX;
    for (size_t i = 0; i < at.size(); ++i) {
      if (at[i] != end[i]) block = std::min(block, *at[i] / kBlock);
    }
    if (block == UINT64_MAX) return counts;
    for (size_t i = 0; i < at.size(); ++i) {
      for (; at[i] != end[i] && *at[i] / kBlock == block; ++at[i]) {
        uint8_t& mark = marks[*at[i] % kBlock];
        if (mark == 0) marked.push_back(static_cast<uint32_t>(*at[i] % kBlock));
        mark = static_cast<uint8_t>(mark | (1U << i));
      }
    }
    for (const uint32_t place : marked) {
      ++counts[marks[place]];
      marks[place] = 0;
    }
    marked.clear();
  }
}

}  // namespace rapport
