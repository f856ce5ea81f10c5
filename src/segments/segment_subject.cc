#include "segments/segment_subject.h"

namespace rapport {
namespace {

constexpr std::string_view kReadTrait =
    "SELECT value FROM customer_traits WHERE customer = $1 AND name = $2";

}  // namespace

std::optional<std::string_view> SegmentSubject::read_trait(std::string_view name) {
  auto known = traits_.find(name);
  if (known == traits_.end()) {
    known = traits_
                .emplace(std::string(name),
                         connection_.find(
                             kReadTrait, [](Statement& row) { return std::string(row.text(0)); },
                             customer, name))
                .first;
  }
  if (!known->second) return std::nullopt;
  return std::string_view(*known->second);
}

bool SegmentSubject::leaf_value(const LiveLeaf& leaf) const {
  if (leaf.spec.kind == LeafKind::kBucket) return evaluate_leaf(leaf, this->leaf(), at_us);
  return state.leaf(leaf.id) != leaf.initial;
}

bool SegmentSubject::holds(const LiveVersion& version) const {
  return version.program.evaluate([&](size_t leaf) { return leaf_value(*version.leaves[leaf]); });
}

}  // namespace rapport
