#include "messaging/campaigns/just_sent.h"

#include "base/limits/campaigns.h"

namespace rapport {

void JustSent::note(MessageId message, Timestamp at) {
  if (span_.count() == 0) return;
  const std::lock_guard lock(mutex_);
  last_[message.value] = at;
  order_.emplace_back(message.value, at);
  while (!order_.empty() &&
         (order_.size() > limits::kMaxJustSent || at - order_.front().second > span_)) {
    const auto& [oldest, noted] = order_.front();
    // It may have been noted again since; then a later entry stands for it.
    const auto it = last_.find(oldest);
    if (it != last_.end() && it->second == noted) last_.erase(it);
    order_.pop_front();
  }
}

bool JustSent::is(MessageId message, Timestamp at) const {
  if (span_.count() == 0) return false;
  const std::lock_guard lock(mutex_);
  const auto it = last_.find(message.value);
  return it != last_.end() && at - it->second <= span_;
}

}  // namespace rapport
