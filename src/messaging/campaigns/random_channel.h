// A channel for tests that says yes, later and no by chance, and remembers who got what.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "messaging/channel.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace rapport {

/// Accepts, defers and refuses as a generator says, and remembers who got what.
class RandomChannel final : public Channel {
 public:
  explicit RandomChannel(const Clock& clock) : clock_(clock) {}
  std::string_view name() const override { return "email"; }
  DeliveryOutcome send(const Delivery& d, size_t) override {
    attempts[d.message.customer].push_back(clock_.now());
    const uint64_t draw = random->below(100);
    if (draw < retry_percent) return {DeliveryStatus::kRetry, "451 later", ""};
    if (draw < retry_percent + fail_percent) return {DeliveryStatus::kFailed, "550 no", ""};
    ids[d.message.customer].insert(d.message.id);
    ++accepted[d.message.customer];
    subjects[d.message.customer] = d.content.subject;
    return {DeliveryStatus::kSent, "", d.content.subject};
  }

  std::unique_ptr<SeededRandom> random = std::make_unique<SeededRandom>(1);
  uint64_t retry_percent = 0;
  uint64_t fail_percent = 0;
  std::map<CustomerId, std::vector<Timestamp>> attempts;
  std::map<CustomerId, std::set<MessageId>> ids;
  std::map<CustomerId, int> accepted;
  std::map<CustomerId, std::string> subjects;

 private:
  const Clock& clock_;
};

}  // namespace rapport
