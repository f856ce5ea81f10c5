#include "segments/sequence_matcher.h"

#include <algorithm>

namespace rapport {

SequenceMatcher::SequenceMatcher(const SequenceCondition& condition)
    : reached_(condition.steps.size()) {
  for (const SequenceStep& step : condition.steps) gaps_.push_back(step.max_gap);
}

void SequenceMatcher::add(const SequenceEvent& event) {
  // From the last step down, so that one event is not two steps.
  for (size_t i = reached_.size(); i-- > 0;) {
    const uint32_t bit = uint32_t{1} << i;
    std::optional<Reached> now;
    if ((event.steps & bit) != 0) {
      if (i == 0) {
        now = Reached{event.at, event.at};
      } else if (reached_[i - 1] && (!gaps_[i] || event.at - reached_[i - 1]->at <= *gaps_[i])) {
        now = Reached{event.at, reached_[i - 1]->start};
      }
    }
    // What must not stand before step i ends the chains that wait for it; this event itself may
    // begin or continue one again below.
    if (i > 0 && (event.without & bit) != 0) reached_[i - 1].reset();
    if (now) reached_[i] = now;
  }
  if (const auto& last = reached_.back(); last && last->at == event.at) {
    latest_start_ = std::max(latest_start_.value_or(last->start), last->start);
  }
}

void SequenceMatcher::clear() {
  std::fill(reached_.begin(), reached_.end(), std::nullopt);
  latest_start_.reset();
}

}  // namespace rapport
